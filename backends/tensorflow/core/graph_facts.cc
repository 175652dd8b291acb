#include "backends/tensorflow/core/graph_facts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

constexpr uint32_t kMetaGraphGraphDef = 2;
constexpr uint32_t kGraphNode = 1;
constexpr uint32_t kGraphLibrary = 2;
constexpr uint32_t kLibraryFunction = 1;
constexpr uint32_t kFunctionNode = 3;
constexpr uint32_t kNodeName = 1;
constexpr uint32_t kNodeOp = 2;
constexpr uint32_t kNodeAttribute = 5;
constexpr uint32_t kMapKey = 1;
constexpr uint32_t kMapValue = 2;
constexpr uint32_t kAttributeType = 6;

struct TypeNumber {
  uint64_t number;  // DataType of tensorflow/core/framework/types.proto
  SlDataType type;
};
constexpr std::array<TypeNumber, 8> kTypes = {{{1, SL_F32},
                                               {2, SL_F64},
                                               {3, SL_I32},
                                               {4, SL_U8},
                                               {6, SL_I8},
                                               {11, SL_I8},  // DT_QINT8
                                               {12, SL_U8},  // DT_QUINT8
                                               {14, SL_BF16}}};
constexpr TypeNumber kHalf = {19, SL_F16};

std::optional<SlDataType> TypeOf(uint64_t number) {
  if (number == kHalf.number) return kHalf.type;
  const auto* found = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const TypeNumber& known) { return known.number == number; });
  if (found == kTypes.end()) return std::nullopt;
  return found->type;
}

// The attribute that says in which type an operation computes; "" of one that is neither a convolution nor a
// matrix product.
std::string_view TypeAttribute(std::string_view op) {
  constexpr std::array<std::string_view, 10> kCompute = {"Conv2D",
                                                         "Conv3D",
                                                         "Conv",
                                                         "DepthwiseConv2dNative",
                                                         "Conv2DBackpropInput",
                                                         "BatchMatMul",
                                                         "BatchMatMulV2",
                                                         "BatchMatMulV3",
                                                         "MatMul",
                                                         "Einsum"};
  const bool quantized =
      op.starts_with("Quantized") && (op.find("Conv") != op.npos || op.find("MatMul") != op.npos);
  if (quantized) return op.find("MatMul") != op.npos && op.find("With") == op.npos ? "T1" : "Tinput";
  if (op.starts_with("_Fused")) op.remove_prefix(6);
  return std::find(kCompute.begin(), kCompute.end(), op) == kCompute.end() ? "" : "T";
}

template <typename Visit>
void ForEach(std::string_view message, uint32_t number, const Visit& visit) {
  WireReader reader(message);
  WireField field;
  while (reader.Next(field)) {
    if (field.number == number) visit(field);
  }
}

std::string_view BytesOf(std::string_view message, uint32_t number) {
  std::string_view bytes;
  ForEach(message, number, [&](const WireField& field) { bytes = field.bytes; });
  return bytes;
}

// The number in attribute `key` of a node, as a type; nothing where it is not there.
std::optional<SlDataType> TypeIn(std::string_view node, std::string_view key) {
  std::optional<SlDataType> type;
  ForEach(node, kNodeAttribute, [&](const WireField& entry) {
    if (BytesOf(entry.bytes, kMapKey) != key) return;
    ForEach(BytesOf(entry.bytes, kMapValue), kAttributeType,
            [&](const WireField& value) { type = TypeOf(value.varint); });
  });
  return type;
}

// visit(node, whether it is in a function)
template <typename Visit>
void ForEachNode(std::string_view graph_def, const Visit& visit) {
  ForEach(graph_def, kGraphNode, [&](const WireField& node) { visit(node.bytes, false); });
  ForEach(graph_def, kGraphLibrary, [&](const WireField& library) {
    ForEach(library.bytes, kLibraryFunction, [&](const WireField& function) {
      ForEach(function.bytes, kFunctionNode, [&](const WireField& node) { visit(node.bytes, true); });
    });
  });
}

}  // namespace

bool SizedByData(std::string_view op) {
  constexpr std::array<std::string_view, 6> kOperations = {
      "DynamicPartition", "ListDiff", "Unique", "UniqueV2", "Where", "UniqueWithCounts"};
  return op.starts_with("NonMaxSuppression") ||
         std::find(kOperations.begin(), kOperations.end(), op) != kOperations.end();
}

GraphFacts ReadGraphFacts(std::string_view graph_def) {
  GraphFacts facts;
  ForEachNode(graph_def, [&](std::string_view node, bool in_function) {
    const std::string_view op = BytesOf(node, kNodeOp);
    if (const std::string_view key = TypeAttribute(op); !key.empty()) {
      if (const auto type = TypeIn(node, key)) facts.compute_types.insert(*type);
    }
    if (in_function) facts.functions_size_by_data |= SizedByData(op);
    if (!in_function && op == "Placeholder") {
      facts.placeholders.push_back(
          {std::string(BytesOf(node, kNodeName)), TypeIn(node, "dtype").value_or(SL_F32)});
    }
  });
  return facts;
}

std::string_view GraphDefOf(std::string_view meta_graph_def) {
  return BytesOf(meta_graph_def, kMetaGraphGraphDef);
}

std::string NodeOfType(std::string_view graph_def, std::string_view op) {
  std::string name;
  ForEachNode(graph_def, [&](std::string_view node, bool) {
    if (name.empty() && BytesOf(node, kNodeOp) == op) name = BytesOf(node, kNodeName);
  });
  return name;
}

}  // namespace sightline::tensorflow
