// Class numbers to names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace sightline::postprocess {

// Reads class names, one a line, in the order of the classes. Carriage returns, a byte order mark and blank
// lines at the end are dropped; a blank line in between is an error, for the numbering would shift.
Result<std::vector<std::string>> ReadLabels(const std::filesystem::path& path);

// The names of `classes` classes. A list without the background class fits a network that has it as class 0
// (`has_background_class`, TF-slim's 1001) and gets "background" put in front; a list with it fits one
// without and loses it. Other counts are kInvalidArgument.
Result<std::vector<std::string>> FitLabels(std::vector<std::string> labels, int classes,
                                           bool has_background_class);

}  // namespace sightline::postprocess
