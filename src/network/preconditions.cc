#include "src/network/preconditions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "src/network/node_shapes.h"

namespace sightline::network {
namespace {

// ---- Windows ----

struct WindowOperator {
  std::string_view op_type;
  int weights;  // index of the input whose last dimensions are the window; -1: `kernel_shape` is
};

constexpr WindowOperator kWindowOperators[] = {{"Conv", 1},          {"ConvInteger", 1}, {"QLinearConv", 3},
                                               {"ConvTranspose", 1}, {"MaxPool", -1},    {"AveragePool", -1},
                                               {"LpPool", -1},       {"MaxUnpool", -1}};

const WindowOperator* FindWindowOperator(std::string_view op_type) {
  const auto* found = std::find_if(std::begin(kWindowOperators), std::end(kWindowOperators),
                                   [op_type](const WindowOperator& op) { return op.op_type == op_type; });
  return found == std::end(kWindowOperators) ? nullptr : found;
}

// ONNX finds the padding of auto_pad by subtracting the stride until it fits.
constexpr int64_t kLargestWindowInput = int64_t{1} << 28;

constexpr int64_t kBatchAndChannels = 2;

struct ListRule {
  std::string_view attribute;
  int64_t per_axis;  // entries for each axis the window slides along
  int64_t lowest;
};

constexpr ListRule kListRules[] = {{"kernel_shape", 1, 1}, {"strides", 1, 1},      {"dilations", 1, 1},
                                   {"pads", 2, 0},         {"output_shape", 1, 1}, {"output_padding", 1, 0}};

Status CheckList(const NodeShapes& shapes, const ListRule& rule, std::optional<int64_t> axes) {
  if (FindAttribute(shapes.node(), rule.attribute) == nullptr) return OkStatus();
  const std::vector<int64_t> values = IntsAttribute(shapes.node(), rule.attribute);
  const auto count = static_cast<int64_t>(values.size());
  if (axes && count != *axes * rule.per_axis) {
    return shapes.Refuse(
        fmt::format("'{}' has {} entries and should have {}", rule.attribute, count, *axes * rule.per_axis));
  }
  for (const int64_t value : values) {
    if (value >= rule.lowest && value < kLargestDim) continue;
    return shapes.Refuse(
        fmt::format("'{}' holds {}, and {} is the least", rule.attribute, value, rule.lowest));
  }
  return OkStatus();
}

Status CheckWindowInput(const NodeShapes& shapes) {
  const ValueType input = shapes.InputType(0);
  if (!input.dims) return OkStatus();
  if (input.dims->size() <= kBatchAndChannels) {
    return shapes.Refuse(fmt::format("an input of {} dimensions has none that a window could slide along",
                                     input.dims->size()));
  }
  for (size_t axis = kBatchAndChannels; axis < input.dims->size(); ++axis) {
    const Dim dim = (*input.dims)[axis];
    if (dim.value <= kLargestWindowInput) continue;
    return shapes.Refuse(fmt::format("an input of size {} is beyond what is read", dim.value));
  }
  return OkStatus();
}

Status CheckWindowWeights(const NodeShapes& shapes, int weights) {
  const ValueType type = shapes.InputType(weights);
  if (!type.dims) return OkStatus();
  const std::optional<int64_t> rank = shapes.InputRank(0);
  const auto weight_rank = static_cast<int64_t>(type.dims->size());
  if (rank && weight_rank != *rank) {
    return shapes.Refuse(
        fmt::format("the weights have {} dimensions, and the input has {}", weight_rank, *rank));
  }
  const std::vector<int64_t> kernel = IntsAttribute(shapes.node(), "kernel_shape");
  for (size_t axis = kBatchAndChannels; axis < type.dims->size(); ++axis) {
    const Dim dim = (*type.dims)[axis];
    if (!dim.known()) continue;
    if (dim.value < 1) return shapes.Refuse("the weights are empty");
    const size_t at = axis - kBatchAndChannels;
    if (at >= kernel.size() || kernel[at] == dim.value) continue;
    return shapes.Refuse(
        fmt::format("'kernel_shape' says {} where the weights have {}", kernel[at], dim.value));
  }
  return OkStatus();
}

// MaxUnpool is told where each value goes.
Status CheckUnpoolIndices(const NodeShapes& shapes) {
  const std::optional<int64_t> rank = shapes.InputRank(0);
  const std::optional<int64_t> indices = shapes.InputRank(1);
  if (!rank || !indices || *rank == *indices) return OkStatus();
  return shapes.Refuse(fmt::format("the indices have {} dimensions, and the input has {}", *indices, *rank));
}

Status CheckWindow(const NodeShapes& shapes, const WindowOperator& op) {
  SIGHTLINE_RETURN_IF_ERROR(CheckWindowInput(shapes));
  if (op.op_type == "MaxUnpool") SIGHTLINE_RETURN_IF_ERROR(CheckUnpoolIndices(shapes));
  std::optional<int64_t> axes = shapes.InputRank(0);
  if (axes) *axes -= kBatchAndChannels;
  for (const ListRule& rule : kListRules) SIGHTLINE_RETURN_IF_ERROR(CheckList(shapes, rule, axes));
  return op.weights < 0 ? OkStatus() : CheckWindowWeights(shapes, op.weights);
}

// ---- Axes ----

// Operators whose attribute `axis` is one of the axes of the first input.
struct AxisOperator {
  std::string_view op_type;
  int64_t default_axis;
  int64_t beyond = 0;  // how far the axis may lie behind the last one
};

constexpr AxisOperator kAxisOperators[] = {
    {"ArgMax", 0},          {"ArgMin", 0},           {"Concat", 0},     {"Flatten", 0, 1},
    {"Gather", 0},          {"GatherElements", 0},   {"Hardmax", -1},   {"LayerNormalization", -1},
    {"LogSoftmax", -1},     {"LpNormalization", -1}, {"OneHot", -1, 1}, {"Scatter", 0},
    {"ScatterElements", 0}, {"Softmax", -1},         {"Split", 0},      {"TopK", -1},
};

Status CheckAxis(const NodeShapes& shapes, const AxisOperator& op) {
  const std::optional<int64_t> rank = shapes.InputRank(0);
  if (!rank) return OkStatus();
  const int64_t axis = shapes.Attribute("axis", op.default_axis);
  const int64_t axes = *rank + op.beyond;
  if (axis >= -axes && axis < axes) return OkStatus();
  return shapes.Refuse(fmt::format("axis {} does not exist in an input of {} dimensions", axis, *rank));
}

// Whatever the operator: no axis is that far out, and inference cuts it to 32 bits.
Status CheckAxisIsSmall(const NodeShapes& shapes) {
  constexpr int64_t kFarthest = 1 << 16;
  std::vector<int64_t> axes = IntsAttribute(shapes.node(), "axes");
  axes.push_back(shapes.Attribute("axis", 0));
  for (const int64_t axis : axes) {
    if (axis < -kFarthest || axis > kFarthest)
      return shapes.Refuse(fmt::format("axis {} does not exist", axis));
  }
  return OkStatus();
}

Status CheckConcatTypes(const NodeShapes& shapes) {
  int32_t type = 0;
  for (int i = 0; i < shapes.node().input_size(); ++i) {
    const int32_t next = shapes.InputType(i).element_type;
    if (type != 0 && next != 0 && next != type) return shapes.Refuse("they are not of one element type");
    if (next != 0) type = next;
  }
  return OkStatus();
}

}  // namespace

bool SlidesWindow(std::string_view op_type) {
  return FindWindowOperator(op_type) != nullptr;
}

Status CheckPreconditions(const onnx::NodeProto& node, const ShapeInference& shapes) {
  if (!IsDefaultDomain(node)) return OkStatus();
  const NodeShapes node_shapes(node, shapes);
  SIGHTLINE_RETURN_IF_ERROR(CheckAxisIsSmall(node_shapes));
  if (const WindowOperator* op = FindWindowOperator(node.op_type())) return CheckWindow(node_shapes, *op);
  if (node.op_type() == "Concat") SIGHTLINE_RETURN_IF_ERROR(CheckConcatTypes(node_shapes));
  for (const AxisOperator& op : kAxisOperators) {
    if (op.op_type == node.op_type()) return CheckAxis(node_shapes, op);
  }
  return OkStatus();
}

}  // namespace sightline::network
