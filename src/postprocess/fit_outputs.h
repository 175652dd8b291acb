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

}  // namespace sightline::postprocess
