#include "src/network/tensor_data.h"

#include <bit>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace sightline::network {
namespace {

using onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian and used in place");

struct ElementType {
  int32_t onnx_type;
  size_t bytes;
  std::optional<SlDataType> sl_type;
};

constexpr ElementType kElementTypes[] = {
    {TensorProto::FLOAT, 4, SL_F32},
    {TensorProto::DOUBLE, 8, SL_F64},
    {TensorProto::FLOAT16, 2, SL_F16},
    {TensorProto::BFLOAT16, 2, SL_BF16},
    {TensorProto::INT8, 1, SL_I8},
    {TensorProto::UINT8, 1, SL_U8},
    {TensorProto::INT32, 4, SL_I32},
    {TensorProto::INT64, 8, SL_I64},
    {TensorProto::BOOL, 1, SL_BOOL},
    {TensorProto::INT16, 2, std::nullopt},
    {TensorProto::UINT16, 2, std::nullopt},
    {TensorProto::UINT32, 4, std::nullopt},
    {TensorProto::UINT64, 8, std::nullopt},
    {TensorProto::COMPLEX64, 8, std::nullopt},
    {TensorProto::COMPLEX128, 16, std::nullopt},
};

const ElementType* FindElementType(int32_t onnx_type) {
  for (const ElementType& type : kElementTypes) {
    if (type.onnx_type == onnx_type) return &type;
  }
  return nullptr;
}

template <typename T, typename Field>
std::string Pack(const Field& field) {
  std::string raw(static_cast<size_t>(field.size()) * sizeof(T), '\0');
  for (int i = 0; i < field.size(); ++i) {
    const T value = static_cast<T>(field.Get(i));
    std::memcpy(raw.data() + static_cast<size_t>(i) * sizeof(T), &value, sizeof(T));
  }
  return raw;
}

// Which typed field holds which type: see the comments of TensorProto in onnx.proto.
std::string PackTypedField(const TensorProto& tensor) {
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
    case TensorProto::COMPLEX64:  // real and imaginary parts in turn
      return Pack<float>(tensor.float_data());
    case TensorProto::DOUBLE:
    case TensorProto::COMPLEX128:
      return Pack<double>(tensor.double_data());
    case TensorProto::INT64:
      return Pack<int64_t>(tensor.int64_data());
    case TensorProto::UINT64:
      return Pack<uint64_t>(tensor.uint64_data());
    case TensorProto::UINT32:
      return Pack<uint32_t>(tensor.uint64_data());
    case TensorProto::INT32:
      return Pack<int32_t>(tensor.int32_data());
    case TensorProto::INT16:
    case TensorProto::UINT16:
    case TensorProto::FLOAT16:  // bit patterns
    case TensorProto::BFLOAT16:
      return Pack<uint16_t>(tensor.int32_data());
    default:
      return Pack<uint8_t>(tensor.int32_data());
  }
}

template <typename T>
T LoadElement(const std::string& raw, size_t index) {
  T value;
  std::memcpy(&value, raw.data() + index * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
std::string RawBytes(std::span<const T> values) {
  std::string raw(values.size_bytes(), '\0');
  if (!values.empty()) std::memcpy(raw.data(), values.data(), values.size_bytes());
  return raw;
}

}  // namespace

size_t ElementBytes(int32_t onnx_type) {
  const ElementType* type = FindElementType(onnx_type);
  return type == nullptr ? 0 : type->bytes;
}

std::string ElementTypeName(int32_t onnx_type) {
  if (!onnx::TensorProto_DataType_IsValid(onnx_type)) return std::to_string(onnx_type);
  return onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(onnx_type));
}

std::optional<SlDataType> ToSlDataType(int32_t onnx_type) {
  const ElementType* type = FindElementType(onnx_type);
  return type == nullptr ? std::nullopt : type->sl_type;
}

std::optional<int64_t> ElementCount(std::span<const int64_t> dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) {
    if (dim < 0 || __builtin_mul_overflow(count, dim, &count)) return std::nullopt;
  }
  return count;
}

int64_t ElementCount(const TensorProto& tensor) {
  return ElementCount({tensor.dims().data(), static_cast<size_t>(tensor.dims_size())}).value_or(0);
}

std::vector<int64_t> Dims(const TensorProto& tensor) {
  return {tensor.dims().begin(), tensor.dims().end()};
}

Status MakeRaw(TensorProto& tensor) {
  const auto problem = [&tensor](std::string_view what) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("constant '{}' {}: the file is damaged, export it again", tensor.name(), what));
  };
  const std::vector<int64_t> dims = Dims(tensor);
  const std::optional<int64_t> count = ElementCount(dims);
  if (!count) return problem("has an impossible shape");
  if (tensor.data_type() == TensorProto::STRING) return OkStatus();
  const size_t element_bytes = ElementBytes(tensor.data_type());
  if (element_bytes == 0) return problem("has an unknown type " + ElementTypeName(tensor.data_type()));
  if (!tensor.has_raw_data()) {
    std::string raw = PackTypedField(tensor);
    tensor.clear_float_data();
    tensor.clear_double_data();
    tensor.clear_int32_data();
    tensor.clear_int64_data();
    tensor.clear_uint64_data();
    tensor.set_raw_data(std::move(raw));
  }
  if (tensor.raw_data().size() / element_bytes != static_cast<uint64_t>(*count) ||
      tensor.raw_data().size() % element_bytes != 0) {
    return problem(fmt::format("should hold {} values of type {} and has {} bytes", *count,
                               ElementTypeName(tensor.data_type()), tensor.raw_data().size()));
  }
  return OkStatus();
}

std::optional<std::vector<float>> ReadFloats(const TensorProto& tensor) {
  if (tensor.data_type() != TensorProto::FLOAT) return std::nullopt;
  std::vector<float> values(static_cast<size_t>(ElementCount(tensor)));
  std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(float));
  return values;
}

std::optional<std::vector<int64_t>> ReadInts(const TensorProto& tensor) {
  const bool wide = tensor.data_type() == TensorProto::INT64;
  if (!wide && tensor.data_type() != TensorProto::INT32) return std::nullopt;
  std::vector<int64_t> values(static_cast<size_t>(ElementCount(tensor)));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] =
        wide ? LoadElement<int64_t>(tensor.raw_data(), i) : LoadElement<int32_t>(tensor.raw_data(), i);
  }
  return values;
}

std::optional<double> ReadScalar(const TensorProto& tensor) {
  if (ElementCount(tensor) != 1) return std::nullopt;
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return LoadElement<float>(tensor.raw_data(), 0);
    case TensorProto::DOUBLE:
      return LoadElement<double>(tensor.raw_data(), 0);
    case TensorProto::INT64:
      return static_cast<double>(LoadElement<int64_t>(tensor.raw_data(), 0));
    case TensorProto::INT32:
      return LoadElement<int32_t>(tensor.raw_data(), 0);
    case TensorProto::BOOL:
    case TensorProto::UINT8:
      return LoadElement<uint8_t>(tensor.raw_data(), 0);
    default:
      return std::nullopt;
  }
}

TensorProto MakeTensor(std::string name, int32_t onnx_type, std::span<const int64_t> dims, std::string raw) {
  TensorProto tensor;
  tensor.set_name(std::move(name));
  tensor.set_data_type(onnx_type);
  tensor.mutable_dims()->Add(dims.begin(), dims.end());
  tensor.set_raw_data(std::move(raw));
  return tensor;
}

TensorProto MakeIntTensor(std::string name, std::span<const int64_t> values) {
  const int64_t dims[] = {static_cast<int64_t>(values.size())};
  return MakeTensor(std::move(name), TensorProto::INT64, dims, RawBytes(values));
}

TensorProto MakeFloatTensor(std::string name, std::span<const int64_t> dims, std::span<const float> values) {
  return MakeTensor(std::move(name), TensorProto::FLOAT, dims, RawBytes(values));
}

}  // namespace sightline::network
