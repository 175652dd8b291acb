// The sizes an engine is built for: TensorRT's optimization profile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::tensorrt {

// Of one input whose batch is open. `best` is what kernels are chosen for.
struct InputRange {
  std::string name;
  std::vector<int64_t> smallest;
  std::vector<int64_t> best;
  std::vector<int64_t> largest;
};

// Batches 1 to `max_batch`, best at `max_batch`, for each input with an open batch; inputs of fixed shape
// need no range. The error names an input or output of another open size, which this plugin does not take.
kit::Result<std::vector<InputRange>> RangesOf(const kit::EngineInfo& info, int max_batch);

// `info`'s dims with `batch` where they are open.
std::vector<int64_t> DimsAt(const kit::TensorInfo& info, int64_t batch);
// Bytes of a tensor with those dims.
size_t BytesAt(const kit::TensorInfo& info, int64_t batch);

}  // namespace sightline::tensorrt
