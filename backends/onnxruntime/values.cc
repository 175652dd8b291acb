#include "backends/onnxruntime/values.h"

#include <algorithm>
#include <cstring>

#include "backends/onnxruntime/describe.h"

namespace sightline::onnxruntime {
namespace {

bool SameMemory(const SlTensor& a, const SlTensor& b) {
  return a.data == b.data && a.bytes == b.bytes && a.rank == b.rank &&
         std::equal(a.dims, a.dims + a.rank, b.dims);
}

// The shape and size of what ONNX Runtime made, held to the memory the caller has for it.
kit::Status TakeShape(const OrtValue* value, const std::string& name, SlTensor& tensor, size_t& bytes) {
  OrtTensorTypeAndShapeInfo* made = nullptr;
  ORT_RETURN_IF_ERROR(Api().GetTensorTypeAndShape(value, &made));
  const ShapeInfoPtr shape(made);
  size_t rank = 0;
  size_t elements = 0;
  ORT_RETURN_IF_ERROR(Api().GetDimensionsCount(made, &rank));
  ORT_RETURN_IF_ERROR(Api().GetTensorShapeElementCount(made, &elements));
  if (rank > SL_MAX_RANK) return kit::Unsupported("output '", name, "' came out with ", rank, " dimensions");
  bytes = elements * kit::DataTypeBytes(tensor.data_type);
  if (bytes > tensor.bytes) {
    return kit::ResourceExhausted("output '", name, "' needs ", bytes, " bytes of memory and has ",
                                  tensor.bytes);
  }
  tensor.rank = static_cast<int32_t>(rank);
  return ToStatus(Api().GetDimensions(made, tensor.dims, rank));
}

}  // namespace

Values::Values(const std::vector<kit::TensorInfo>& infos) : raw_(infos.size(), nullptr) {
  for (const kit::TensorInfo& info : infos) {
    bound_.push_back({nullptr, {}, info.dynamic(), info.name});
    any_dynamic_ = any_dynamic_ || info.dynamic();
  }
}

kit::Status Values::Bind(std::span<const SlTensor> tensors, const OrtMemoryInfo* memory, bool leave_dynamic) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    const SlTensor& tensor = tensors[i];
    Bound& bound = bound_[i];
    if (leave_dynamic && bound.dynamic) continue;
    if (bound.value != nullptr && SameMemory(bound.over, tensor)) continue;
    OrtValue* made = nullptr;
    ORT_RETURN_IF_ERROR(Api().CreateTensorWithDataAsOrtValue(memory, tensor.data, tensor.bytes, tensor.dims,
                                                             static_cast<size_t>(tensor.rank),
                                                             ToOrt(tensor.data_type), &made));
    bound.value.reset(made);
    bound.over = tensor;
    raw_[i] = made;
  }
  return kit::Ok();
}

kit::Status Values::Collect(std::span<SlTensor> tensors) {
  kit::Status status = kit::Ok();
  for (size_t i = 0; i < tensors.size() && status.ok(); ++i) {
    if (!bound_[i].dynamic) continue;
    size_t bytes = 0;
    status = TakeShape(raw_[i], bound_[i].name, tensors[i], bytes);
    void* from = nullptr;
    if (status.ok()) status = ToStatus(Api().GetTensorMutableData(raw_[i], &from));
    if (status.ok() && bytes > 0) std::memcpy(tensors[i].data, from, bytes);
  }
  DropAllocated();
  return status;
}

void Values::DropAllocated() {
  for (size_t i = 0; i < raw_.size(); ++i) {
    if (!bound_[i].dynamic) continue;
    Api().ReleaseValue(raw_[i]);
    raw_[i] = nullptr;
  }
}

}  // namespace sightline::onnxruntime
