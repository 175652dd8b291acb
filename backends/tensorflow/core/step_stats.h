// The time of each operator of one run, out of the RunMetadata that TensorFlow gives
// (tensorflow/core/framework/step_stats.proto).
#pragma once

#include <string_view>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::tensorflow {

// One entry per operator, summed over its calls, in the order of their first start. Operators that Grappler
// fused appear under the name of one of them. begin_ns is left out: TensorFlow stamps wall time. Damaged
// bytes give what could be read before the damage.
std::vector<kit::LayerTime> ReadLayerTimes(std::string_view run_metadata);

}  // namespace sightline::tensorflow
