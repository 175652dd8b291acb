#include "backends/kit/graph.h"

namespace sightline::kit {
namespace {

std::vector<GraphValue> Values(const GraphView& graph, const int32_t* indices, int32_t count) {
  std::vector<GraphValue> values;
  values.reserve(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) values.push_back(graph.value(indices[i]));
  return values;
}

// "LRN (layers 'norm1', 'norm2')", with at most so many layers that the sentence stays readable.
std::string OperatorWithLayers(const std::string& op_type, const std::vector<std::string>& layers) {
  constexpr size_t kMostLayers = 3;
  std::string text = op_type + (layers.size() == 1 ? " (layer " : " (layers ");
  for (size_t i = 0; i < layers.size() && i < kMostLayers; ++i)
    text += (i > 0 ? ", '" : "'") + layers[i] + "'";
  if (layers.size() > kMostLayers) text += Text(" and ", layers.size() - kMostLayers, " more");
  return text + ")";
}

}  // namespace

std::span<const int64_t> GraphValue::dims() const {
  if (!shape_known()) return {};
  return {value_->dims, static_cast<size_t>(value_->rank)};
}

int64_t GraphValue::elements() const {
  if (!shape_known()) return -1;
  int64_t product = 1;
  for (const int64_t dim : dims()) {
    if (dim < 0) return -1;
    product *= dim;
  }
  return product;
}

GraphValue GraphNode::input(int i) const {
  const int32_t index = node_->inputs[i];
  return {&graph_->values[index], index};
}

GraphValue GraphNode::output(int i) const {
  const int32_t index = node_->outputs[i];
  return {&graph_->values[index], index};
}

const SlAttribute* GraphNode::Find(std::string_view name) const {
  for (int32_t i = 0; i < node_->attribute_count; ++i) {
    if (name == node_->attributes[i].name) return &node_->attributes[i];
  }
  return nullptr;
}

int64_t GraphNode::Int(std::string_view name, int64_t fallback) const {
  const SlAttribute* found = Find(name);
  return found != nullptr && found->kind == SL_ATTRIBUTE_INT ? found->int_value : fallback;
}

float GraphNode::Float(std::string_view name, float fallback) const {
  const SlAttribute* found = Find(name);
  return found != nullptr && found->kind == SL_ATTRIBUTE_FLOAT ? found->float_value : fallback;
}

std::string_view GraphNode::String(std::string_view name, std::string_view fallback) const {
  const SlAttribute* found = Find(name);
  return found != nullptr && found->kind == SL_ATTRIBUTE_STRING ? found->string_value : fallback;
}

std::vector<int64_t> GraphNode::Ints(std::string_view name, std::vector<int64_t> fallback) const {
  const SlAttribute* found = Find(name);
  if (found == nullptr || found->kind != SL_ATTRIBUTE_INTS) return fallback;
  return {found->ints, found->ints + found->count};
}

std::vector<float> GraphNode::Floats(std::string_view name, std::vector<float> fallback) const {
  const SlAttribute* found = Find(name);
  if (found == nullptr || found->kind != SL_ATTRIBUTE_FLOATS) return fallback;
  return {found->floats, found->floats + found->count};
}

std::vector<GraphValue> GraphView::inputs() const {
  return Values(*this, graph_->inputs, graph_->input_count);
}
std::vector<GraphValue> GraphView::outputs() const {
  return Values(*this, graph_->outputs, graph_->output_count);
}

Status CheckOperators(const GraphView& graph, const NodeHandlers& handlers, std::string_view framework) {
  std::map<std::string, std::vector<std::string>> missing;
  for (int i = 0; i < graph.node_count(); ++i) {
    const GraphNode node = graph.node(i);
    if (!handlers.contains(node.op_type())) missing[std::string(node.op_type())].emplace_back(node.name());
  }
  if (missing.empty()) return Ok();
  std::string list;
  for (const auto& [op_type, layers] : missing) {
    list += (list.empty() ? "" : ", ") + OperatorWithLayers(op_type, layers);
  }
  return Unsupported(missing.size() == 1 ? "operator " : "operators ", list,
                     missing.size() == 1 ? " is" : " are", " not supported by ", framework);
}

Status Walk(const GraphView& graph, const NodeHandlers& handlers, std::string_view framework) {
  KIT_RETURN_IF_ERROR(CheckOperators(graph, handlers, framework));
  for (int i = 0; i < graph.node_count(); ++i) {
    const GraphNode node = graph.node(i);
    const Status status = handlers.find(node.op_type())->second(node);
    if (!status.ok()) return status.WithContext(Text("layer '", node.name(), "' (", node.op_type(), ")"));
  }
  return Ok();
}

}  // namespace sightline::kit
