// Resize and Upsample.
//
// ONNX has many ways to map a position of the result to one of the input, LibTorch has two. So positions and
// weights are computed as ONNX says (kit/onnx_resize.h), axis by axis, and applied by gathering; where
// LibTorch's own kernel does the same it is taken, being quicker.
#include <algorithm>
#include <string>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/onnx_resize.h"
#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

using kit::ResizeAxis;
using kit::ResizeTap;

std::string GatherTap(Translation& t, const std::string& input, const ResizeAxis& axis, const ResizeTap& tap,
                      int rank) {
  const std::string places = t.builder.Integers({axis.output}, tap.places);
  std::string gathered = Torch("index_select", input, axis.axis, places);
  if (tap.weights.empty()) return gathered;
  Dims shape(static_cast<size_t>(rank - axis.axis), 1);
  shape[0] = axis.output;
  return Torch("mul", gathered, t.builder.Floats(shape, tap.weights));
}

std::string ResizeOneAxis(Translation& t, const std::string& input, const ResizeAxis& axis,
                          const std::vector<ResizeTap>& taps, int rank) {
  std::string sum;
  for (const ResizeTap& tap : taps) {
    const std::string part = GatherTap(t, input, axis, tap, rank);
    sum = t.builder.Let(sum.empty() ? part : Torch("add", sum, part));
  }
  return sum;
}

// The axes that change.
kit::Result<std::vector<ResizeAxis>> ReadAxes(Translation& t, const kit::GraphNode& node) {
  const auto from = node.input(0).dims();
  if (from.empty() || node.output().dims().size() != from.size()) {
    return kit::Unsupported("the sizes must be known");
  }
  std::vector<ResizeAxis> axes = kit::ReadResizeAxes(node, t.graph.opset());
  std::erase_if(axes, [](const ResizeAxis& axis) { return axis.input == axis.output && axis.scale == 1; });
  for (const ResizeAxis& axis : axes) {
    if (axis.input < 0 || axis.output < 0) {
      return kit::Unsupported("the sizes of what is resized must be known");
    }
  }
  return axes;
}

bool IsHeightAndWidth(const kit::GraphNode& node, const std::vector<ResizeAxis>& axes) {
  return node.input(0).rank() == 4 && axes.size() == 2 && axes[0].axis == 2 && axes[1].axis == 3;
}

// upsample_nearest2d takes the place below x * input / output.
bool IsNativeNearest(const std::vector<ResizeAxis>& axes, const std::vector<Dims>& places) {
  for (size_t i = 0; i < axes.size(); ++i) {
    for (int64_t x = 0; x < axes[i].output; ++x) {
      if (places[i][static_cast<size_t>(x)] != x * axes[i].input / axes[i].output) return false;
    }
  }
  return true;
}

// upsample_bilinear2d knows half pixels and aligned corners, between whole sizes.
bool IsNativeLinear(const std::vector<ResizeAxis>& axes, const kit::ResizeModes& modes) {
  return modes.interpolation == "linear" && !modes.exclude_outside &&
         (modes.coordinates == "half_pixel" || modes.coordinates == "align_corners") &&
         std::all_of(axes.begin(), axes.end(), [](const ResizeAxis& axis) {
           return axis.output > 1 &&
                  static_cast<double>(axis.output) == static_cast<double>(axis.input) * axis.scale;
         });
}

kit::Status Nearest(Translation& t, const kit::GraphNode& node, const std::vector<ResizeAxis>& axes,
                    const kit::ResizeModes& modes, const kit::ResizeCoordinate& coordinate) {
  KIT_ASSIGN_OR_RETURN(const kit::ResizeRounding rounding, kit::RoundingOf(modes));
  std::vector<Dims> places;
  for (const ResizeAxis& axis : axes) places.push_back(kit::NearestPlaces(axis, coordinate, rounding));
  if (IsHeightAndWidth(node, axes) && IsNativeNearest(axes, places) && node.input(0).type() == SL_F32) {
    t.builder.Set(node.output(),
                  Torch("upsample_nearest2d", In(t, node), Dims{axes[0].output, axes[1].output}));
    return kit::Ok();
  }
  std::string result = In(t, node);
  for (size_t i = 0; i < axes.size(); ++i) {
    result = ResizeOneAxis(t, result, axes[i], {{places[i], {}}}, node.input(0).rank());
  }
  t.builder.Alias(node.output(), result);
  return kit::Ok();
}

kit::Status Interpolated(Translation& t, const kit::GraphNode& node, const std::vector<ResizeAxis>& axes,
                         const kit::ResizeModes& modes, const kit::ResizeCoordinate& coordinate) {
  if (!kit::IsFloat(node.input(0).type())) return kit::Unsupported("only floats can be interpolated");
  if (IsHeightAndWidth(node, axes) && IsNativeLinear(axes, modes)) {
    t.builder.Set(node.output(),
                  Torch("upsample_bilinear2d", In(t, node), Dims{axes[0].output, axes[1].output},
                        modes.coordinates == "align_corners"));
    return kit::Ok();
  }
  std::string result = In(t, node);
  for (const ResizeAxis& axis : axes) {
    result = ResizeOneAxis(t, result, axis, kit::WeightedTaps(axis, coordinate, modes), node.input(0).rank());
  }
  t.builder.Alias(node.output(), result);
  return kit::Ok();
}

kit::Status Resize(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::vector<ResizeAxis> axes, ReadAxes(t, node));
  const kit::ResizeModes modes = kit::ReadResizeModes(node, t.graph.opset());
  KIT_ASSIGN_OR_RETURN(const kit::ResizeCoordinate coordinate, kit::CoordinateOf(node, modes));
  if (axes.empty()) {
    t.builder.Alias(node.output(), In(t, node));
    return kit::Ok();
  }
  if (modes.interpolation == "nearest") return Nearest(t, node, axes, modes, coordinate);
  if (modes.interpolation != "linear" && modes.interpolation != "cubic") {
    return kit::Unsupported("interpolation '", modes.interpolation, "' is not supported");
  }
  return Interpolated(t, node, axes, modes, coordinate);
}

constexpr HandlerEntry kHandlers[] = {{"Resize", Resize}, {"Upsample", Resize}};

}  // namespace

std::span<const HandlerEntry> ResizeHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
