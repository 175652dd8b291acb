// Scores to the best classes.
#pragma once

#include <span>

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

}  // namespace sightline::postprocess
