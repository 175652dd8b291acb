// Ways in which a measurement can mislead, by name. docs/measuring.md explains each; a test holds the two
// together.
#pragma once

#include <string_view>
#include <vector>

#include "src/flow/run_result.h"

namespace sightline::analyze {

// Those that hold for `result`, worst first. `task_assumed`: nobody described the model's preprocessing.
std::vector<Finding> FindProblems(const RunResult& result, bool task_assumed);

// All names there are.
std::vector<std::string_view> FindingNames();

}  // namespace sightline::analyze
