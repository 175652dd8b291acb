// Scores to the best classes, and class numbers to names.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/classification.h"
#include "src/flow/task.h"

namespace sightline::postprocess {

// Writes the k best of `scores` to out[0..k), best first; of equal scores the lower index comes first. With
// fewer than k classes the rest of `out` gets index -1. kProbabilities: scores are passed on as they are;
// kLogits: they are turned into probabilities by a softmax over all classes (exp(s - max) / sum, which cannot
// overflow). A score that is NaN or infinite, or no scores at all, is kInternal: the network's output is not
// usable. Allocates nothing. Callers see to it that 0 < k <= out.size().
Status TopK(std::span<const float> scores, int k, OutputKind kind, std::span<ClassScore> out);

// Reads class names, one a line, in the order of the classes. Carriage returns, a byte order mark and blank
// lines at the end are dropped; a blank line in between is an error, for the numbering would shift.
Result<std::vector<std::string>> ReadLabels(const std::filesystem::path& path);

// The names of `classes` classes. A list without the background class fits a network that has it as class 0
// (`has_background_class`, TF-slim's 1001) and gets "background" put in front; a list with it fits one
// without and loses it. Other counts are kInvalidArgument.
Result<std::vector<std::string>> FitLabels(std::vector<std::string> labels, int classes,
                                           bool has_background_class);

}  // namespace sightline::postprocess
