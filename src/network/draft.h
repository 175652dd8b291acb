// A model being worked on. Weights lie apart from the graph and are shared between drafts: passes copy and
// rewrite the graph, which is small, and never the weights, which may be half a gigabyte.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "onnx/onnx_pb.h"
#include "src/base/result.h"

namespace sightline::network {

// The symbol an open batch has in every normalized graph.
inline constexpr char kBatchSymbol[] = "N";

using ConstantMap = std::map<std::string, std::shared_ptr<const onnx::TensorProto>>;

struct Draft {
  std::string name;        // for messages
  onnx::ModelProto model;  // its graph has no initializers, and only inputs that are fed at run time
  ConstantMap constants;   // raw (tensor_data.h), by name

  onnx::GraphProto& graph() { return *model.mutable_graph(); }
  const onnx::GraphProto& graph() const { return model.graph(); }

  int opset() const;  // of the default domain; 0: none
  void set_opset(int opset);

  const onnx::TensorProto* FindConstant(const std::string& value) const;
  // Input `index` of `node` as a constant; nullptr when absent or computed at run time.
  const onnx::TensorProto* ConstantInput(const onnx::NodeProto& node, int index) const;
  void AddConstant(onnx::TensorProto tensor);
};

// "node 'conv1' (Conv)"
std::string NodeLabel(const onnx::NodeProto& node);

// ---- Attributes ----
const onnx::AttributeProto* FindAttribute(const onnx::NodeProto& node, std::string_view name);
int64_t IntAttribute(const onnx::NodeProto& node, std::string_view name, int64_t default_value);
std::string StringAttribute(const onnx::NodeProto& node, std::string_view name,
                            std::string_view default_value);
std::vector<int64_t> IntsAttribute(const onnx::NodeProto& node, std::string_view name,
                                   std::vector<int64_t> default_value = {});
void SetIntAttribute(onnx::NodeProto& node, std::string_view name, int64_t value);
void SetFloatAttribute(onnx::NodeProto& node, std::string_view name, float value);
void SetIntsAttribute(onnx::NodeProto& node, std::string_view name, const std::vector<int64_t>& values);
void RemoveAttribute(onnx::NodeProto& node, std::string_view name);

inline bool HasInput(const onnx::NodeProto& node, int index) {
  return index < node.input_size() && !node.input(index).empty();
}
inline bool HasOutput(const onnx::NodeProto& node, int index) {
  return index < node.output_size() && !node.output(index).empty();
}
inline bool IsDefaultDomain(const onnx::NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

// ---- Values and nodes ----
// Whether `node` is control flow: it has graphs of its own.
bool HasSubgraph(const onnx::NodeProto& node);
// Calls `visit` with every value name `node` reads, those its subgraphs read from outside included.
// (Subgraph-local names come too: ONNX forbids them to shadow outer ones, so they match nothing.)
void ForEachRead(const onnx::NodeProto& node, const std::function<void(const std::string&)>& visit);
// Replaces each name read by what `rename` makes of it.
void RenameReads(onnx::NodeProto& node, const std::function<std::string(const std::string&)>& rename);

// Every name of a value in the graph: inputs, constants, outputs of nodes (subgraphs included).
std::unordered_set<std::string> ValueNames(const Draft& draft);
// `wanted`, or `wanted` with the smallest suffix "_2", "_3", ... that is not in `taken`; the result joins
// `taken`.
std::string UniqueName(std::string wanted, std::unordered_set<std::string>& taken);

// Gives every node a name no other has; nodes without one are called after operator and position: "Relu_17".
void NameNodes(Draft& draft);
// Orders nodes so that each comes after those it reads from; keeps the given order where that is one already.
// Fails on a value nothing produces and on cycles.
Status SortNodes(onnx::GraphProto& graph, const std::unordered_set<std::string>& given);
// Keeps the nodes `keep` accepts, in order.
void FilterNodes(onnx::GraphProto& graph, const std::function<bool(const onnx::NodeProto&)>& keep);
// Drops nodes and constants that no graph output depends on.
void RemoveDead(Draft& draft);

// ---- Batch ----
// Dimension 0 of the first input: std::nullopt when open. 0 when there is no such dimension.
std::optional<int64_t> BatchOf(const Draft& draft);
// Writes dimension 0 of every input.
void SetInputBatch(Draft& draft, std::optional<int64_t> batch);

}  // namespace sightline::network
