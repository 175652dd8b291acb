// From an ONNX graph to TensorFlow operations, one handler per operator. The handlers are grouped by kind,
// one file each
// (*_operators.cc); translate.cc joins their tables and walks the graph.
#pragma once

#include <set>
#include <span>
#include <string_view>

#include "backends/kit/graph.h"
#include "backends/kit/onnx_nodes.h"
#include "backends/kit/status.h"
#include "backends/tensorflow/core/graph_builder.h"
#include "backends/tensorflow/core/layout.h"

namespace sightline::tensorflow {

// What handlers share while one graph is built.
struct Translation {
  Translation(const kit::GraphView& source, TF_Graph* target)
      : graph(source), builder(target), values(builder) {}

  kit::GraphView graph;
  GraphBuilder builder;
  ValueTable values;
  // Values made by grouped convolutions, by index: see AddChannelBias.
  std::set<int32_t> grouped;
};

// Builds one node: reads its inputs from `values` and sets its outputs there. Errors name what is not
// possible; the walk puts the layer in front. Errors of TensorFlow stick to the builder and are looked at
// after each node.
using Handler = kit::Status (*)(Translation& translation, const kit::GraphNode& node);

struct HandlerEntry {
  std::string_view op_type;
  Handler handler;
};

std::span<const HandlerEntry> ConvolutionHandlers();
std::span<const HandlerEntry> PoolingHandlers();
std::span<const HandlerEntry> NormalizationHandlers();
std::span<const HandlerEntry> ElementwiseHandlers();
std::span<const HandlerEntry> ActivationHandlers();
std::span<const HandlerEntry> ShapeHandlers();
std::span<const HandlerEntry> IndexingHandlers();
std::span<const HandlerEntry> MatrixHandlers();
std::span<const HandlerEntry> ReductionHandlers();
std::span<const HandlerEntry> ResizeHandlers();

// ---- What handlers have in common; kit/onnx_nodes.h has what does not build anything ----

// An error unless input `i` is a picture, [N, C, H, W], with a known number of channels.
kit::Status NeedsPicture(const kit::GraphNode& node, int i = 0);
// Where the ONNX axis lies in `order`.
int AxisIn(Order order, int onnx_axis, int rank);
// The order input `i` is there in: channels-last where it has been built so, else ONNX's.
Order OrderOf(Translation& translation, const kit::GraphNode& node, int i = 0);
// One order for several inputs of equal rank: channels-last as soon as one is there so.
Order CommonOrder(Translation& translation, const kit::GraphNode& node);
// Adds a constant per channel to a channels-last tensor that `value` stands for.
// Not BiasAdd for grouped convolutions: Grappler would fuse the two, and TensorFlow's own (Eigen) kernel
// refuses grouped fused convolutions when the model runs ("Fused conv implementation does not support grouped
// convolutions").
TF_Output AddChannelBias(Translation& translation, TF_Output input, TF_Output bias, bool grouped);

}  // namespace sightline::tensorflow
