#include "src/cli/network_layers.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "src/base/check.h"
#include "src/flow/tensor.h"

namespace sightline::cli {
namespace {

analyze::GraphTensor TensorOf(const SlValue& value) {
  analyze::GraphTensor tensor{.name = value.name, .weight = value.data != nullptr};
  if (tensor.weight) {
    tensor.bytes = static_cast<int64_t>(value.bytes);
    return tensor;
  }
  Shape shape;
  shape.rank = value.rank;
  if (value.rank < 0) return tensor;  // not known before it runs
  for (int i = 0; i < value.rank; ++i) shape[i] = value.dims[i];
  tensor.bytes = shape.elements() * static_cast<int64_t>(DataTypeBytes(value.data_type));
  return tensor;
}

int64_t GroupsOf(const SlNode& node) {
  for (const SlAttribute& attribute : std::span(node.attributes, static_cast<size_t>(node.attribute_count))) {
    if (std::string_view(attribute.name) == "group") return attribute.int_value;
  }
  return 1;
}

// Depthwise convolutions do so much less work per byte that they are a kind of their own.
std::string OperatorOf(const SlNode& node, const SlGraph& graph) {
  std::string op_type = node.op_type;
  if (op_type != "Conv" || node.input_count < 1 || node.inputs[0] < 0) return op_type;
  const SlValue& input = graph.values[node.inputs[0]];
  const int64_t groups = GroupsOf(node);
  return groups > 1 && input.rank > 1 && input.dims[1] == groups ? "Conv depthwise" : op_type;
}

std::vector<int> Known(const int32_t* indices, int32_t count) {
  std::vector<int> known;
  std::copy_if(indices, indices + count, std::back_inserter(known), [](int32_t index) { return index >= 0; });
  return known;
}

}  // namespace

Result<analyze::LayerGraph> LayersOf(const network::Network& network, int batch) {
  SIGHTLINE_ASSIGN_OR_RETURN(const network::Network fixed, network.WithBatch(batch));
  const SlGraph& graph = fixed.Graph();
  const network::NetworkCost cost = fixed.Cost();
  SIGHTLINE_CHECK(cost.layers.size() == static_cast<size_t>(graph.node_count));
  analyze::LayerGraph layers;
  for (const SlValue& value : std::span(graph.values, static_cast<size_t>(graph.value_count))) {
    layers.tensors.push_back(TensorOf(value));
  }
  for (const int32_t output : std::span(graph.outputs, static_cast<size_t>(graph.output_count))) {
    layers.tensors[static_cast<size_t>(output)].network_output = true;
  }
  for (size_t i = 0; i < cost.layers.size(); ++i) {
    const SlNode& node = graph.nodes[i];
    SIGHTLINE_CHECK(cost.layers[i].name == node.name);
    layers.nodes.push_back({.name = node.name,
                            .op_type = OperatorOf(node, graph),
                            .inputs = Known(node.inputs, node.input_count),
                            .outputs = Known(node.outputs, node.output_count),
                            .macs = cost.layers[i].macs});
  }
  return layers;
}

}  // namespace sightline::cli
