#include "src/network/simplify.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using onnx::AttributeProto;

std::unordered_set<std::string> OutputNames(const Draft& draft) {
  std::unordered_set<std::string> names;
  for (const auto& output : draft.graph().output()) names.insert(output.name());
  return names;
}

// The tensor a Constant node holds; std::nullopt for strings and sparse ones, which stay nodes.
std::optional<onnx::TensorProto> ConstantValue(const onnx::NodeProto& node) {
  const std::string& name = node.output(0);
  for (const AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == "value") return attribute.t();
    const std::vector<float> floats(attribute.floats().begin(), attribute.floats().end());
    const std::vector<int64_t> ints(attribute.ints().begin(), attribute.ints().end());
    const int64_t count[] = {static_cast<int64_t>(floats.size())};
    if (attribute.name() == "value_float") return MakeFloatTensor(name, {}, std::vector{attribute.f()});
    if (attribute.name() == "value_floats") return MakeFloatTensor(name, count, floats);
    if (attribute.name() == "value_ints") return MakeIntTensor(name, ints);
    if (attribute.name() == "value_int") {
      onnx::TensorProto scalar = MakeIntTensor(name, std::vector{attribute.i()});
      scalar.clear_dims();
      return scalar;
    }
  }
  return std::nullopt;
}

bool IsIdentity(const Draft& draft, const onnx::NodeProto& node,
                const std::unordered_set<std::string>& reads) {
  if (!IsDefaultDomain(node) || node.input_size() == 0) return false;
  if (node.op_type() == "Identity") return true;
  if (node.op_type() != "Dropout" || (HasOutput(node, 1) && reads.contains(node.output(1)))) return false;
  if (!HasInput(node, 2)) return true;
  const onnx::TensorProto* training_mode = draft.ConstantInput(node, 2);
  return training_mode != nullptr && ReadScalar(*training_mode).value_or(1) == 0;
}

std::unordered_set<std::string> AllReads(const Draft& draft) {
  std::unordered_set<std::string> reads = OutputNames(draft);
  for (const onnx::NodeProto& node : draft.graph().node()) {
    ForEachRead(node, [&reads](const std::string& name) { reads.insert(name); });
  }
  return reads;
}

// Names to replace: a value by the one that equals it.
using Aliases = std::unordered_map<std::string, std::string>;

void ApplyAliases(Draft& draft, const Aliases& aliases) {
  const auto resolve = [&aliases](const std::string& name) {
    std::string resolved = name;
    for (auto next = aliases.find(resolved); next != aliases.end(); next = aliases.find(resolved)) {
      resolved = next->second;
    }
    return resolved;
  };
  for (onnx::NodeProto& node : *draft.graph().mutable_node()) {
    RenameReads(node, resolve);
    for (std::string& output : *node.mutable_output()) output = resolve(output);
  }
}

void OpenDim(onnx::TensorShapeProto::Dimension& dim, const char* symbol) {
  dim.set_dim_param(symbol);
}

// Calls `visit` with every dimension of every declared type.
template <typename Visit>
void ForEachDeclaredDim(onnx::GraphProto& graph, const Visit& visit) {
  for (auto* infos : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
    for (onnx::ValueInfoProto& info : *infos) {
      if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) continue;
      for (auto& dim : *info.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim())
        visit(dim);
    }
  }
}

}  // namespace

Status RemoveConstantNodes(Draft& draft) {
  const std::unordered_set<std::string> outputs = OutputNames(draft);
  std::unordered_set<std::string> removed;
  for (const onnx::NodeProto& node : draft.graph().node()) {
    if (node.op_type() != "Constant" || !IsDefaultDomain(node) || node.output_size() != 1) continue;
    if (outputs.contains(node.output(0))) continue;
    std::optional<onnx::TensorProto> value = ConstantValue(node);
    if (!value || value->data_type() == onnx::TensorProto::STRING) continue;
    value->set_name(node.output(0));
    SIGHTLINE_RETURN_IF_ERROR(MakeRaw(*value));
    draft.AddConstant(*std::move(value));
    removed.insert(node.name());
  }
  FilterNodes(draft.graph(),
              [&removed](const onnx::NodeProto& node) { return !removed.contains(node.name()); });
  return OkStatus();
}

void RemoveIdentities(Draft& draft) {
  const std::unordered_set<std::string> outputs = OutputNames(draft);
  const std::unordered_set<std::string> reads = AllReads(draft);
  std::unordered_set<std::string> produced;
  for (const onnx::NodeProto& node : draft.graph().node())
    produced.insert(node.output().begin(), node.output().end());

  Aliases aliases;
  std::unordered_set<std::string> removed;
  for (const onnx::NodeProto& node : draft.graph().node()) {
    if (!IsIdentity(draft, node, reads)) continue;
    std::string from = node.input(0);
    for (auto next = aliases.find(from); next != aliases.end(); next = aliases.find(from))
      from = next->second;
    const std::string& to = node.output(0);
    if (!outputs.contains(to)) {
      aliases[to] = from;
    } else if (produced.contains(from) && !outputs.contains(from)) {
      aliases[from] = to;  // an output keeps its name; what is copied into it takes that name
    } else {
      continue;  // a graph's input, constant or other output handed straight out
    }
    removed.insert(node.name());
  }
  FilterNodes(draft.graph(),
              [&removed](const onnx::NodeProto& node) { return !removed.contains(node.name()); });
  ApplyAliases(draft, aliases);
}

void NameBatch(Draft& draft) {
  onnx::GraphProto& graph = draft.graph();
  ForEachDeclaredDim(graph, [](auto& dim) {
    if (dim.has_dim_value() && dim.dim_value() <= 0) dim.clear_value();
    if (dim.dim_param() == kBatchSymbol) OpenDim(dim, "N_file");
  });
  std::unordered_set<std::string> batch_symbols;
  for (onnx::ValueInfoProto& input : *graph.mutable_input()) {
    if (!input.type().has_tensor_type() || input.type().tensor_type().shape().dim_size() == 0) continue;
    auto& dim = *input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0);
    if (dim.has_dim_value()) continue;
    if (!dim.dim_param().empty()) batch_symbols.insert(dim.dim_param());
    OpenDim(dim, kBatchSymbol);
  }
  ForEachDeclaredDim(graph, [&batch_symbols](auto& dim) {
    if (batch_symbols.contains(dim.dim_param())) OpenDim(dim, kBatchSymbol);
  });
}

}  // namespace sightline::network
