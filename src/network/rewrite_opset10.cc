// The opset_10 rewrite. What changed between opset 10 and 17 is a short list for the operators of image
// networks (ONNX's Changelog.md): operands that were attributes, axes that may be negative, Softmax's axis,
// and a few new operators. Types added in opset 13 and later do not matter here.
#include <algorithm>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "onnx/defs/schema.h"
#include "src/network/rewrites.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

constexpr int kTargetOpset = 10;

using Nodes = std::vector<onnx::NodeProto>;
using Lower = Result<Nodes> (*)(onnx::NodeProto node, Rewriter& rewriter);

Error CantLower(const onnx::NodeProto& node, std::string_view why) {
  return {ErrorKind::kUnsupported,
          fmt::format("{} {}, which opset {} can't say: this backend can't run the model", NodeLabel(node),
                      why, kTargetOpset)};
}

// For attributes added after opset 10 whose default is the old behaviour.
Result<Nodes> DropDefault(onnx::NodeProto node, std::string_view name, int64_t default_value) {
  if (IntAttribute(node, name, default_value) != default_value) {
    return CantLower(node, fmt::format("has {} = {}", name, IntAttribute(node, name, default_value)));
  }
  RemoveAttribute(node, name);
  return Nodes{std::move(node)};
}

Result<Nodes> LowerArgMinMax(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  return DropDefault(std::move(node), "select_last_index", 0);
}
Result<Nodes> LowerReshape(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  return DropDefault(std::move(node), "allowzero", 0);
}
Result<Nodes> LowerRecurrent(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  return DropDefault(std::move(node), "layout", 0);
}

Result<Nodes> LowerBatchNormalization(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  if (IntAttribute(node, "training_mode", 0) != 0) return CantLower(node, "is in training mode");
  RemoveAttribute(node, "training_mode");
  return Nodes{std::move(node)};
}

Result<Nodes> LowerClip(onnx::NodeProto node, Rewriter& rewriter) {
  SIGHTLINE_RETURN_IF_ERROR(ClipBoundsToAttributes(node, rewriter.draft()));
  return Nodes{std::move(node)};
}

Result<Nodes> LowerAxes(onnx::NodeProto node, Rewriter& rewriter) {
  SIGHTLINE_RETURN_IF_ERROR(OperandToAttribute(node, rewriter.draft(), 1, "axes"));
  const bool no_axes = IntsAttribute(node, "axes").empty();
  if (no_axes && IntAttribute(node, "noop_with_empty_axes", 0) != 0) {
    return CantLower(node, "does nothing without axes (noop_with_empty_axes)");
  }
  RemoveAttribute(node, "noop_with_empty_axes");
  return Nodes{std::move(node)};
}

Result<Nodes> LowerShape(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  if (FindAttribute(node, "end") != nullptr) return CantLower(node, "gives a part of a shape");
  return DropDefault(std::move(node), "start", 0);
}

Result<Nodes> LowerSplit(onnx::NodeProto node, Rewriter& rewriter) {
  SIGHTLINE_RETURN_IF_ERROR(OperandToAttribute(node, rewriter.draft(), 1, "split"));
  return Nodes{std::move(node)};
}

Result<Nodes> LowerDepthToSpace(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  if (StringAttribute(node, "mode", "DCR") != "DCR") return CantLower(node, "has mode CRD");
  RemoveAttribute(node, "mode");
  return Nodes{std::move(node)};
}

Result<Nodes> LowerPad(onnx::NodeProto node, Rewriter& rewriter) {
  if (HasInput(node, 2)) {
    const onnx::TensorProto* value = rewriter.draft().ConstantInput(node, 2);
    const auto number = value == nullptr ? std::nullopt : ReadScalar(*value);
    if (!number) return CantLower(node, "takes its fill value from another node");
    SetFloatAttribute(node, "value", static_cast<float>(*number));
  }
  SIGHTLINE_RETURN_IF_ERROR(OperandToAttribute(node, rewriter.draft(), 1, "pads"));
  return Nodes{std::move(node)};
}

// Before opset 11 the third matrix was required.
Result<Nodes> LowerGemm(onnx::NodeProto node, Rewriter& rewriter) {
  if (HasInput(node, 2)) return Nodes{std::move(node)};
  const int32_t type = rewriter.ElementTypeOf(node.input(0));
  if (ElementBytes(type) == 0) return CantLower(node, "has no bias, and a type nobody knows");
  const int64_t one[] = {1};
  const std::string zero = rewriter.NewConstant(
      MakeTensor(node.name() + "_zero", type, one, std::string(ElementBytes(type), '\0')));
  node.mutable_input()->DeleteSubrange(2, node.input_size() - 2);
  node.add_input(zero);
  return Nodes{std::move(node)};
}

// Opset 10 samples at output / scale and takes the pixel below: coordinate_transformation_mode "asymmetric"
// with nearest_mode "floor", in later terms.
Result<Nodes> LowerResize(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  const std::string mode = StringAttribute(node, "mode", "nearest");
  const std::string coordinates = StringAttribute(node, "coordinate_transformation_mode", "half_pixel");
  if (mode == "cubic") return CantLower(node, "interpolates with cubics");
  if (coordinates != "asymmetric") return CantLower(node, fmt::format("samples {}", coordinates));
  if (mode == "nearest" && StringAttribute(node, "nearest_mode", "round_prefer_floor") != "floor") {
    return CantLower(node, "rounds its sampling points");
  }
  if (!HasInput(node, 2) || HasInput(node, 3)) return CantLower(node, "is given sizes in place of scales");
  node.mutable_input()->DeleteSubrange(3, node.input_size() - 3);
  node.mutable_input()->DeleteSubrange(1, 1);  // the region of interest
  node.clear_attribute();
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("mode");
  attribute.set_type(onnx::AttributeProto::STRING);
  attribute.set_s(mode);
  return Nodes{std::move(node)};
}

Result<Nodes> LowerTopK(onnx::NodeProto node, Rewriter& /*rewriter*/) {
  SIGHTLINE_ASSIGN_OR_RETURN(Nodes nodes, DropDefault(std::move(node), "largest", 1));
  return DropDefault(std::move(nodes.front()), "sorted", 1);
}

Result<Nodes> LowerHardSwish(onnx::NodeProto node, Rewriter& rewriter) {
  onnx::NodeProto gate = rewriter.NewNode("HardSigmoid", node.name() + "_gate", {node.input(0)});
  SetFloatAttribute(gate, "alpha", 1.0F / 6.0F);
  SetFloatAttribute(gate, "beta", 0.5F);
  node.set_op_type("Mul");
  node.clear_attribute();
  node.add_input(gate.output(0));
  return Nodes{std::move(gate), std::move(node)};
}

// Since opset 13 Softmax works along one axis; before, over everything from the axis on. They agree where
// nothing but ones follows the axis; else the axis is brought to the end and back.
Result<Nodes> LowerSoftmax(onnx::NodeProto node, Rewriter& rewriter) {
  if (rewriter.draft().opset() < 13) return Nodes{std::move(node)};
  const auto dims = rewriter.DimsOf(node.input(0));
  if (!dims) return CantLower(node, "has an input whose rank is not known");
  const auto rank = static_cast<int64_t>(dims->size());
  int64_t axis = IntAttribute(node, "axis", -1);
  if (axis < -rank || axis >= rank) return CantLower(node, fmt::format("has no axis {}", axis));
  if (axis < 0) axis += rank;
  const bool only_ones_follow =
      std::all_of(dims->begin() + axis + 1, dims->end(), [](int64_t dim) { return dim == 1; });
  if (only_ones_follow) {
    SetIntAttribute(node, "axis", axis);
    return Nodes{std::move(node)};
  }
  std::vector<int64_t> swap(dims->size());  // its own inverse
  for (int64_t i = 0; i < rank; ++i) swap[static_cast<size_t>(i)] = i;
  std::swap(swap[static_cast<size_t>(axis)], swap.back());
  onnx::NodeProto to_end = rewriter.NewNode("Transpose", node.name() + "_axis_to_end", {node.input(0)});
  onnx::NodeProto softmax = rewriter.NewNode(node.op_type(), node.name() + "_at_end", {to_end.output(0)});
  onnx::NodeProto back = node;  // keeps name and output
  back.set_op_type("Transpose");
  back.clear_attribute();
  back.set_input(0, softmax.output(0));
  SetIntsAttribute(to_end, "perm", swap);
  SetIntAttribute(softmax, "axis", rank - 1);
  SetIntsAttribute(back, "perm", swap);
  return Nodes{std::move(to_end), std::move(softmax), std::move(back)};
}

struct LoweredOperator {
  std::string_view op_type;
  Lower lower;
};

constexpr LoweredOperator kLowered[] = {
    {"ArgMax", LowerArgMinMax},
    {"ArgMin", LowerArgMinMax},
    {"BatchNormalization", LowerBatchNormalization},
    {"Clip", LowerClip},
    {"DepthToSpace", LowerDepthToSpace},
    {"Gemm", LowerGemm},
    {"GRU", LowerRecurrent},
    {"Hardmax", LowerSoftmax},
    {"HardSwish", LowerHardSwish},
    {"LogSoftmax", LowerSoftmax},
    {"LSTM", LowerRecurrent},
    {"Pad", LowerPad},
    {"ReduceSum", LowerAxes},
    {"Reshape", LowerReshape},
    {"Resize", LowerResize},
    {"RNN", LowerRecurrent},
    {"Shape", LowerShape},
    {"Softmax", LowerSoftmax},
    {"Split", LowerSplit},
    {"Squeeze", LowerAxes},
    {"TopK", LowerTopK},
    {"Unsqueeze", LowerAxes},
};

// Redefined after opset 10 only to take more types or negative axes.
constexpr std::string_view kUnchanged[] = {
    "Abs",
    "Add",
    "AveragePool",
    "Cast",
    "Ceil",
    "Concat",
    "Conv",
    "ConvTranspose",
    "Div",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "Greater",
    "Identity",
    "LRN",
    "LeakyRelu",
    "Less",
    "Log",
    "LpPool",
    "MatMul",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "NonZero",
    "PRelu",
    "Pow",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare",
    "Relu",
    "Sigmoid",
    "Sign",
    "Size",
    "Slice",
    "SpaceToDepth",
    "Sqrt",
    "Sub",
    "Sum",
    "Tanh",
    "Tile",
    "Transpose",
    "Where",
};

// Whether opset 10 has the operator, and meant by it what `opset` means.
Status CheckUnchanged(const onnx::NodeProto& node, int opset) {
  const auto* now = onnx::OpSchemaRegistry::Schema(node.op_type(), opset, "");
  const auto* then = onnx::OpSchemaRegistry::Schema(node.op_type(), kTargetOpset, "");
  if (then == nullptr) return CantLower(node, "is an operator that came later");
  const bool same_definition = now == nullptr || now->SinceVersion() == then->SinceVersion();
  const bool same_meaning =
      std::find(std::begin(kUnchanged), std::end(kUnchanged), node.op_type()) != std::end(kUnchanged);
  if (!same_definition && !same_meaning) return CantLower(node, "has a meaning that came later");
  return OkStatus();
}

// Opset 10 counts most axes from the front only.
Status CountAxesFromFront(onnx::NodeProto& node, const Rewriter& rewriter) {
  const onnx::AttributeProto* axis = FindAttribute(node, "axis");
  std::vector<int64_t> axes = IntsAttribute(node, "axes");
  const bool negative_axes = std::any_of(axes.begin(), axes.end(), [](int64_t a) { return a < 0; });
  if (!negative_axes && (axis == nullptr || axis->i() >= 0)) return OkStatus();
  const auto dims = rewriter.DimsOf(node.input(0));
  if (!dims) return CantLower(node, "counts axes from the end of an input whose rank is not known");
  int64_t rank = static_cast<int64_t>(dims->size());
  if (node.op_type() == "Unsqueeze") rank += static_cast<int64_t>(axes.size());
  if (axis != nullptr && axis->i() < 0) SetIntAttribute(node, "axis", axis->i() + rank);
  for (int64_t& a : axes) a += a < 0 ? rank : 0;
  if (negative_axes) SetIntsAttribute(node, "axes", axes);
  return OkStatus();
}

Result<Nodes> LowerNode(onnx::NodeProto node, int opset, Rewriter& rewriter) {
  if (!IsDefaultDomain(node)) return Nodes{std::move(node)};
  const auto* special =
      std::find_if(std::begin(kLowered), std::end(kLowered),
                   [&node](const LoweredOperator& op) { return op.op_type == node.op_type(); });
  Nodes nodes;
  if (special != std::end(kLowered)) {
    SIGHTLINE_ASSIGN_OR_RETURN(nodes, special->lower(std::move(node), rewriter));
  } else {
    SIGHTLINE_RETURN_IF_ERROR(CheckUnchanged(node, opset));
    nodes.push_back(std::move(node));
  }
  // Nodes made just now count their axes from the front already.
  for (onnx::NodeProto& lowered : nodes) SIGHTLINE_RETURN_IF_ERROR(CountAxesFromFront(lowered, rewriter));
  return nodes;
}

}  // namespace

Status ToOpset10(Draft& draft) {
  const int opset = draft.opset();
  if (opset <= kTargetOpset) return OkStatus();
  Rewriter rewriter(draft);
  SIGHTLINE_RETURN_IF_ERROR(rewriter.ForEachNode(
      [&](onnx::NodeProto node) { return LowerNode(std::move(node), opset, rewriter); }));
  draft.set_opset(kTargetOpset);
  return OkStatus();
}

}  // namespace sightline::network
