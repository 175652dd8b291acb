// Types and shapes of values, one node at a time, by ONNX's own inference functions.
//
// ONNX's inference loses an open batch at the first Reshape. So an open batch is tried with two sizes, both
// primes that no network has as a dimension by chance: a dimension that comes out equal in both worlds is a
// number, one that grows in proportion is a multiple of the batch, anything else is unknown. In each world
// all numbers are plain, which is what the inference functions are good at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "onnx/onnx_pb.h"
#include "onnx/shape_inference/implementation.h"
#include "src/base/result.h"
#include "src/network/draft.h"
#include "src/network/small_tensor.h"

namespace sightline::network {

// A dimension, as a function of the batch.
struct Dim {
  enum class Kind : uint8_t { kKnown, kPerBatch, kUnknown };
  Kind kind = Kind::kUnknown;
  int64_t value = 0;  // the size, or the size per picture of the batch

  bool known() const { return kind == Kind::kKnown; }
  bool per_batch() const { return kind == Kind::kPerBatch; }
  bool is_batch() const { return per_batch() && value == 1; }
  friend bool operator==(const Dim&, const Dim&) = default;
};

struct ValueType {
  int32_t element_type = 0;  // TensorProto::DataType; 0: not known, or not a tensor
  bool is_tensor = true;
  std::optional<std::vector<Dim>> dims;  // std::nullopt: the rank is not known
};

// "1x3x224x224", "Nx1000", "?x4"
std::string DimsToString(const std::vector<Dim>& dims);

// The product of dimensions, itself a dimension: a number or a multiple of the batch.
Dim Product(const std::vector<Dim>& dims);

class ShapeInference {
 public:
  // Knows the inputs and constants of `draft`, which must outlive this. Constants may be added on the way.
  explicit ShapeInference(const Draft& draft);
  ShapeInference(const ShapeInference&) = delete;
  ShapeInference& operator=(const ShapeInference&) = delete;

  // Infers the outputs of `node`, whose inputs must be known already. `known` are tensors computed from
  // shapes, for operators whose output shape hangs on an input's values. An operator without inference takes
  // what the file declares. Fails when the node's inputs do not fit together.
  Status Infer(const onnx::NodeProto& node, const KnownTensors& known);

  // The type of an input, constant or output inferred so far.
  ValueType Find(const std::string& value) const;

 private:
  // The types of all values for one size of the batch.
  struct World {
    int64_t batch = 1;
    std::unordered_map<std::string, onnx::TypeProto> types;
  };

  bool InferIn(World& world, const onnx::NodeProto& node, const KnownTensors& known, std::string& problem);
  void TakeDeclared(World& world, const onnx::NodeProto& node) const;

  const Draft& draft_;
  std::unordered_map<std::string, int> opsets_;
  std::unordered_map<std::string, const onnx::TypeProto*> declared_;
  std::vector<World> worlds_;
};

}  // namespace sightline::network
