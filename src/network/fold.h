// Evaluates nodes whose result is known before run time: on constants, and on shapes.
#pragma once

#include <optional>
#include <vector>

#include "onnx/onnx_pb.h"
#include "src/network/draft.h"
#include "src/network/shape_inference.h"
#include "src/network/small_tensor.h"

namespace sightline::network {

// What folding one node gave.
struct Folded {
  std::optional<onnx::TensorProto>
      constant;                        // named after the node's output; the node is not needed any more
  std::optional<SmallTensor> partial;  // some elements depend on the batch or are unknown: the node stays
};

// Evaluates `node` (first output) where its inputs are constants, known small tensors, or, for Shape and
// Size, values of known type. Folds nothing else: an empty result is not an error. Operators it knows: those
// that only move values (Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Slice, Gather, Concat, Expand,
// Tile; constants of any type) and shape arithmetic on small tensors (Shape, Size, ConstantOfShape, Range,
// Cast, Floor, Ceil, Neg, Add, Sub, Mul, Div, Min, Max, Equal, Where). A result of more than
// `largest_bytes` is not made; nor does an Expand or Tile grow beyond a small tensor: it is cheaper done at
// run time than stored.
Folded FoldNode(const onnx::NodeProto& node, const Draft& draft, const ShapeInference& shapes,
                const KnownTensors& known, int64_t largest_bytes);

// ---- The two halves ----

// A tensor's worth of elements picked from others'. The inputs' elements are counted through, one input after
// the other; empty `source` with equal element count: as they are.
struct Movement {
  std::vector<int64_t> dims;
  std::vector<int64_t> source;
  bool in_place = false;  // same elements in the same order: `source` is not filled
};

// Index tables beyond this would cost more than the folding saves.
inline constexpr int64_t kLargestMovement = int64_t{1} << 25;

// What a moving operator reads to decide: shapes of its data inputs, values of its integer operands.
struct MoveInputs {
  const onnx::NodeProto& node;
  int opset;
  std::vector<std::vector<int64_t>> dims;                    // of each data input
  std::vector<std::optional<std::vector<int64_t>>> operand;  // by input index; integer values where known
  int64_t largest = kLargestMovement;                        // elements of the result
};
bool IsMovement(const onnx::NodeProto& node);
int DataInputs(const onnx::NodeProto& node);  // how many of the first inputs are data; the rest are operands
// Every index in the plan's `source` is one of the data inputs' elements.
std::optional<Movement> PlanMovement(const MoveInputs& inputs);

// Arithmetic on small tensors. `inputs` has an entry per input of the node.
std::optional<SmallTensor> EvaluateArithmetic(const onnx::NodeProto& node,
                                              const std::vector<SmallTensor>& inputs);

}  // namespace sightline::network
