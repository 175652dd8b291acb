#include "backends/kit/tensors.h"

#include <cstdint>
#include <optional>

namespace sightline::kit {
namespace {

constexpr uintptr_t kAlignment = 64;

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

enum class Role { kInput, kOutput };
const char* RoleName(Role role) {
  return role == Role::kInput ? "input" : "output";
}

// Whether one dimension is what the engine said; the batch is looked at apart.
bool RightDim(Role role, int64_t wanted, int64_t given) {
  if (wanted == SL_DIM_BATCH) return true;
  if (wanted == SL_DIM_DYNAMIC) return role == Role::kOutput || given > 0;
  return given == wanted;
}

Status CheckDims(Role role, const TensorInfo& want, const SlTensor& tensor, Batch& batch) {
  if (tensor.rank != static_cast<int32_t>(want.dims.size())) return WrongShape(RoleName(role), want, tensor);
  for (int i = 0; i < tensor.rank; ++i) {
    if (!RightDim(role, want.dims[static_cast<size_t>(i)], tensor.dims[i])) {
      return WrongShape(RoleName(role), want, tensor);
    }
  }
  if (!want.dims.empty() && want.dims[0] == SL_DIM_BATCH) {
    return CheckBatch(RoleName(role), want, tensor.dims[0], batch);
  }
  return Ok();
}

Status CheckMemory(const char* role, const TensorInfo& want, const SlTensor& tensor) {
  if (tensor.memory == SL_MEMORY_DEVICE) {
    return Unsupported(role, " '", want.name, "' is in device memory; this backend takes host memory");
  }
  if (tensor.data == nullptr) return InvalidArgument(role, " '", want.name, "' has no memory (data is null)");
  if (reinterpret_cast<uintptr_t>(tensor.data) % kAlignment != 0) {
    return InvalidArgument(role, " '", want.name, "' does not lie at a multiple of ", kAlignment,
                           " bytes, as the ABI promises");
  }
  return Ok();
}

// Not of an output whose size the data decides: the author finds out.
Status CheckRoom(Role role, const TensorInfo& want, const SlTensor& tensor) {
  if (role == Role::kOutput && want.dynamic()) return Ok();
  const auto needed = BytesNeeded(tensor);
  if (needed && tensor.bytes >= *needed) return Ok();
  return {role == Role::kInput ? SL_INVALID_ARGUMENT : SL_RESOURCE_EXHAUSTED,
          Text(RoleName(role), " '", want.name, "' has ", tensor.bytes, " bytes of memory; its shape ",
               DimsText(tensor.dims, tensor.rank), " needs ", needed ? Text(*needed) : "more than exist")};
}

template <typename T>
Status CheckSide(Role side, const std::vector<TensorInfo>& wanted, std::span<T> tensors, Batch& batch) {
  const char* role = RoleName(side);
  if (tensors.size() != wanted.size()) {
    return InvalidArgument(tensors.size(), " ", role, "s were given; the model has ", wanted.size());
  }
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorInfo& want = wanted[i];
    if (tensors[i].data_type != want.type) {
      return InvalidArgument(role, " '", want.name, "' is ", DataTypeName(tensors[i].data_type),
                             "; the model takes ", DataTypeName(want.type));
    }
    KIT_RETURN_IF_ERROR(CheckDims(side, want, tensors[i], batch));
    KIT_RETURN_IF_ERROR(CheckMemory(role, want, tensors[i]));
    KIT_RETURN_IF_ERROR(CheckRoom(side, want, tensors[i]));
  }
  return Ok();
}

}  // namespace

Status CheckTensors(const EngineInfo& info, int max_batch, std::span<const SlTensor> inputs,
                    std::span<const SlTensor> outputs) {
  Batch batch{max_batch, 0};
  KIT_RETURN_IF_ERROR(CheckSide(Role::kInput, info.inputs, inputs, batch));
  return CheckSide(Role::kOutput, info.outputs, outputs, batch);
}

}  // namespace sightline::kit
