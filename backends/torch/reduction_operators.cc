// Reductions over axes: ReduceMean and its kin, ArgMax and ArgMin.
#include <algorithm>

#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

// One number per place of the axes left.
using Reduction = std::string (*)(const std::string& x, const Dims& axes, bool keep);

std::string SumOf(const std::string& x, const Dims& axes, bool keep) {
  return Torch("sum", x, axes, keep);
}

// LibTorch's takes one axis at a time; from the last to the first, so that the others keep their places.
std::string ProductOf(const std::string& x, const Dims& axes, bool keep) {
  Dims descending = axes;
  std::sort(descending.rbegin(), descending.rend());
  std::string result = x;
  for (const int64_t axis : descending) result = Torch("prod", result, axis, keep);
  return result;
}

struct NamedReduction {
  std::string_view onnx;
  Reduction build;
};
constexpr NamedReduction kReductions[] = {
    {"ReduceL1",
     [](const std::string& x, const Dims& axes, bool keep) { return SumOf(Torch("abs", x), axes, keep); }},
    {"ReduceL2", [](const std::string& x, const Dims& axes,
                    bool keep) { return Torch("sqrt", SumOf(Torch("mul", x, x), axes, keep)); }},
    {"ReduceLogSum",
     [](const std::string& x, const Dims& axes, bool keep) { return Torch("log", SumOf(x, axes, keep)); }},
    {"ReduceLogSumExp",
     [](const std::string& x, const Dims& axes, bool keep) { return Torch("logsumexp", x, axes, keep); }},
    {"ReduceMax",
     [](const std::string& x, const Dims& axes, bool keep) { return Torch("amax", x, axes, keep); }},
    {"ReduceMean",
     [](const std::string& x, const Dims& axes, bool keep) { return Torch("mean", x, axes, keep); }},
    {"ReduceMin",
     [](const std::string& x, const Dims& axes, bool keep) { return Torch("amin", x, axes, keep); }},
    {"ReduceProd", ProductOf},
    {"ReduceSum", SumOf},
    {"ReduceSumSquare", [](const std::string& x, const Dims& axes, bool keep) {
       return SumOf(Torch("mul", x, x), axes, keep);
     }}};

kit::Status Reduce(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const Dims axes, kit::ReducedAxes(node));
  if (axes.empty()) {
    t.builder.Alias(node.output(), In(t, node));
    return kit::Ok();
  }
  const auto* reduction =
      std::find_if(std::begin(kReductions), std::end(kReductions),
                   [&](const NamedReduction& known) { return known.onnx == node.op_type(); });
  t.builder.Set(node.output(), reduction->build(In(t, node), axes, node.Int("keepdims", 1) != 0));
  return kit::Ok();
}

// LibTorch gives the first of equals; the last one is the first of the flipped tensor, counted from the end.
kit::Status ArgOf(Translation& t, const kit::GraphNode& node, const char* function) {
  const int rank = node.input(0).rank();
  if (rank < 1) return kit::Unsupported("the rank of the input is not known");
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 0), rank));
  const bool keep = node.Int("keepdims", 1) != 0;
  if (node.Int("select_last_index", 0) == 0) {
    t.builder.Set(node.output(), Torch(function, In(t, node), axis, keep));
    return kit::Ok();
  }
  const int64_t size = node.input(0).dims()[static_cast<size_t>(axis)];
  if (size < 0) return kit::Unsupported("select_last_index needs a known size of the axis");
  const std::string flipped = t.builder.Let(Torch("flip", In(t, node), Dims{axis}));
  t.builder.Set(node.output(), Torch("rsub", Torch(function, flipped, axis, keep), size - 1));
  return kit::Ok();
}

kit::Status ArgMax(Translation& t, const kit::GraphNode& node) {
  return ArgOf(t, node, "argmax");
}
kit::Status ArgMin(Translation& t, const kit::GraphNode& node) {
  return ArgOf(t, node, "argmin");
}

std::vector<HandlerEntry> MakeTable() {
  std::vector<HandlerEntry> table = {{"ArgMax", ArgMax}, {"ArgMin", ArgMin}};
  for (const NamedReduction& reduction : kReductions) table.push_back({reduction.onnx, Reduce});
  return table;
}

}  // namespace

std::span<const HandlerEntry> ReductionHandlers() {
  static const std::vector<HandlerEntry> table = MakeTable();
  return table;
}

}  // namespace sightline::torch_backend
