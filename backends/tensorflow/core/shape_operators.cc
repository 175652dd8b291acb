// Operators that change a tensor's shape and not its elements: Reshape and its special cases, Transpose,
// Concat, DepthToSpace, SpaceToDepth.
#include <algorithm>
#include <vector>

#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

// How many channels all axes between the batch and the pixels make; 0 where one of them is open.
int64_t ChannelsOf(std::span<const int64_t> dims) {
  int64_t channels = 1;
  for (const int64_t dim : dims.subspan(1, dims.size() - 3)) channels *= std::max<int64_t>(dim, 0);
  return channels;
}

// Whether a channels-last picture stays one: its pixels are untouched and only the channels are split or
// joined, as in a channel shuffle: [N, C, H, W] to [N, G, C/G, H, W] is [N, H, W, C] to [N, H, W, G, C/G].
// With an open batch equal dims[0] say nothing: [N, C, H, W] to [N*C, 1, H, W] looks the same, so the number
// of channels must be known to stay.
bool SplitsChannelsOnly(std::span<const int64_t> from, std::span<const int64_t> to) {
  return from.size() >= 4 && to.size() >= 4 && from[0] == to[0] &&
         std::equal(from.end() - 2, from.end(), to.end() - 2) && to[to.size() - 1] > 0 &&
         to[to.size() - 2] > 0 && ChannelsOf(from) > 0 && ChannelsOf(from) == ChannelsOf(to);
}

// Whether a picture becomes one row per picture: [N, C, H, W] to [N, C*H*W].
bool FlattensPicture(std::span<const int64_t> from, std::span<const int64_t> to) {
  return from.size() == 4 && to.size() == 2 && from[0] == to[0] &&
         kit::OpenDimensions(from.subspan(1)) == 0 && to[1] == from[1] * from[2] * from[3];
}

// [N, C] to [N, C, 1, 1]: a picture of one pixel, which convolutions or a product with a picture will want.
bool MakesOnePixel(std::span<const int64_t> to) {
  return to.size() == 4 && to[2] == 1 && to[3] == 1;
}

// Reshape, Flatten, Squeeze and Unsqueeze: the host has inferred what comes out, so that is all that counts.
kit::Status Reshape(Translation& t, const kit::GraphNode& node) {
  const kit::GraphValue input = node.input(0);
  const kit::GraphValue output = node.output();
  if (!output.shape_known() || kit::OpenDimensions(output.dims()) > 1) {
    return kit::Unsupported("more than one dimension of the result is open");
  }
  const auto from = input.dims();
  const auto to = output.dims();
  const bool channels_last = t.values.Has(input, Order::kChannelsLast);
  if (channels_last && SplitsChannelsOnly(from, to)) {
    t.values.Set(output, Order::kChannelsLast,
                 t.builder.Reshape(t.values.Get(input, Order::kChannelsLast), ToChannelsLast(to), ""));
    return kit::Ok();
  }
  if (channels_last && !OrdersCoincide(from) && FlattensPicture(from, to)) {
    const TF_Output flat = t.builder.Reshape(t.values.Get(input, Order::kChannelsLast), to, "");
    t.values.SetFlat(output, flat, {from.begin(), from.end()});
    return kit::Ok();
  }
  const bool same_bytes = channels_last && OrdersCoincide(from);
  const TF_Output source = t.values.Get(input, same_bytes ? Order::kChannelsLast : Order::kOnnx);
  if (MakesOnePixel(to)) {
    t.values.Set(output, Order::kChannelsLast, t.builder.Reshape(source, ToChannelsLast(to), ""));
  } else {
    t.values.Set(output, Order::kOnnx, t.builder.Reshape(source, to, ""));
  }
  return kit::Ok();
}

// A permutation of the channel axes only, of a channels-last tensor: the middle of a channel shuffle.
bool PermutesChannelsOnly(const Dims& permutation) {
  const auto rank = static_cast<int64_t>(permutation.size());
  return rank >= 4 && permutation.front() == 0 && permutation[static_cast<size_t>(rank - 2)] == rank - 2 &&
         permutation.back() == rank - 1;
}

// Transposes between ONNX's and TensorFlow's own order cost nothing here, the tensor only changes its name.
kit::Status Transpose(Translation& t, const kit::GraphNode& node) {
  const kit::GraphValue input = node.input(0);
  const kit::GraphValue output = node.output();
  const Dims permutation = kit::Permutation(node);
  const int rank = input.rank();
  if (rank < 1 || static_cast<int>(permutation.size()) != rank) {
    return kit::Unsupported("the shape of the input is not known");
  }
  const bool channels_last = t.values.Has(input, Order::kChannelsLast);
  if (channels_last && permutation == Dims{0, 2, 3, 1}) {
    t.values.Set(output, Order::kOnnx, t.values.Get(input, Order::kChannelsLast));
    return kit::Ok();
  }
  if (!channels_last && permutation == Dims{0, 3, 1, 2}) {
    t.values.Set(output, Order::kChannelsLast, t.values.Get(input, Order::kOnnx));
    return kit::Ok();
  }
  if (channels_last && PermutesChannelsOnly(permutation)) {
    Dims moved(permutation.size());
    for (int axis = 0; axis < rank; ++axis) {
      moved[static_cast<size_t>(ChannelsLastAxis(axis, rank))] =
          ChannelsLastAxis(static_cast<int>(permutation[static_cast<size_t>(axis)]), rank);
    }
    t.values.Set(output, Order::kChannelsLast,
                 t.builder.Transpose(t.values.Get(input, Order::kChannelsLast), moved, ""));
    return kit::Ok();
  }
  t.values.Set(output, Order::kOnnx, t.builder.Transpose(t.values.Get(input, Order::kOnnx), permutation, ""));
  return kit::Ok();
}

kit::Status Concat(Translation& t, const kit::GraphNode& node) {
  const kit::GraphValue output = node.output();
  const Order order = output.rank() >= 4 ? CommonOrder(t, node) : Order::kOnnx;
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 1), output.rank()));
  std::vector<TF_Output> parts;
  for (int i = 0; i < node.input_count(); ++i) parts.push_back(t.values.Get(node.input(i), order));
  if (parts.size() == 1) {
    t.values.Set(output, order, parts[0]);
    return kit::Ok();
  }
  const TF_Output axis_in_order = t.builder.Int("axis", AxisIn(order, axis, output.rank()));
  t.values.Set(output, order, t.builder.New("ConcatV2").In(parts).In(axis_in_order).Done());
  return kit::Ok();
}

kit::Status MoveBlocks(Translation& t, const kit::GraphNode& node, const char* type) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  t.values.Set(node.output(), Order::kChannelsLast,
               t.builder.New(type)
                   .In(t.values.Get(node.input(0), Order::kChannelsLast))
                   .Int("block_size", node.Int("blocksize", 1))
                   .Done());
  return kit::Ok();
}

kit::Status DepthToSpace(Translation& t, const kit::GraphNode& node) {
  if (node.String("mode", "DCR") != "DCR") return kit::Unsupported("only mode DCR is supported");
  return MoveBlocks(t, node, "DepthToSpace");
}

kit::Status SpaceToDepth(Translation& t, const kit::GraphNode& node) {
  return MoveBlocks(t, node, "SpaceToDepth");
}

constexpr HandlerEntry kHandlers[] = {
    {"Concat", Concat},       {"DepthToSpace", DepthToSpace}, {"Flatten", Reshape},
    {"Reshape", Reshape},     {"SpaceToDepth", SpaceToDepth}, {"Squeeze", Reshape},
    {"Transpose", Transpose}, {"Unsqueeze", Reshape}};

}  // namespace

std::span<const HandlerEntry> ShapeHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
