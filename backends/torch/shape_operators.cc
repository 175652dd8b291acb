// Operators that change a tensor's shape and not its elements: Reshape and its special cases, Transpose,
// Concat, DepthToSpace, SpaceToDepth; and those that repeat elements: Expand, Tile.
#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

// Reshape, Flatten, Squeeze and Unsqueeze: the host has inferred what comes out, so that is all that counts.
kit::Status Reshape(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::string reshaped, Reshaped(In(t, node), node.output()));
  t.builder.Set(node.output(), reshaped);
  return kit::Ok();
}

kit::Status Transpose(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("permute", In(t, node), kit::Permutation(node)));
  return kit::Ok();
}

kit::Status Concat(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 1), node.input(0).rank()));
  std::string parts;
  for (int i = 0; i < node.input_count(); ++i) parts += (i > 0 ? ", " : "") + In(t, node, i);
  t.builder.Set(node.output(), Torch("cat", "[" + parts + "]", axis));
  return kit::Ok();
}

// The dims of a picture whose channels, height and width are known; -1 for an open batch.
kit::Result<Dims> PictureDims(const kit::GraphNode& node) {
  const auto dims = node.input(0).dims();
  if (dims.size() != 4 || kit::OpenDimensions(dims.subspan(1)) > 0) {
    return kit::Unsupported("only pictures [N, C, H, W] of known size are supported");
  }
  return Dims(dims.begin(), dims.end());
}

// Through a tensor of rank 6: the blocks' rows and columns become axes of their own and change places.
kit::Status DepthToSpace(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const Dims d, PictureDims(node));
  const int64_t block = node.Int("blocksize", 1);
  const bool depth_first = node.String("mode", "DCR") == "DCR";
  const int64_t channels = d[1] / (block * block);
  const Dims apart = depth_first ? Dims{d[0], block, block, channels, d[2], d[3]}
                                 : Dims{d[0], channels, block, block, d[2], d[3]};
  const Dims order = depth_first ? Dims{0, 3, 4, 1, 5, 2} : Dims{0, 1, 4, 2, 5, 3};
  const std::string moved = Torch("permute", Torch("reshape", In(t, node), apart), order);
  t.builder.Set(node.output(), Torch("reshape", moved, Dims{d[0], channels, d[2] * block, d[3] * block}));
  return kit::Ok();
}

kit::Status SpaceToDepth(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const Dims d, PictureDims(node));
  const int64_t block = node.Int("blocksize", 1);
  const Dims apart = {d[0], d[1], d[2] / block, block, d[3] / block, block};
  const std::string moved = Torch("permute", Torch("reshape", In(t, node), apart), Dims{0, 3, 5, 1, 2, 4});
  t.builder.Set(node.output(),
                Torch("reshape", moved, Dims{d[0], d[1] * block * block, d[2] / block, d[3] / block}));
  return kit::Ok();
}

// -1 leaves a dimension as it is, which an open one has to be.
kit::Status Expand(Translation& t, const kit::GraphNode& node) {
  const auto from = node.input(0).dims();
  const auto to = node.output().dims();
  if (!node.output().shape_known() ||
      (kit::OpenDimensions(to) > 0 && (from.size() != to.size() || from[0] != to[0]))) {
    return kit::Unsupported("the shape of the result must be known");
  }
  t.builder.Set(node.output(), Torch("expand", In(t, node), Dims(to.begin(), to.end())));
  return kit::Ok();
}

kit::Status Tile(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::optional<Dims> repeats, kit::IntsOf(node, "", 1));
  if (!repeats) return kit::InvalidArgument("it has no repeats");
  t.builder.Set(node.output(), Torch("repeat", In(t, node), *repeats));
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {
    {"Concat", Concat},       {"DepthToSpace", DepthToSpace}, {"Expand", Expand},   {"Flatten", Reshape},
    {"Reshape", Reshape},     {"SpaceToDepth", SpaceToDepth}, {"Squeeze", Reshape}, {"Tile", Tile},
    {"Transpose", Transpose}, {"Unsqueeze", Reshape}};

}  // namespace

std::span<const HandlerEntry> ShapeHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
