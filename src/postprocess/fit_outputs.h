// Whether a network's outputs are what its description says.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/task.h"
#include "src/flow/tensor.h"

namespace sightline::postprocess {

// For each tensor the decoder reads, in its order, which of `outputs` it is. Fails as Detector::Create.
Result<std::vector<size_t>> FitOutputs(const TaskSpec& task, std::span<const TensorInfo> outputs);

// How many columns of classes the outputs have, where the description leaves it open (task.classes is 0); 0
// where the outputs don't say.
int ClassesIn(const DetectionSpec& spec, std::span<const TensorInfo> outputs);

}  // namespace sightline::postprocess
