#include "src/network/draft.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"

namespace sightline::network {
namespace {

onnx::AttributeProto& MutableAttribute(onnx::NodeProto& node, std::string_view name,
                                       onnx::AttributeProto::AttributeType type) {
  RemoveAttribute(node, name);
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(type);
  return attribute;
}

template <typename Visit>
void ForEachSubgraph(const onnx::NodeProto& node, const Visit& visit) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.has_g()) visit(attribute.g());
    for (const onnx::GraphProto& graph : attribute.graphs()) visit(graph);
  }
}

void RenameReadsIn(onnx::GraphProto& graph, const std::function<std::string(const std::string&)>& rename) {
  for (onnx::NodeProto& node : *graph.mutable_node()) RenameReads(node, rename);
  // A subgraph may hand an outer value straight out.
  for (onnx::ValueInfoProto& output : *graph.mutable_output()) output.set_name(rename(output.name()));
}

void CollectNames(const onnx::GraphProto& graph, std::unordered_set<std::string>& names) {
  for (const auto& input : graph.input()) names.insert(input.name());
  for (const auto& initializer : graph.initializer()) names.insert(initializer.name());
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& output : node.output()) names.insert(output);
    ForEachSubgraph(node, [&names](const onnx::GraphProto& subgraph) { CollectNames(subgraph, names); });
  }
}

using Producers = std::unordered_map<std::string, int>;

Producers FindProducers(const onnx::GraphProto& graph) {
  Producers producers;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const std::string& output : graph.node(i).output()) {
      if (!output.empty()) producers.emplace(output, i);
    }
  }
  return producers;
}

Status CheckReferences(const onnx::GraphProto& graph, const Producers& producers,
                       const std::unordered_set<std::string>& given) {
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& input : node.input()) {
      if (input.empty() || given.contains(input) || producers.contains(input)) continue;
      return Error(ErrorKind::kInvalidArgument,
                   fmt::format("{} reads '{}', which nothing in the file produces: export the model again",
                               NodeLabel(node), input));
    }
  }
  for (const onnx::ValueInfoProto& output : graph.output()) {
    if (given.contains(output.name()) || producers.contains(output.name())) continue;
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("output '{}' is produced by no node: export the model again", output.name()));
  }
  return OkStatus();
}

}  // namespace

int Draft::opset() const {
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") return static_cast<int>(import.version());
  }
  return 0;
}

void Draft::set_opset(int opset) {
  for (auto& import : *model.mutable_opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") import.set_version(opset);
  }
}

const onnx::TensorProto* Draft::FindConstant(const std::string& value) const {
  const auto found = constants.find(value);
  return found == constants.end() ? nullptr : found->second.get();
}

const onnx::TensorProto* Draft::ConstantInput(const onnx::NodeProto& node, int index) const {
  return HasInput(node, index) ? FindConstant(node.input(index)) : nullptr;
}

void Draft::AddConstant(onnx::TensorProto tensor) {
  auto shared = std::make_shared<const onnx::TensorProto>(std::move(tensor));
  constants.insert_or_assign(shared->name(), shared);
}

std::string NodeLabel(const onnx::NodeProto& node) {
  if (node.name().empty()) return fmt::format("an unnamed {} node", node.op_type());
  return fmt::format("node '{}' ({})", node.name(), node.op_type());
}

const onnx::AttributeProto* FindAttribute(const onnx::NodeProto& node, std::string_view name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

int64_t IntAttribute(const onnx::NodeProto& node, std::string_view name, int64_t default_value) {
  const onnx::AttributeProto* attribute = FindAttribute(node, name);
  return attribute == nullptr ? default_value : attribute->i();
}

std::string StringAttribute(const onnx::NodeProto& node, std::string_view name,
                            std::string_view default_value) {
  const onnx::AttributeProto* attribute = FindAttribute(node, name);
  return attribute == nullptr ? std::string(default_value) : attribute->s();
}

std::vector<int64_t> IntsAttribute(const onnx::NodeProto& node, std::string_view name,
                                   std::vector<int64_t> default_value) {
  const onnx::AttributeProto* attribute = FindAttribute(node, name);
  if (attribute == nullptr) return default_value;
  return {attribute->ints().begin(), attribute->ints().end()};
}

void SetIntAttribute(onnx::NodeProto& node, std::string_view name, int64_t value) {
  MutableAttribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void SetFloatAttribute(onnx::NodeProto& node, std::string_view name, float value) {
  MutableAttribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void SetIntsAttribute(onnx::NodeProto& node, std::string_view name, const std::vector<int64_t>& values) {
  MutableAttribute(node, name, onnx::AttributeProto::INTS).mutable_ints()->Add(values.begin(), values.end());
}

void RemoveAttribute(onnx::NodeProto& node, std::string_view name) {
  auto& attributes = *node.mutable_attribute();
  for (int i = attributes.size() - 1; i >= 0; --i) {
    if (attributes.Get(i).name() == name) attributes.DeleteSubrange(i, 1);
  }
}

bool HasSubgraph(const onnx::NodeProto& node) {
  return std::any_of(node.attribute().begin(), node.attribute().end(),
                     [](const onnx::AttributeProto& a) { return a.has_g() || a.graphs_size() > 0; });
}

void ForEachRead(const onnx::NodeProto& node, const std::function<void(const std::string&)>& visit) {
  for (const std::string& input : node.input()) {
    if (!input.empty()) visit(input);
  }
  ForEachSubgraph(node, [&visit](const onnx::GraphProto& subgraph) {
    for (const onnx::NodeProto& inner : subgraph.node()) ForEachRead(inner, visit);
    for (const onnx::ValueInfoProto& output : subgraph.output()) visit(output.name());
  });
}

void RenameReads(onnx::NodeProto& node, const std::function<std::string(const std::string&)>& rename) {
  for (std::string& input : *node.mutable_input()) {
    if (!input.empty()) input = rename(input);
  }
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.has_g()) RenameReadsIn(*attribute.mutable_g(), rename);
    for (onnx::GraphProto& graph : *attribute.mutable_graphs()) RenameReadsIn(graph, rename);
  }
}

std::unordered_set<std::string> ValueNames(const Draft& draft) {
  std::unordered_set<std::string> names;
  CollectNames(draft.graph(), names);
  for (const auto& [name, tensor] : draft.constants) names.insert(name);
  return names;
}

std::string UniqueName(std::string wanted, std::unordered_set<std::string>& taken) {
  std::string name = wanted;
  for (int suffix = 2; !taken.insert(name).second; ++suffix) name = fmt::format("{}_{}", wanted, suffix);
  return name;
}

void NameNodes(Draft& draft) {
  // Names the file gives go first, so that a made-up one never pushes a real one aside.
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, int> copies;  // of a name so far: a file may give all its nodes the same
  auto& nodes = *draft.graph().mutable_node();
  for (onnx::NodeProto& node : nodes) {
    if (node.name().empty()) continue;
    int& suffix = copies.try_emplace(node.name(), 1).first->second;
    std::string name = node.name();
    while (!taken.insert(name).second) name = fmt::format("{}_{}", node.name(), ++suffix);
    node.set_name(name);
  }
  for (int i = 0; i < nodes.size(); ++i) {
    onnx::NodeProto& node = *nodes.Mutable(i);
    if (node.name().empty()) node.set_name(UniqueName(fmt::format("{}_{}", node.op_type(), i), taken));
  }
}

Status SortNodes(onnx::GraphProto& graph, const std::unordered_set<std::string>& given) {
  const Producers producers = FindProducers(graph);
  SIGHTLINE_RETURN_IF_ERROR(CheckReferences(graph, producers, given));

  const auto count = static_cast<size_t>(graph.node_size());
  std::vector<std::vector<int>> readers(count);
  std::vector<int> waiting_for(count, 0);
  for (int i = 0; i < graph.node_size(); ++i) {
    ForEachRead(graph.node(i), [&](const std::string& name) {
      const auto producer = producers.find(name);
      if (producer == producers.end() || given.contains(name)) return;
      readers[static_cast<size_t>(producer->second)].push_back(i);
      ++waiting_for[static_cast<size_t>(i)];
    });
  }
  // Kahn's algorithm; the smallest index first keeps an order that is right already.
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (waiting_for[static_cast<size_t>(i)] == 0) ready.push(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int next = ready.top();
    ready.pop();
    order.push_back(next);
    for (const int reader : readers[static_cast<size_t>(next)]) {
      if (--waiting_for[static_cast<size_t>(reader)] == 0) ready.push(reader);
    }
  }
  if (order.size() < count) {
    const auto stuck = std::find_if(waiting_for.begin(), waiting_for.end(), [](int n) { return n > 0; });
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{} depends on its own output: a graph must not have cycles",
                             NodeLabel(graph.node(static_cast<int>(stuck - waiting_for.begin())))));
  }
  if (std::is_sorted(order.begin(), order.end())) return OkStatus();
  google::protobuf::RepeatedPtrField<onnx::NodeProto> sorted;
  for (const int i : order) *sorted.Add() = std::move(*graph.mutable_node(i));
  graph.mutable_node()->Swap(&sorted);
  return OkStatus();
}

void FilterNodes(onnx::GraphProto& graph, const std::function<bool(const onnx::NodeProto&)>& keep) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> kept;
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    if (keep(node)) *kept.Add() = std::move(node);
  }
  graph.mutable_node()->Swap(&kept);
}

void RemoveDead(Draft& draft) {
  std::unordered_set<std::string> needed;
  for (const auto& output : draft.graph().output()) needed.insert(output.name());
  std::unordered_set<std::string> live_nodes;
  for (int i = draft.graph().node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto& node = draft.graph().node(i);
    const bool live = std::any_of(node.output().begin(), node.output().end(),
                                  [&needed](const std::string& output) { return needed.contains(output); });
    if (!live) continue;
    live_nodes.insert(node.name());
    ForEachRead(node, [&needed](const std::string& name) { needed.insert(name); });
  }
  FilterNodes(draft.graph(),
              [&live_nodes](const onnx::NodeProto& node) { return live_nodes.contains(node.name()); });
  std::erase_if(draft.constants, [&needed](const auto& item) { return !needed.contains(item.first); });
}

std::optional<int64_t> BatchOf(const Draft& draft) {
  if (draft.graph().input_size() == 0) return 0;
  const auto& shape = draft.graph().input(0).type().tensor_type().shape();
  if (shape.dim_size() == 0) return 0;
  if (shape.dim(0).has_dim_value()) return shape.dim(0).dim_value();
  return std::nullopt;
}

void SetInputBatch(Draft& draft, std::optional<int64_t> batch) {
  for (onnx::ValueInfoProto& input : *draft.graph().mutable_input()) {
    if (!input.type().has_tensor_type() || input.type().tensor_type().shape().dim_size() == 0) continue;
    auto& dim = *input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0);
    if (batch) {
      dim.set_dim_value(*batch);
    } else {
      dim.set_dim_param(kBatchSymbol);
    }
  }
}

}  // namespace sightline::network
