#include "backends/kit/tensors.h"

#include <cstdint>
#include <optional>

namespace sightline::kit {
namespace {

// The dimension every tensor with an open dims[0] shares in one run.
struct Batch {
  int64_t max = 1;
  int64_t size = 0;  // 0: not seen yet
};

std::optional<size_t> BytesNeeded(const SlTensor& tensor) {
  size_t bytes = DataTypeBytes(tensor.data_type);
  for (int i = 0; i < tensor.rank; ++i) {
    if (__builtin_mul_overflow(bytes, static_cast<size_t>(tensor.dims[i]), &bytes)) return std::nullopt;
  }
  return bytes;
}

Status WrongShape(const char* role, const TensorInfo& want, const SlTensor& tensor) {
  return InvalidArgument(role, " '", want.name, "' has shape ",
                         tensor.rank < 0 || tensor.rank > SL_MAX_RANK ? Text("of rank ", tensor.rank)
                                                                      : DimsText(tensor.dims, tensor.rank),
                         "; the model takes ",
                         DimsText(want.dims.data(), static_cast<int>(want.dims.size())));
}

Status CheckBatch(const char* role, const TensorInfo& want, int64_t size, Batch& batch) {
  if (size < 1 || size > batch.max) {
    return InvalidArgument("batch of ", role, " '", want.name, "' is ", size,
                           "; this engine was made for 1 to ", batch.max);
  }
  if (batch.size != 0 && size != batch.size) {
    return InvalidArgument("batch of ", role, " '", want.name, "' is ", size, " where another tensor has ",
                           batch.size);
  }
  batch.size = size;
  return Ok();
}

Status CheckDims(const char* role, const TensorInfo& want, const SlTensor& tensor, Batch& batch) {
  if (tensor.rank != static_cast<int32_t>(want.dims.size())) return WrongShape(role, want, tensor);
  for (int i = 0; i < tensor.rank; ++i) {
    const int64_t wanted = want.dims[static_cast<size_t>(i)];
    const bool right = wanted < 0 ? (i == 0 || tensor.dims[i] > 0) : tensor.dims[i] == wanted;
    if (!right) return WrongShape(role, want, tensor);
  }
  if (!want.dims.empty() && want.dims[0] < 0) return CheckBatch(role, want, tensor.dims[0], batch);
  return Ok();
}

Status CheckMemory(const char* role, const TensorInfo& want, const SlTensor& tensor) {
  if (tensor.memory == SL_MEMORY_DEVICE) {
    return Unsupported(role, " '", want.name, "' is in device memory; this backend takes host memory");
  }
  if (tensor.data == nullptr) return InvalidArgument(role, " '", want.name, "' has no memory (data is null)");
  const auto needed = BytesNeeded(tensor);
  if (!needed || tensor.bytes < *needed) {
    return InvalidArgument(role, " '", want.name, "' has ", tensor.bytes, " bytes of memory; its shape ",
                           DimsText(tensor.dims, tensor.rank), " needs ",
                           needed ? Text(*needed) : "more than exist");
  }
  return Ok();
}

Status CheckSide(const char* role, const std::vector<TensorInfo>& wanted, std::span<const SlTensor> tensors,
                 Batch& batch) {
  if (tensors.size() != wanted.size()) {
    return InvalidArgument(tensors.size(), " ", role, "s were given; the model has ", wanted.size());
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorInfo& want = wanted[i];
    if (tensors[i].data_type != want.type) {
      return InvalidArgument(role, " '", want.name, "' is ", DataTypeName(tensors[i].data_type),
                             "; the model takes ", DataTypeName(want.type));
    }
    KIT_RETURN_IF_ERROR(CheckDims(role, want, tensors[i], batch));
    KIT_RETURN_IF_ERROR(CheckMemory(role, want, tensors[i]));
  }
  return Ok();
}

}  // namespace

Status CheckTensors(const EngineInfo& info, int max_batch, std::span<const SlTensor> inputs,
                    std::span<const SlTensor> outputs) {
  Batch batch{max_batch, 0};
  KIT_RETURN_IF_ERROR(CheckSide("input", info.inputs, inputs, batch));
  return CheckSide("output", info.outputs, outputs, batch);
}

}  // namespace sightline::kit
