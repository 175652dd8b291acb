// The bytes of ONNX tensors: sizes by type, one storage form (raw little-endian), and small tensors in and
// out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "onnx/onnx_pb.h"
#include "src/base/result.h"

namespace sightline::network {

// Bytes of one element of a TensorProto::DataType; 0 for types without a fixed size (strings) or unknown to
// us.
size_t ElementBytes(int32_t onnx_type);

// "FLOAT", "INT64", ...
std::string ElementTypeName(int32_t onnx_type);

// The backend ABI's name of an ONNX element type, if it has one.
std::optional<SlDataType> ToSlDataType(int32_t onnx_type);

// Product of dims; std::nullopt when one is negative or the product leaves int64. A scalar has one element.
std::optional<int64_t> ElementCount(std::span<const int64_t> dims);
int64_t ElementCount(const onnx::TensorProto& tensor);  // of a tensor that MakeRaw accepted
std::vector<int64_t> Dims(const onnx::TensorProto& tensor);

// Moves the values into `raw_data`, whatever field they were written to, and checks that there are as many as
// dims say. Strings stay where they are.
Status MakeRaw(onnx::TensorProto& tensor);

// Values of a raw INT64 or INT32 tensor; std::nullopt for other types.
std::optional<std::vector<int64_t>> ReadInts(const onnx::TensorProto& tensor);

// Values of a raw FLOAT tensor; std::nullopt for other types.
std::optional<std::vector<float>> ReadFloats(const onnx::TensorProto& tensor);

// The value of a raw one-element floating-point or integer tensor.
std::optional<double> ReadScalar(const onnx::TensorProto& tensor);

onnx::TensorProto MakeTensor(std::string name, int32_t onnx_type, std::span<const int64_t> dims,
                             std::string raw);
onnx::TensorProto MakeIntTensor(std::string name, std::span<const int64_t> values);  // one-dimensional INT64
onnx::TensorProto MakeFloatTensor(std::string name, std::span<const int64_t> dims,
                                  std::span<const float> values);

}  // namespace sightline::network
