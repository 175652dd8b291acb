// What the first outputs of a network tell about a benchmark of it.
#pragma once

#include <span>
#include <vector>

#include "src/flow/run_result.h"

namespace sightline::analyze {

// `outputs`: of each picture all values the network gave, as many for each.
OutputFacts LookAtOutputs(std::span<const std::vector<float>> outputs);

}  // namespace sightline::analyze
