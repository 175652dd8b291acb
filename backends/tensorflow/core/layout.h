// Memory orders of a network's tensors on the way from ONNX (NCHW) to TensorFlow (NHWC).
//
// TensorFlow's CPU kernels want pictures channels-last, ONNX has them channels-first. Each tensor is built in
// the order its operator makes, and turned into another one only where somebody asks for it: a whole CNN
// usually needs no turn.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/tensorflow/core/graph_builder.h"

namespace sightline::tensorflow {

using Dims = std::vector<int64_t>;

enum class Order {
  kOnnx,          // as ONNX has it: [N, C, H, W]
  kChannelsLast,  // [N, H, W, C]; of rank 5 and more [N, H, W, C1, C2, ...], channels split in groups
  kFlat,  // rank 2: a channels-last picture flattened as it lies, [N, H*W*C] where ONNX has [N, C*H*W]
};

// For a tensor of `rank` >= 4: which axis of the channels-last order the ONNX axis is. 0..rank-1.
int ChannelsLastAxis(int onnx_axis, int rank);
// dims in ONNX order, in channels-last order.
Dims ToChannelsLast(std::span<const int64_t> onnx_dims);
// Whether both orders of a picture are the same bytes: one channel, or one pixel.
bool OrdersCoincide(std::span<const int64_t> onnx_dims);

// The tensors built so far. Values are those of one kit::GraphView.
class ValueTable {
 public:
  explicit ValueTable(GraphBuilder& builder) : builder_(builder) {}

  void Set(const kit::GraphValue& value, Order order, TF_Output output);
  // A flattened picture: `picture` are its dims in ONNX order before it was flattened.
  void SetFlat(const kit::GraphValue& value, TF_Output output, Dims picture);

  bool Has(const kit::GraphValue& value, Order order) const;
  // In the order asked for; built, turned or, for a constant, written with its bytes turned, where it isn't
  // there yet. kFlat must be there.
  TF_Output Get(const kit::GraphValue& value, Order order);
  // Dims before flattening of a value that is there as kFlat.
  const Dims& Picture(const kit::GraphValue& value) const { return pictures_.at(value.index()); }

 private:
  TF_Output Make(const kit::GraphValue& value, Order order);
  TF_Output MakeConstant(const kit::GraphValue& value, Order order);
  TF_Output Unflatten(const kit::GraphValue& value);

  GraphBuilder& builder_;
  std::map<std::pair<int32_t, Order>, TF_Output> outputs_;
  std::map<int32_t, Dims> pictures_;
};

}  // namespace sightline::tensorflow
