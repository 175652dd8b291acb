// Small tensors known before run time, their elements possibly multiples of the open batch: what shape
// arithmetic (Shape -> Gather -> Concat -> Reshape) works on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "onnx/onnx_pb.h"

namespace sightline::network {

// A number, or a number times the batch N. `integer` counts for integer and boolean tensors, `real` for
// others.
struct Element {
  enum class Kind : uint8_t { kKnown, kPerBatch, kUnknown };
  Kind kind = Kind::kUnknown;
  int64_t integer = 0;
  double real = 0;

  bool known() const { return kind == Kind::kKnown; }
  bool per_batch() const { return kind == Kind::kPerBatch; }
  static Element Known(int64_t value) { return {Kind::kKnown, value, 0}; }
  static Element PerBatch(int64_t value) { return {Kind::kPerBatch, value, 0}; }
  static Element KnownReal(double value) { return {Kind::kKnown, 0, value}; }
};

struct SmallTensor {
  int32_t element_type = onnx::TensorProto::INT64;  // FLOAT, DOUBLE, INT32, INT64 or BOOL
  std::vector<int64_t> dims;
  std::vector<Element> elements;  // row-major

  bool is_real() const;
  bool all_known() const;
};

// Tensors computed so far, by value name. Constants are not in here.
using KnownTensors = std::unordered_map<std::string, SmallTensor>;

inline constexpr int64_t kLargestSmallTensor = 1 << 16;  // elements

// Whether elements of this type can be worked with.
bool IsSmallTensorType(int32_t onnx_type);
// std::nullopt for other types and larger tensors.
std::optional<SmallTensor> FromConstant(const onnx::TensorProto& tensor);
// std::nullopt when an element is unknown. Multiples of the batch are taken at `batch`.
std::optional<onnx::TensorProto> ToConstant(const SmallTensor& tensor, const std::string& name,
                                            int64_t batch);

}  // namespace sightline::network
