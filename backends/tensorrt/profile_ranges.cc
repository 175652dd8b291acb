#include "backends/tensorrt/profile_ranges.h"

namespace sightline::tensorrt {
namespace {

kit::Status CheckFixed(const kit::TensorInfo& tensor, const char* role) {
  if (!tensor.dynamic()) return kit::Ok();
  return kit::Unsupported("the shape of ", role, " '", tensor.name, "' is ",
                          kit::DimsText(tensor.dims.data(), static_cast<int>(tensor.dims.size())),
                          "; the TensorRT backend takes networks whose sizes are fixed but for the batch");
}

bool OpenBatch(const kit::TensorInfo& tensor) {
  return !tensor.dims.empty() && tensor.dims[0] == SL_DIM_BATCH;
}

}  // namespace

kit::Result<std::vector<InputRange>> RangesOf(const kit::EngineInfo& info, int max_batch) {
  for (const kit::TensorInfo& output : info.outputs) KIT_RETURN_IF_ERROR(CheckFixed(output, "output"));
  std::vector<InputRange> ranges;
  for (const kit::TensorInfo& input : info.inputs) {
    KIT_RETURN_IF_ERROR(CheckFixed(input, "input"));
    if (!OpenBatch(input)) continue;
    ranges.push_back({input.name, DimsAt(input, 1), DimsAt(input, max_batch), DimsAt(input, max_batch)});
  }
  return ranges;
}

std::vector<int64_t> DimsAt(const kit::TensorInfo& info, int64_t batch) {
  std::vector<int64_t> dims = info.dims;
  if (OpenBatch(info)) dims[0] = batch;
  return dims;
}

size_t BytesAt(const kit::TensorInfo& info, int64_t batch) {
  size_t bytes = kit::DataTypeBytes(info.type);
  for (const int64_t dim : DimsAt(info, batch)) bytes *= static_cast<size_t>(dim);
  return bytes;
}

}  // namespace sightline::tensorrt
