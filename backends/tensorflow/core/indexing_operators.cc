// Operators that take a part of a tensor or put something around it: Gather, Pad, Slice, Split; and Shape.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

// StridedSlice over all axes of a tensor: begin, end and stride of each, and where there is no begin or end.
struct SliceSpec {
  explicit SliceSpec(int rank)
      : begin(static_cast<size_t>(rank), 0),
        end(static_cast<size_t>(rank), 0),
        stride(static_cast<size_t>(rank), 1),
        begin_mask((int64_t{1} << rank) - 1),
        end_mask(begin_mask) {}

  // ONNX clamps far-off positions ("to the end" is often written as the largest number), which is what no
  // position at all means.
  void Set(int axis, int64_t from, int64_t to, int64_t step) {
    constexpr int64_t kFar = std::numeric_limits<int32_t>::max();
    const auto i = static_cast<size_t>(axis);
    stride[i] = step;
    if (std::abs(from) < kFar) {
      begin[i] = from;
      begin_mask &= ~(int64_t{1} << axis);
    }
    if (to > -kFar && to < kFar) {
      end[i] = to;
      end_mask &= ~(int64_t{1} << axis);
    }
  }

  Dims begin, end, stride;
  int64_t begin_mask, end_mask;
};

TF_Output BuildSlice(Translation& t, TF_Output input, const SliceSpec& spec) {
  const TF_Output begin = t.builder.Ints("begin", spec.begin);
  const TF_Output end = t.builder.Ints("end", spec.end);
  const TF_Output stride = t.builder.Ints("strides", spec.stride);
  return t.builder.New("StridedSlice")
      .In(input)
      .In(begin)
      .In(end)
      .In(stride)
      .Int("begin_mask", spec.begin_mask)
      .Int("end_mask", spec.end_mask)
      .Done();
}

kit::Status Slice(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::vector<kit::Cut> cuts, kit::ReadCuts(node));
  const int rank = node.input(0).rank();
  const Order order = OrderOf(t, node);
  SliceSpec spec(rank);
  for (const kit::Cut& cut : cuts) {
    KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(cut.axis, rank));
    spec.Set(AxisIn(order, axis, rank), cut.start, cut.end, cut.step);
  }
  t.values.Set(node.output(), order, BuildSlice(t, t.values.Get(node.input(0), order), spec));
  return kit::Ok();
}

kit::Status Split(Translation& t, const kit::GraphNode& node) {
  const int rank = node.input(0).rank();
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 0), rank));
  KIT_ASSIGN_OR_RETURN(const Dims sizes, kit::PartSizes(node, axis));
  const Order order = OrderOf(t, node);
  const TF_Output input = t.values.Get(node.input(0), order);
  const TF_Output axis_in_order = t.builder.Int("axis", AxisIn(order, axis, rank));
  const auto count = static_cast<int64_t>(sizes.size());
  const bool equal = std::all_of(sizes.begin(), sizes.end(), [&](int64_t size) { return size == sizes[0]; });
  TF_Output parts{};
  if (equal) {
    parts = t.builder.New("Split").In(axis_in_order).In(input).Int("num_split", count).Done();
  } else {
    const TF_Output sizes_tensor = t.builder.Ints("sizes", sizes);
    parts =
        t.builder.New("SplitV").In(input).In(sizes_tensor).In(axis_in_order).Int("num_split", count).Done();
  }
  for (int i = 0; i < node.output_count(); ++i) t.values.Set(node.output(i), order, {parts.oper, i});
  return kit::Ok();
}

// ONNX counts from the end with negative numbers, GatherV2 doesn't.
kit::Result<TF_Output> IndicesTensor(Translation& t, const kit::GraphNode& node, int64_t size) {
  KIT_ASSIGN_OR_RETURN(const Dims indices, kit::ConstantIndices(node, size));
  std::vector<int32_t> positions;
  for (const int64_t index : indices) positions.push_back(static_cast<int32_t>(index));
  return t.builder.Constant("indices", TF_INT32, node.input(1).dims(), positions.data(),
                            positions.size() * sizeof(int32_t));
}

kit::Status Gather(Translation& t, const kit::GraphNode& node) {
  const int rank = node.input(0).rank();
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 0), rank));
  // One index takes an axis away and two dimensions of them add one: then channels-last has no meaning.
  const Order order = node.input(1).rank() == 1 ? OrderOf(t, node) : Order::kOnnx;
  const TF_Output input = t.values.Get(node.input(0), order);
  TF_Output indices{};
  if (node.input(1).is_constant()) {
    const int64_t size = node.input(0).dims()[static_cast<size_t>(axis)];
    KIT_ASSIGN_OR_RETURN(indices, IndicesTensor(t, node, size));
  } else {
    indices = t.values.Get(node.input(1), Order::kOnnx);
  }
  const TF_Output axis_in_order = t.builder.Int("axis", AxisIn(order, axis, rank));
  t.values.Set(node.output(), order,
               t.builder.New("GatherV2").In(input).In(indices).In(axis_in_order).Done());
  return kit::Ok();
}

kit::Result<float> PadValue(const kit::GraphNode& node) {
  if (!node.has_input(2)) return node.Float("value", 0.0f);
  KIT_RETURN_IF_ERROR(kit::NeedsConstant(node, 2));
  const auto values = node.input(2).floats();
  if (values.size() != 1) return kit::InvalidArgument("the value to pad with must be one number");
  return values[0];
}

// ONNX lists all begins, then all ends; TensorFlow wants a begin and an end per axis.
kit::Result<TF_Output> Paddings(Translation& t, const Dims& pads, int rank, Order order) {
  if (std::any_of(pads.begin(), pads.end(), [](int64_t pad) { return pad < 0; })) {
    return kit::Unsupported("negative pads are not supported");
  }
  std::vector<int32_t> paddings(pads.size());
  for (int axis = 0; axis < rank; ++axis) {
    const auto row = static_cast<size_t>(AxisIn(order, axis, rank)) * 2;
    const auto begin = static_cast<size_t>(axis);
    paddings[row] = static_cast<int32_t>(pads[begin]);
    paddings[row + 1] = static_cast<int32_t>(pads[begin + static_cast<size_t>(rank)]);
  }
  return t.builder.Constant("paddings", TF_INT32, Dims{rank, 2}, paddings.data(),
                            paddings.size() * sizeof(int32_t));
}

kit::Status Pad(Translation& t, const kit::GraphNode& node) {
  const std::string mode(node.String("mode", "constant"));
  if (mode != "constant" && mode != "reflect") return kit::Unsupported("mode ", mode, " is not supported");
  KIT_ASSIGN_OR_RETURN(const Dims pads, kit::ReadPads(node));
  const Order order = OrderOf(t, node);
  KIT_ASSIGN_OR_RETURN(const TF_Output paddings, Paddings(t, pads, node.input(0).rank(), order));
  const TF_Output input = t.values.Get(node.input(0), order);
  TF_Output padded{};
  if (mode == "reflect") {
    padded = t.builder.New("MirrorPad").In(input).In(paddings).String("mode", "REFLECT").Done();
  } else {
    KIT_ASSIGN_OR_RETURN(const float value, PadValue(node));
    padded = value == 0.0f
                 ? t.builder.Binary("Pad", input, paddings)
                 : t.builder.New("PadV2").In(input).In(paddings).In(t.builder.Scalar("value", value)).Done();
  }
  t.values.Set(node.output(), order, padded);
  return kit::Ok();
}

kit::Status Shape(Translation& t, const kit::GraphNode& node) {
  const TF_Output input = t.values.Get(node.input(0), Order::kOnnx);
  t.values.Set(node.output(), Order::kOnnx,
               t.builder.New("Shape").In(input).Type("out_type", TF_INT64).Done());
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {
    {"Gather", Gather}, {"Pad", Pad}, {"Shape", Shape}, {"Slice", Slice}, {"Split", Split}};

}  // namespace

std::span<const HandlerEntry> IndexingHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
