#include "src/network/small_tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using onnx::TensorProto;

template <typename T>
Element Load(const std::string& raw, size_t index) {
  T value;
  std::memcpy(&value, raw.data() + index * sizeof(T), sizeof(T));
  if constexpr (std::is_floating_point_v<T>) return Element::KnownReal(value);
  return Element::Known(static_cast<int64_t>(value));
}

Element LoadAs(int32_t type, const std::string& raw, size_t index) {
  switch (type) {
    case TensorProto::FLOAT:
      return Load<float>(raw, index);
    case TensorProto::DOUBLE:
      return Load<double>(raw, index);
    case TensorProto::INT32:
      return Load<int32_t>(raw, index);
    case TensorProto::INT64:
      return Load<int64_t>(raw, index);
    default:
      return Load<uint8_t>(raw, index);
  }
}

template <typename T, typename V>
void Append(std::string& raw, V value) {
  const T narrowed = static_cast<T>(value);
  raw.append(reinterpret_cast<const char*>(&narrowed), sizeof(T));
}

void AppendAs(int32_t type, std::string& raw, const Element& element, int64_t batch) {
  const int64_t factor = element.per_batch() ? batch : 1;
  const int64_t integer = element.integer * factor;
  const double real = element.real * static_cast<double>(factor);
  switch (type) {
    case TensorProto::FLOAT:
      return Append<float>(raw, real);
    case TensorProto::DOUBLE:
      return Append<double>(raw, real);
    case TensorProto::INT32:
      return Append<int32_t>(raw, integer);
    case TensorProto::INT64:
      return Append<int64_t>(raw, integer);
    default:
      return Append<uint8_t>(raw, integer);
  }
}

}  // namespace

bool SmallTensor::is_real() const {
  return element_type == TensorProto::FLOAT || element_type == TensorProto::DOUBLE;
}

bool SmallTensor::all_known() const {
  return std::all_of(elements.begin(), elements.end(), [](const Element& e) { return e.known(); });
}

bool IsSmallTensorType(int32_t onnx_type) {
  return onnx_type == TensorProto::FLOAT || onnx_type == TensorProto::DOUBLE ||
         onnx_type == TensorProto::INT32 || onnx_type == TensorProto::INT64 || onnx_type == TensorProto::BOOL;
}

std::optional<SmallTensor> FromConstant(const TensorProto& tensor) {
  const int64_t count = ElementCount(tensor);
  if (!IsSmallTensorType(tensor.data_type()) || count > kLargestSmallTensor) return std::nullopt;
  SmallTensor small{tensor.data_type(), Dims(tensor), {}};
  small.elements.reserve(static_cast<size_t>(count));
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    small.elements.push_back(LoadAs(tensor.data_type(), tensor.raw_data(), i));
  }
  return small;
}

std::optional<TensorProto> ToConstant(const SmallTensor& tensor, const std::string& name, int64_t batch) {
  std::string raw;
  for (const Element& element : tensor.elements) {
    if (element.kind == Element::Kind::kUnknown) return std::nullopt;
    AppendAs(tensor.element_type, raw, element, batch);
  }
  return MakeTensor(name, tensor.element_type, tensor.dims, std::move(raw));
}

}  // namespace sightline::network
