// Reading an SlGraph from C++, and walking it to build a framework's own graph. All of these are views: cheap
// to copy, valid as long as the SlGraph, that is during CreateEngine.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/status.h"
#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// A tensor of the graph: an input, a constant, or what a node makes.
class GraphValue {
 public:
  GraphValue(const SlValue* value, int32_t index) : value_(value), index_(index) {}

  int32_t index() const {
    return index_;
  }  // in SlGraph.values; the key for an author's own map of what was built
  const char* name() const { return value_->name; }
  SlDataType type() const { return value_->data_type; }
  bool shape_known() const { return value_->rank >= 0; }
  int rank() const { return value_->rank; }  // -1: not known
  // In ONNX order; -1 is open. Empty when not known.
  std::span<const int64_t> dims() const;
  // Product of the dimensions; -1 when one is open or the shape is not known.
  int64_t elements() const;

  bool is_constant() const { return value_->data != nullptr; }
  // Empty unless this is a constant of the type asked for.
  std::span<const float> floats() const { return Data<float>(SL_F32); }
  std::span<const int64_t> int64s() const { return Data<int64_t>(SL_I64); }
  std::span<const int32_t> int32s() const { return Data<int32_t>(SL_I32); }
  const void* data() const { return value_->data; }
  size_t bytes() const { return value_->bytes; }

 private:
  template <typename T>
  std::span<const T> Data(SlDataType type) const {
    if (value_->data == nullptr || value_->data_type != type) return {};
    return {static_cast<const T*>(value_->data), value_->bytes / sizeof(T)};
  }

  const SlValue* value_;
  int32_t index_;
};

class GraphNode {
 public:
  GraphNode(const SlGraph* graph, const SlNode* node) : graph_(graph), node_(node) {}

  const char* name() const { return node_->name; }
  std::string_view op_type() const { return node_->op_type; }

  int input_count() const { return node_->input_count; }
  // False for an optional input left out, written or not.
  bool has_input(int i) const { return i < node_->input_count && node_->inputs[i] >= 0; }
  // has_input(i) must hold.
  GraphValue input(int i) const;
  int output_count() const { return node_->output_count; }
  // False for an optional output left out, written or not.
  bool has_output(int i) const { return i < node_->output_count && node_->outputs[i] >= 0; }
  // has_output(i) must hold.
  GraphValue output(int i = 0) const;

  bool has_attribute(std::string_view name) const { return Find(name) != nullptr; }
  // The attribute's value, or `fallback` where it is not written or of another kind.
  int64_t Int(std::string_view name, int64_t fallback) const;
  float Float(std::string_view name, float fallback) const;
  std::string_view String(std::string_view name, std::string_view fallback) const;
  std::vector<int64_t> Ints(std::string_view name, std::vector<int64_t> fallback) const;
  std::vector<float> Floats(std::string_view name, std::vector<float> fallback) const;

 private:
  const SlAttribute* Find(std::string_view name) const;

  const SlGraph* graph_;
  const SlNode* node_;
};

class GraphView {
 public:
  explicit GraphView(const SlGraph& graph) : graph_(&graph) {}

  const char* name() const { return graph_->name; }
  int opset() const { return graph_->opset; }
  int value_count() const { return graph_->value_count; }
  GraphValue value(int32_t index) const { return {&graph_->values[index], index}; }
  std::vector<GraphValue> inputs() const;
  std::vector<GraphValue> outputs() const;
  int node_count() const { return graph_->node_count; }
  GraphNode node(int i) const { return {graph_, &graph_->nodes[i]}; }

 private:
  const SlGraph* graph_;
};

// Builds one node. Its inputs have been built before.
using NodeHandler = std::function<Status(const GraphNode&)>;
using NodeHandlers = std::map<std::string, NodeHandler, std::less<>>;

// SL_UNSUPPORTED naming every operator without a handler and its layers:
// "operator LRN (layer 'norm1') is not supported by TensorFlow".
Status CheckOperators(const GraphView& graph, const NodeHandlers& handlers, std::string_view framework);

// CheckOperators first, so that nothing is built in vain; then calls the handler of each node in topological
// order. An error of a handler gets the layer in front: "layer 'conv1' (Conv): ...".
Status Walk(const GraphView& graph, const NodeHandlers& handlers, std::string_view framework);

}  // namespace sightline::kit
