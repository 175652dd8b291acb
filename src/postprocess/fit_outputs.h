// Whether a network's outputs are what its description says.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "src/base/result.h"
#include "src/flow/task.h"
#include "src/flow/tensor.h"

namespace sightline::postprocess {

// `outputs` with room for what a run gives where the model leaves it open: of finished boxes the batch comes
// first, and there are as many as the description says (kUsualBoxes where it doesn't). Other decoders leave
// them as they are. Fails as FitOutputs where an output is missing.
Result<std::vector<TensorInfo>> WithRoom(const TaskSpec& task, std::span<const TensorInfo> outputs);

// For each tensor the decoder reads, in its order, which of `outputs` it is. Fails as Detector::Create.
Result<std::vector<size_t>> FitOutputs(const TaskSpec& task, std::span<const TensorInfo> outputs);

// How many columns of classes the outputs have, where the description leaves it open (task.classes is 0); 0
// where the outputs don't say.
int ClassesIn(const DetectionSpec& spec, std::span<const TensorInfo> outputs);

}  // namespace sightline::postprocess
