#include "src/network/consistency.h"

#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "src/network/node_shapes.h"

namespace sightline::network {
namespace {

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

// The bias is broadcast to the result, in one direction only.
Status CheckGemmBias(const NodeShapes& shapes, const Dim& rows, const Dim& columns) {
  const ValueType bias = shapes.InputType(2);
  if (!bias.dims) return OkStatus();
  if (bias.dims->size() > 2) {
    return shapes.Refuse(fmt::format("the bias has {} dimensions", bias.dims->size()));
  }
  const Dim one{Dim::Kind::kKnown, 1};
  const Dim wanted[] = {rows, columns};
  const size_t offset = 2 - bias.dims->size();
  for (size_t i = 0; i < bias.dims->size(); ++i) {
    const Dim& dim = (*bias.dims)[i];
    const Dim& result = wanted[offset + i];
    const bool unknown = dim.kind == Dim::Kind::kUnknown || result.kind == Dim::Kind::kUnknown;
    if (unknown || dim == one || dim == result) continue;
    return shapes.Refuse(fmt::format("the bias has shape {} and the result {}", DimsToString(*bias.dims),
                                     DimsToString({rows, columns})));
  }
  return OkStatus();
}

Status CheckGemm(const NodeShapes& shapes) {
  const bool first_transposed = shapes.Attribute("transA", 0) != 0;
  const bool second_transposed = shapes.Attribute("transB", 0) != 0;
  const Dim inner = shapes.Input(0, first_transposed ? 0 : 1);
  if (inner.known()) {
    SIGHTLINE_RETURN_IF_ERROR(shapes.Expect(shapes.Input(1, second_transposed ? 1 : 0), inner.value,
                                            "the inner dimension of the second matrix"));
  }
  return CheckGemmBias(shapes, shapes.Input(0, first_transposed ? 1 : 0),
                       shapes.Input(1, second_transposed ? 0 : 1));
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
