// Reductions over axes: ReduceMean and its kin, the global pools, ArgMax.
#include <algorithm>

#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

constexpr kit::OperatorName kReductions[] = {
    {"ReduceMax", "Max"}, {"ReduceMean", "Mean"},        {"ReduceMin", "Min"},    {"ReduceProd", "Prod"},
    {"ReduceSum", "Sum"}, {"GlobalAveragePool", "Mean"}, {"GlobalMaxPool", "Max"}};

TF_Output BuildReduction(Translation& t, const kit::GraphNode& node, TF_Output input, const Dims& axes,
                         bool keep) {
  const TF_Output axes_tensor = t.builder.Ints("axes", axes);
  return t.builder.New(kit::NameIn(kReductions, node.op_type()))
      .In(input)
      .In(axes_tensor)
      .Bool("keep_dims", keep)
      .Done();
}

kit::Status GlobalPool(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  t.values.Set(node.output(), Order::kChannelsLast, BuildReduction(t, node, input, {1, 2}, true));
  return kit::Ok();
}

// Whether dropping `axes` of a channels-last picture leaves the others in ONNX's order. True for the two of
// its pixels.
bool LeavesOnnxOrder(const Dims& axes, int rank) {
  int last = -1;
  for (int axis = 0; axis < rank; ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) continue;
    const int place = ChannelsLastAxis(axis, rank);
    if (place < last) return false;
    last = place;
  }
  return true;
}

kit::Status Reduce(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(Dims axes, kit::ReducedAxes(node));
  if (axes.empty()) {
    const Order order = OrderOf(t, node);
    t.values.Set(node.output(), order, t.builder.Unary("Identity", t.values.Get(node.input(0), order)));
    return kit::Ok();
  }
  const int rank = node.input(0).rank();
  const bool keep = node.Int("keepdims", 1) != 0;
  Order order = OrderOf(t, node);
  if (order == Order::kChannelsLast && !keep && !LeavesOnnxOrder(axes, rank)) order = Order::kOnnx;
  const TF_Output input = t.values.Get(node.input(0), order);
  for (int64_t& axis : axes) axis = AxisIn(order, static_cast<int>(axis), rank);
  t.values.Set(node.output(), keep ? order : Order::kOnnx, BuildReduction(t, node, input, axes, keep));
  return kit::Ok();
}

kit::Status ArgMax(Translation& t, const kit::GraphNode& node) {
  if (node.Int("select_last_index", 0) != 0) return kit::Unsupported("select_last_index is not supported");
  const int rank = node.input(0).rank();
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 0), rank));
  if (kit::OpenDimensions(node.output().dims()) > 1)
    return kit::Unsupported("more than one dimension is open");
  const bool keep = node.Int("keepdims", 1) != 0;
  const TF_Output input = t.values.Get(node.input(0), Order::kOnnx);
  const TF_Output axis_tensor = t.builder.Int("axis", axis);
  TF_Output result = t.builder.New("ArgMax", keep ? "argmax" : "")
                         .In(input)
                         .In(axis_tensor)
                         .Type("output_type", TF_INT64)
                         .Done();
  if (keep) result = t.builder.Reshape(result, node.output().dims(), "");
  t.values.Set(node.output(), Order::kOnnx, result);
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"ArgMax", ArgMax},
                                      {"GlobalAveragePool", GlobalPool},
                                      {"GlobalMaxPool", GlobalPool},
                                      {"ReduceMax", Reduce},
                                      {"ReduceMean", Reduce},
                                      {"ReduceMin", Reduce},
                                      {"ReduceProd", Reduce},
                                      {"ReduceSum", Reduce}};

}  // namespace

std::span<const HandlerEntry> ReductionHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
