// The times of layers, out of the trace that ONNX Runtime writes
// (https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::onnxruntime {

// Of the last run in the trace, one entry per node in the order of their first start; a node without a name
// is called after its operator and position. Times are whole microseconds, as the trace has them.
// `run_begin_ns`: when that run began, which the trace stamps with a clock of its own; layers are placed from
// it. The error says what is wrong with the trace.
kit::Result<std::vector<kit::LayerTime>> LastRunOf(const std::string& trace, int64_t run_begin_ns);

}  // namespace sightline::onnxruntime
