// How a session's tensors look from outside.
#pragma once

#include <optional>

#include "backends/kit/graph.h"
#include "backends/kit/kit.h"
#include "backends/onnxruntime/ort.h"

namespace sightline::onnxruntime {

// Inputs and outputs of `session`, in its order. `graph`, where there is one, is the same network: its shapes
// tell a batch from a size that the data decides, which a session's own do by names only.
kit::Result<kit::EngineInfo> Describe(const OrtSession& session, const SlGraph* graph);

// Nothing for types the ABI has no word for.
std::optional<SlDataType> FromOrt(ONNXTensorElementDataType type);
ONNXTensorElementDataType ToOrt(SlDataType type);

}  // namespace sightline::onnxruntime
