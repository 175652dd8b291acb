#include "backends/tensorflow/core/translate.h"

#include <algorithm>
#include <string>

#include "backends/kit/graph.h"
#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

constexpr const char* kFramework = "TensorFlow";

kit::Status CheckTypes(const kit::GraphView& graph) {
  for (int i = 0; i < graph.value_count(); ++i) {
    const kit::GraphValue value = graph.value(i);
    if (!ToTensorFlow(value.type())) {
      return kit::Unsupported("tensor '", value.name(), "' has a type that ", kFramework, " does not have");
    }
    if (value.rank() > SL_MAX_RANK)
      return kit::Unsupported("tensor '", value.name(), "' has too many dimensions");
  }
  return kit::Ok();
}

// A picture is fed channels-last, so that the host writes its pixels where they belong.
kit::Status AddInput(Translation& t, const kit::GraphValue& value, Model& model) {
  if (!value.shape_known()) return kit::Unsupported("the shape of input '", value.name(), "' is not known");
  const bool picture = value.rank() == 4;
  const Dims dims = picture ? ToChannelsLast(value.dims()) : Dims(value.dims().begin(), value.dims().end());
  t.builder.EnterLayer(value.name());
  const TF_Output placeholder =
      t.builder.New("Placeholder").Type("dtype", KnownType(value.type())).Dims("shape", dims).Done();
  t.values.Set(value, picture ? Order::kChannelsLast : Order::kOnnx, placeholder);
  model.feeds.push_back(placeholder);
  model.inputs.push_back({value.name(), value.type(), picture ? SL_LAYOUT_NHWC : SL_LAYOUT_PLAIN, dims});
  return t.builder.status();
}

void AddOutput(Translation& t, const kit::GraphValue& value, Model& model) {
  t.builder.EnterLayer(value.name());
  const TF_Output output = t.values.Get(value, Order::kOnnx);
  // TensorFlow refuses to fetch what is fed.
  const bool is_feed = std::any_of(model.feeds.begin(), model.feeds.end(),
                                   [&](const TF_Output& feed) { return feed.oper == output.oper; });
  model.fetches.push_back(is_feed ? t.builder.Unary("Identity", output) : output);
  const bool picture = value.rank() == 4;
  model.outputs.push_back({value.name(), value.type(), picture ? SL_LAYOUT_NCHW : SL_LAYOUT_PLAIN,
                           Dims(value.dims().begin(), value.dims().end())});
}

bool Agree(const Dims& made, std::span<const int64_t> wanted) {
  if (made.size() != wanted.size()) return false;
  for (size_t i = 0; i < made.size(); ++i) {
    if (made[i] >= 0 && wanted[i] >= 0 && made[i] != wanted[i]) return false;
  }
  return true;
}

// The order `value` was built in; std::nullopt where it was not.
std::optional<Order> BuiltOrder(const Translation& t, const kit::GraphValue& value) {
  for (const Order order : {Order::kChannelsLast, Order::kOnnx, Order::kFlat}) {
    if (t.values.Has(value, order)) return order;
  }
  return std::nullopt;
}

// Holds what TensorFlow will make to what ONNX says, shape by shape: a slip in a translation is found here
// and not in wrong numbers.
kit::Status CheckOutputs(Translation& t, const kit::GraphNode& node) {
  for (int i = 0; i < node.output_count(); ++i) {
    if (!node.has_output(i)) continue;
    const kit::GraphValue value = node.output(i);
    const std::optional<Order> order = BuiltOrder(t, value);
    if (!order) return kit::Unsupported("its output '", value.name(), "' is not supported");
    const std::optional<Dims> made = InferredDims(t.builder.graph(), t.values.Get(value, *order));
    if (!made || !value.shape_known()) continue;
    const Dims plain(value.dims().begin(), value.dims().end());
    const Dims wanted = *order == Order::kChannelsLast ? ToChannelsLast(plain) : plain;
    if (!Agree(*made, wanted)) {
      return kit::Internal("TensorFlow makes ", kit::DimsText(made->data(), static_cast<int>(made->size())),
                           " where ONNX says ",
                           kit::DimsText(wanted.data(), static_cast<int>(wanted.size())));
    }
  }
  return kit::Ok();
}

kit::NodeHandlers MakeHandlers(Translation& t) {
  kit::NodeHandlers handlers;
  for (const auto table : {ConvolutionHandlers(), PoolingHandlers(), NormalizationHandlers(),
                           ElementwiseHandlers(), ActivationHandlers(), ShapeHandlers(), IndexingHandlers(),
                           MatrixHandlers(), ReductionHandlers(), ResizeHandlers()}) {
    for (const HandlerEntry& entry : table) {
      handlers[std::string(entry.op_type)] =
          [&t, handler = entry.handler](const kit::GraphNode& node) -> kit::Status {
        t.builder.EnterLayer(node.name());
        KIT_RETURN_IF_ERROR(handler(t, node));
        KIT_RETURN_IF_ERROR(t.builder.status());
        return CheckOutputs(t, node);
      };
    }
  }
  return handlers;
}

// TensorFlow computes in the types it is given.
std::set<SlDataType> ComputeTypes(const kit::GraphView& graph) {
  std::set<SlDataType> types;
  for (int i = 0; i < graph.node_count(); ++i) {
    const kit::GraphNode node = graph.node(i);
    const std::string_view op = node.op_type();
    const bool computes = op == "Conv" || op == "ConvTranspose" || op == "Gemm" || op == "MatMul";
    if (computes && node.has_input(0)) types.insert(node.input(0).type());
  }
  return types;
}

}  // namespace

kit::Result<Model> Translate(const SlGraph& graph) {
  const kit::GraphView view(graph);
  Model model;
  model.graph.reset(TF_NewGraph());
  Translation t(view, model.graph.get());
  KIT_RETURN_IF_ERROR(CheckTypes(view));
  for (const kit::GraphValue& input : view.inputs()) KIT_RETURN_IF_ERROR(AddInput(t, input, model));
  KIT_RETURN_IF_ERROR(kit::Walk(view, MakeHandlers(t), kFramework));
  for (const kit::GraphValue& output : view.outputs()) AddOutput(t, output, model);
  KIT_RETURN_IF_ERROR(t.builder.status());
  model.compute_types = ComputeTypes(view);
  return model;
}

}  // namespace sightline::tensorflow
