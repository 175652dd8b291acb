#include "backends/tensorflow/core/c_api.h"

#include "backends/tensorflow/core/messages.h"

namespace sightline::tensorflow {
namespace {

struct TypePair {
  SlDataType ours;
  TF_DataType theirs;
};
constexpr TypePair kTypes[] = {{SL_F32, TF_FLOAT}, {SL_F16, TF_HALF},   {SL_BF16, TF_BFLOAT16},
                               {SL_I8, TF_INT8},   {SL_U8, TF_UINT8},   {SL_I32, TF_INT32},
                               {SL_I64, TF_INT64}, {SL_F64, TF_DOUBLE}, {SL_BOOL, TF_BOOL}};

SlStatusCode CodeOf(TF_Code code) {
  switch (code) {
    case TF_INVALID_ARGUMENT:
    case TF_OUT_OF_RANGE:
    case TF_FAILED_PRECONDITION:
      return SL_INVALID_ARGUMENT;
    case TF_NOT_FOUND:
      return SL_NOT_FOUND;
    case TF_UNIMPLEMENTED:
      return SL_UNSUPPORTED;
    case TF_UNAVAILABLE:
    case TF_PERMISSION_DENIED:
      return SL_UNAVAILABLE;
    case TF_RESOURCE_EXHAUSTED:
      return SL_RESOURCE_EXHAUSTED;
    case TF_CANCELLED:
      return SL_CANCELLED;
    default:
      return SL_INTERNAL;
  }
}

}  // namespace

kit::Status FromTensorFlow(const TF_Status& status) {
  if (TF_GetCode(&status) == TF_OK) return kit::Ok();
  return {CodeOf(TF_GetCode(&status)), CleanMessage(TF_Message(&status))};
}

std::optional<TF_DataType> ToTensorFlow(SlDataType type) {
  for (const TypePair& pair : kTypes) {
    if (pair.ours == type) return pair.theirs;
  }
  return std::nullopt;
}

TF_DataType KnownType(SlDataType type) {
  return ToTensorFlow(type).value_or(TF_FLOAT);
}

std::optional<SlDataType> FromTensorFlow(TF_DataType type) {
  for (const TypePair& pair : kTypes) {
    if (pair.theirs == type) return pair.ours;
  }
  return std::nullopt;
}

std::optional<std::vector<int64_t>> InferredDims(TF_Graph* graph, TF_Output output) {
  const StatusPtr status = NewStatus();
  const int rank = TF_GraphGetTensorNumDims(graph, output, status.get());
  if (TF_GetCode(status.get()) != TF_OK || rank < 0) return std::nullopt;
  std::vector<int64_t> dims(static_cast<size_t>(rank));
  TF_GraphGetTensorShape(graph, output, dims.data(), rank, status.get());
  if (TF_GetCode(status.get()) != TF_OK) return std::nullopt;
  return dims;
}

}  // namespace sightline::tensorflow
