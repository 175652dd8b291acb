// Operators that take a part of a tensor or put something around it: Gather, Pad, Slice, Split; and Shape.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

// The places start, start + step, ... before or after `end`, of an axis of `size` places: as ONNX says it for
// negative steps, which LibTorch does not have.
Dims PlacesBackwards(int64_t start, int64_t end, int64_t step, int64_t size) {
  start = std::clamp<int64_t>(start < 0 ? start + size : start, 0, size - 1);
  // "Before the first place" is a number far below zero; -1 is the last place.
  end = end < -size ? -1 : std::clamp<int64_t>(end < 0 ? end + size : end, -1, size - 1);
  Dims places;
  for (int64_t place = start; place > end; place += step) places.push_back(place);
  return places;
}

kit::Result<std::string> CutAxis(Translation& t, const std::string& input, const kit::Cut& cut, int axis,
                                 int64_t size) {
  if (cut.step > 0) return Torch("slice", input, axis, cut.start, cut.end, cut.step);
  if (size < 0 || cut.step == 0) {
    return kit::Unsupported("a step of ", cut.step, " over an axis of unknown size is not supported");
  }
  const Dims places = PlacesBackwards(cut.start, cut.end, cut.step, size);
  const auto count = static_cast<int64_t>(places.size());
  return Torch("index_select", input, axis, t.builder.Integers({count}, places));
}

kit::Status Slice(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::vector<kit::Cut> cuts, kit::ReadCuts(node));
  const auto dims = node.input(0).dims();
  std::string result = In(t, node);
  for (const kit::Cut& cut : cuts) {
    KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(cut.axis, node.input(0).rank()));
    KIT_ASSIGN_OR_RETURN(result, CutAxis(t, result, cut, axis, dims[static_cast<size_t>(axis)]));
  }
  t.builder.Set(node.output(), result);
  return kit::Ok();
}

kit::Status Split(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 0), node.input(0).rank()));
  KIT_ASSIGN_OR_RETURN(const Dims sizes, kit::PartSizes(node, axis));
  const std::string parts = t.builder.Let(Torch("split_with_sizes", In(t, node), sizes, axis));
  for (int i = 0; i < node.output_count(); ++i) {
    t.builder.Set(node.output(i), parts + "[" + std::to_string(i) + "]");
  }
  return kit::Ok();
}

// ONNX counts from the end with negative numbers, index_select doesn't. Always a list, flattened.
kit::Result<std::string> FlatIndices(Translation& t, const kit::GraphNode& node, int axis) {
  const int64_t size = node.input(0).dims()[static_cast<size_t>(axis)];
  if (node.input(1).is_constant()) {
    KIT_ASSIGN_OR_RETURN(const Dims places, kit::ConstantIndices(node, size));
    const auto count = static_cast<int64_t>(places.size());
    return t.builder.Integers({count}, places);
  }
  if (size < 0) return kit::Unsupported("computed indices into an open dimension are not supported");
  const std::string indices =
      t.builder.Let(Torch("to", Torch("flatten", In(t, node, 1)), ScalarTypeCode(SL_I64)));
  return Torch("where", Torch("lt", indices, 0), Torch("add", indices, size), indices);
}

kit::Status Gather(Translation& t, const kit::GraphNode& node) {
  const int rank = node.input(0).rank();
  if (rank < 1) return kit::Unsupported("the rank of the input is not known");
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", 0), rank));
  KIT_ASSIGN_OR_RETURN(const std::string indices, FlatIndices(t, node, axis));
  std::string result = Torch("index_select", In(t, node), axis, indices);
  if (node.input(1).rank() != 1) {
    KIT_ASSIGN_OR_RETURN(result, Reshaped(result, node.output()));
  }
  t.builder.Set(node.output(), result);
  return kit::Ok();
}

// Which places of an axis stand at its pads and between them: the edge again and again, or its neighbours
// mirrored.
Dims PaddedPlaces(int64_t size, int64_t begin, int64_t end, bool reflects) {
  Dims places;
  for (int64_t place = -begin; place < size + end; ++place) {
    int64_t at = place;
    if (reflects && at < 0) at = -at;
    if (reflects && at >= size) at = 2 * (size - 1) - at;
    places.push_back(std::clamp<int64_t>(at, 0, size - 1));
  }
  return places;
}

// By gathering, axis by axis: LibTorch's own functions know floats and the last axes only.
kit::Status PadFromWithin(Translation& t, const kit::GraphNode& node, const Dims& pads, bool reflects) {
  const auto dims = node.input(0).dims();
  std::string result = In(t, node);
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const int64_t begin = pads[axis];
    const int64_t end = pads[axis + dims.size()];
    if (begin == 0 && end == 0) continue;
    if (dims[axis] < 1) return kit::Unsupported("a padded axis of unknown size is not supported");
    const Dims places = PaddedPlaces(dims[axis], begin, end, reflects);
    const auto count = static_cast<int64_t>(places.size());
    result = Torch("index_select", result, static_cast<int>(axis), t.builder.Integers({count}, places));
  }
  t.builder.Set(node.output(), result);
  return kit::Ok();
}

kit::Status Pad(Translation& t, const kit::GraphNode& node) {
  const std::string mode(node.String("mode", "constant"));
  KIT_ASSIGN_OR_RETURN(const Dims pads, kit::ReadPads(node));
  if (mode == "reflect" || mode == "edge") return PadFromWithin(t, node, pads, mode == "reflect");
  if (mode != "constant") return kit::Unsupported("mode ", mode, " is not supported");
  KIT_ASSIGN_OR_RETURN(const std::optional<double> value, NumberOf(node, "value", 2));
  t.builder.Set(node.output(),
                Torch("constant_pad_nd", In(t, node), PadsFromTheBack(pads), value.value_or(0.0)));
  return kit::Ok();
}

kit::Status Shape(Translation& t, const kit::GraphNode& node) {
  std::string shape = Torch("_shape_as_tensor", In(t, node));
  if (node.has_attribute("start") || node.has_attribute("end")) {
    constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
    shape = Torch("slice", shape, 0, node.Int("start", 0), node.Int("end", kEnd), 1);
  }
  t.builder.Set(node.output(), shape);
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {
    {"Gather", Gather}, {"Pad", Pad}, {"Shape", Shape}, {"Slice", Slice}, {"Split", Split}};

}  // namespace

std::span<const HandlerEntry> IndexingHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
