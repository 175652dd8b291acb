// TensorFlow's C objects as owned values, and its errors and types as ours.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/kit/status.h"
#include "include/sightline/backend_abi.h"
#include "tensorflow/c/c_api.h"

namespace sightline::tensorflow {

template <auto Delete>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Delete(object);
  }
};

using GraphPtr = std::unique_ptr<TF_Graph, Deleter<TF_DeleteGraph>>;
using StatusPtr = std::unique_ptr<TF_Status, Deleter<TF_DeleteStatus>>;
using TensorPtr = std::unique_ptr<TF_Tensor, Deleter<TF_DeleteTensor>>;
using BufferPtr = std::unique_ptr<TF_Buffer, Deleter<TF_DeleteBuffer>>;
using SessionOptionsPtr = std::unique_ptr<TF_SessionOptions, Deleter<TF_DeleteSessionOptions>>;
using DeviceListPtr = std::unique_ptr<TF_DeviceList, Deleter<TF_DeleteDeviceList>>;
using ImportOptionsPtr = std::unique_ptr<TF_ImportGraphDefOptions, Deleter<TF_DeleteImportGraphDefOptions>>;

inline StatusPtr NewStatus() {
  return StatusPtr(TF_NewStatus());
}

// What TensorFlow said, as CleanMessage leaves it; Ok() for TF_OK.
kit::Status FromTensorFlow(const TF_Status& status);

// std::nullopt for types the other side doesn't have.
std::optional<TF_DataType> ToTensorFlow(SlDataType type);
std::optional<SlDataType> FromTensorFlow(TF_DataType type);
// For a type that has been checked to exist.
TF_DataType KnownType(SlDataType type);

// The shape TensorFlow inferred for `output`, open dimensions as -1; std::nullopt where it doesn't know the
// rank.
std::optional<std::vector<int64_t>> InferredDims(TF_Graph* graph, TF_Output output);

}  // namespace sightline::tensorflow
