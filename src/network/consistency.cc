#include "src/network/consistency.h"

#include <string_view>
#include <vector>

#include "fmt/format.h"

namespace sightline::network {
namespace {

using Dims = std::vector<Dim>;

// The shapes of one node, with a sentence at hand for what does not fit.
class NodeShapes {
 public:
  NodeShapes(const onnx::NodeProto& node, const ShapeInference& shapes) : node_(node), shapes_(shapes) {}

  // Dimension `axis` of input `index`; unknown where there is no such input or dimension.
  Dim Input(int index, size_t axis) const {
    return HasInput(node_, index) ? At(shapes_.Find(node_.input(index)), axis) : Dim{};
  }
  int64_t Attribute(std::string_view name, int64_t default_value) const {
    return IntAttribute(node_, name, default_value);
  }

  Status Expect(const Dim& actual, int64_t wanted, std::string_view what) const {
    if (!actual.known() || actual.value == wanted) return OkStatus();
    return Refuse(fmt::format("{} has size {} and should have {}", what, actual.value, wanted));
  }

  Status Refuse(std::string_view why) const {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{}: its inputs do not fit together: {}", NodeLabel(node_), why));
  }

  const onnx::NodeProto& node() const { return node_; }
  const ShapeInference& shapes() const { return shapes_; }

 private:
  static Dim At(const ValueType& type, size_t axis) {
    return type.dims && axis < type.dims->size() ? (*type.dims)[axis] : Dim{};
  }

  const onnx::NodeProto& node_;
  const ShapeInference& shapes_;
};

// Weights are [outputs, channels / group, ...].
Status CheckConv(const NodeShapes& shapes) {
  const int64_t group = shapes.Attribute("group", 1);
  const Dim channels = shapes.Input(0, 1);
  const Dim outputs = shapes.Input(1, 0);
  if (group < 1) return shapes.Refuse(fmt::format("{} groups", group));
  if (channels.known()) {
    if (channels.value % group != 0) {
      return shapes.Refuse(fmt::format("{} channels can't be split into {} groups", channels.value, group));
    }
    SIGHTLINE_RETURN_IF_ERROR(
        shapes.Expect(shapes.Input(1, 1), channels.value / group, "the channel dimension of the weights"));
  }
  if (!outputs.known()) return OkStatus();
  if (outputs.value % group != 0) {
    return shapes.Refuse(fmt::format("{} filters can't be split into {} groups", outputs.value, group));
  }
  return shapes.Expect(shapes.Input(2, 0), outputs.value, "the bias");
}

// Weights are [channels, outputs / group, ...].
Status CheckConvTranspose(const NodeShapes& shapes) {
  const int64_t group = shapes.Attribute("group", 1);
  if (group < 1) return shapes.Refuse(fmt::format("{} groups", group));
  const Dim channels = shapes.Input(0, 1);
  if (channels.known()) {
    SIGHTLINE_RETURN_IF_ERROR(
        shapes.Expect(shapes.Input(1, 0), channels.value, "the first dimension of the weights"));
  }
  const Dim outputs = shapes.Input(1, 1);
  if (!outputs.known()) return OkStatus();
  return shapes.Expect(shapes.Input(2, 0), outputs.value * group, "the bias");
}

Status CheckGemm(const NodeShapes& shapes) {
  const Dim inner = shapes.Input(0, shapes.Attribute("transA", 0) != 0 ? 0 : 1);
  if (!inner.known()) return OkStatus();
  return shapes.Expect(shapes.Input(1, shapes.Attribute("transB", 0) != 0 ? 1 : 0), inner.value,
                       "the inner dimension of the second matrix");
}

Status CheckBatchNormalization(const NodeShapes& shapes) {
  const Dim channels = shapes.Input(0, 1);
  if (!channels.known()) return OkStatus();
  constexpr std::string_view kOperands[] = {"", "gamma", "beta", "the mean", "the variance"};
  for (int i = 1; i <= 4; ++i) {
    SIGHTLINE_RETURN_IF_ERROR(shapes.Expect(shapes.Input(i, 0), channels.value, kOperands[i]));
  }
  return OkStatus();
}

// As many elements out as in; both per picture where the batch is open.
Status CheckReshape(const NodeShapes& shapes) {
  const ValueType input = shapes.shapes().Find(shapes.node().input(0));
  const ValueType output = shapes.shapes().Find(shapes.node().output(0));
  if (!input.dims || !output.dims) return OkStatus();
  const Dim from = Product(*input.dims);
  const Dim to = Product(*output.dims);
  if (from.kind == Dim::Kind::kUnknown || to.kind == Dim::Kind::kUnknown || from == to) return OkStatus();
  return shapes.Refuse(
      fmt::format("{} can't be reshaped to {}", DimsToString(*input.dims), DimsToString(*output.dims)));
}

struct Check {
  std::string_view op_type;
  Status (*run)(const NodeShapes& shapes);
};

constexpr Check kChecks[] = {{"Conv", CheckConv},
                             {"ConvTranspose", CheckConvTranspose},
                             {"Gemm", CheckGemm},
                             {"BatchNormalization", CheckBatchNormalization},
                             {"Reshape", CheckReshape}};

}  // namespace

Status CheckConsistency(const onnx::NodeProto& node, const ShapeInference& shapes) {
  if (!IsDefaultDomain(node)) return OkStatus();
  for (const Check& check : kChecks) {
    if (check.op_type == node.op_type()) return check.run(NodeShapes(node, shapes));
  }
  return OkStatus();
}

}  // namespace sightline::network
