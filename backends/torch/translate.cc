#include "backends/torch/translate.h"

#include <utility>

namespace sightline::torch_backend {
namespace {

constexpr const char* kFramework = "LibTorch";

std::vector<std::span<const HandlerEntry>> Tables() {
  return {ConvolutionHandlers(), PoolingHandlers(), NormalizationHandlers(), ElementwiseHandlers(),
          ActivationHandlers(),  ShapeHandlers(),   IndexingHandlers(),      MatrixHandlers(),
          ReductionHandlers(),   ResizeHandlers()};
}

kit::Result<kit::TensorInfo> InputInfo(const kit::GraphValue& value, bool channels_last) {
  if (!value.shape_known()) return kit::Unsupported("the shape of input '", value.name(), "' is not known");
  Dims dims(value.dims().begin(), value.dims().end());
  SlLayout layout = SL_LAYOUT_PLAIN;
  if (dims.size() == 4) {
    layout = channels_last ? SL_LAYOUT_NHWC : SL_LAYOUT_NCHW;
    if (channels_last) dims = {dims[0], dims[2], dims[3], dims[1]};
  }
  return kit::TensorInfo{value.name(), value.type(), layout, kit::NamedDims(std::move(dims))};
}

kit::TensorInfo OutputInfo(const kit::GraphValue& value) {
  return {value.name(), value.type(), value.rank() == 4 ? SL_LAYOUT_NCHW : SL_LAYOUT_PLAIN,
          kit::NamedDims({value.dims().begin(), value.dims().end()})};
}

// The program computes in another type than its inputs and outputs have.
void LowerInput(Translation& t, const kit::GraphValue& value) {
  if (t.TypeOf(value.type()) == value.type()) return;
  const std::string lowered =
      t.builder.Let(Torch("to", t.builder.Get(value), ScalarTypeCode(t.TypeOf(value.type()))));
  t.builder.Alias(value, lowered);
}

std::string RaisedOutput(Translation& t, const kit::GraphValue& value) {
  std::string name = t.builder.Get(value);
  if (t.TypeOf(value.type()) == value.type()) return name;
  return t.builder.Let(Torch("to", name, ScalarTypeCode(value.type())));
}

kit::Status Build(Translation& t, const kit::GraphNode& node, Handler handler) {
  // Computed with the convolution before it.
  if (node.has_output(0) && t.builder.Has(node.output())) return kit::Ok();
  const auto fused = node.has_output(0) ? t.fused.find(node.output().index()) : t.fused.end();
  t.builder.EnterLayer(node.name(),
                       fused == t.fused.end() ? std::string(node.op_type()) : fused->second.type);
  KIT_RETURN_IF_ERROR(handler(t, node));
  t.builder.LeaveLayer();
  for (int i = 0; i < node.output_count(); ++i) {
    if (node.has_output(i) && fused == t.fused.end() && !t.builder.Has(node.output(i))) {
      return kit::Unsupported("its output '", node.output(i).name(), "' is not supported");
    }
  }
  return kit::Ok();
}

kit::NodeHandlers MakeHandlers(Translation& t) {
  kit::NodeHandlers handlers;
  for (const auto table : Tables()) {
    for (const HandlerEntry& entry : table) {
      handlers[std::string(entry.op_type)] = [&t, handler = entry.handler](const kit::GraphNode& node) {
        return Build(t, node, handler);
      };
    }
  }
  return handlers;
}

void PlanFusion(Translation& t) {
  for (int i = 0; i < t.graph.node_count(); ++i) {
    const kit::GraphNode node = t.graph.node(i);
    if (node.op_type() != "Conv" || !node.input(1).is_constant()) continue;
    if (node.has_input(2) && !node.input(2).is_constant()) continue;
    t.fused.emplace(node.output().index(), FoldBehind(t.uses, node));
  }
}

}  // namespace

kit::Result<Program> Translate(const SlGraph& graph, const TranslationSettings& settings) {
  const kit::GraphView view(graph);
  Translation t(view, settings);
  std::vector<kit::TensorInfo> inputs;
  for (const kit::GraphValue& input : view.inputs()) {
    KIT_ASSIGN_OR_RETURN(kit::TensorInfo info, InputInfo(input, settings.channels_last));
    inputs.push_back(std::move(info));
    t.builder.AddInput(input);
  }
  for (const kit::GraphValue& input : view.inputs()) LowerInput(t, input);
  const kit::NodeHandlers handlers = MakeHandlers(t);
  KIT_RETURN_IF_ERROR(kit::CheckOperators(view, handlers, kFramework));
  PlanFusion(t);
  KIT_RETURN_IF_ERROR(kit::Walk(view, handlers, kFramework));
  std::vector<std::string> results;
  std::vector<kit::TensorInfo> outputs;
  for (const kit::GraphValue& output : view.outputs()) {
    results.push_back(RaisedOutput(t, output));
    outputs.push_back(OutputInfo(output));
  }
  Program program = t.builder.Finish(results);
  program.inputs = std::move(inputs);
  program.outputs = std::move(outputs);
  return program;
}

}  // namespace sightline::torch_backend
