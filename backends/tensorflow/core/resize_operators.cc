// Resize and Upsample.
//
// ONNX has many ways to map a position of the result to one of the input, TensorFlow has three. So the
// positions are computed as ONNX says (kit/onnx_resize.h) and compared with what TensorFlow's kernels compute
// (tensorflow/core/util/image_resizer_state.h); where none fits, nearest neighbours are gathered by their
// positions.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "backends/kit/onnx_resize.h"
#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

using kit::ResizeAxis;

// The three of TensorFlow's kernels, as attributes of ResizeBilinear and ResizeNearestNeighbor.
struct KernelCoordinates {
  bool align_corners;
  bool half_pixel_centers;
};
constexpr KernelCoordinates kKernels[] = {{false, false}, {false, true}, {true, false}};

// In float, as the kernels do.
float KernelScale(const ResizeAxis& axis, bool align_corners) {
  if (align_corners && axis.output > 1) {
    return static_cast<float>(axis.input - 1) / static_cast<float>(axis.output - 1);
  }
  return static_cast<float>(axis.input) / static_cast<float>(axis.output);
}

float KernelCoordinate(const ResizeAxis& axis, KernelCoordinates kernel, bool nearest, int64_t x) {
  const float scale = KernelScale(axis, kernel.align_corners);
  if (!kernel.half_pixel_centers) return static_cast<float>(x) * scale;
  const float center = (static_cast<float>(x) + 0.5f) * scale;
  return nearest ? center : center - 0.5f;
}

Dims KernelNearestPositions(const ResizeAxis& axis, KernelCoordinates kernel) {
  Dims positions;
  for (int64_t x = 0; x < axis.output; ++x) {
    const float coordinate = KernelCoordinate(axis, kernel, true, x);
    const float rounded = kernel.align_corners ? std::round(coordinate) : std::floor(coordinate);
    positions.push_back(std::min<int64_t>(static_cast<int64_t>(rounded), axis.input - 1));
  }
  return positions;
}

// Positions outside are clamped by both, so they agree however far outside they are.
bool LinearAgrees(const ResizeAxis& axis, const kit::ResizeCoordinate& coordinate, KernelCoordinates kernel) {
  constexpr double kTolerance = 1e-4;
  const auto last = static_cast<double>(axis.input - 1);
  for (int64_t x = 0; x < axis.output; ++x) {
    const double wanted = std::clamp(coordinate.function(axis, x), 0.0, last);
    const double given = std::clamp<double>(KernelCoordinate(axis, kernel, false, x), 0.0, last);
    if (std::abs(wanted - given) > kTolerance) return false;
  }
  return true;
}

using Axes = std::array<ResizeAxis, 2>;

// The first kernel for which `agrees` holds on both axes, else null.
const KernelCoordinates* FittingKernel(
    const Axes& axes, const std::function<bool(const ResizeAxis&, KernelCoordinates)>& agrees) {
  for (const KernelCoordinates& kernel : kKernels) {
    if (agrees(axes[0], kernel) && agrees(axes[1], kernel)) return &kernel;
  }
  return nullptr;
}

TF_Output BuildKernel(Translation& t, const char* type, TF_Output input, const Axes& axes,
                      KernelCoordinates kernel) {
  const TF_Output size = t.builder.Ints("size", Dims{axes[0].output, axes[1].output});
  return t.builder.New(type)
      .In(input)
      .In(size)
      .Bool("align_corners", kernel.align_corners)
      .Bool("half_pixel_centers", kernel.half_pixel_centers)
      .Done();
}

TF_Output GatherAxis(Translation& t, TF_Output input, const Dims& positions, int axis,
                     std::string_view name) {
  const TF_Output indices = t.builder.Ints("positions", positions);
  return t.builder.New("GatherV2", name).In(input).In(indices).In(t.builder.Int("axis", axis)).Done();
}

kit::Result<TF_Output> BuildNearest(Translation& t, TF_Output input, const Axes& axes,
                                    const kit::ResizeModes& modes, const kit::ResizeCoordinate& coordinate) {
  KIT_ASSIGN_OR_RETURN(const kit::ResizeRounding rounding, kit::RoundingOf(modes));
  const KernelCoordinates* kernel =
      FittingKernel(axes, [&](const ResizeAxis& axis, KernelCoordinates candidate) {
        return kit::NearestPlaces(axis, coordinate, rounding) == KernelNearestPositions(axis, candidate);
      });
  if (kernel != nullptr) return BuildKernel(t, "ResizeNearestNeighbor", input, axes, *kernel);
  const TF_Output rows = GatherAxis(t, input, kit::NearestPlaces(axes[0], coordinate, rounding), 1, "rows");
  return GatherAxis(t, rows, kit::NearestPlaces(axes[1], coordinate, rounding), 2, "");
}

kit::Result<TF_Output> BuildLinear(Translation& t, TF_Output input, const Axes& axes,
                                   const kit::ResizeModes& modes, const kit::ResizeCoordinate& coordinate) {
  const KernelCoordinates* kernel =
      FittingKernel(axes, [&](const ResizeAxis& axis, KernelCoordinates candidate) {
        return LinearAgrees(axis, coordinate, candidate);
      });
  if (kernel == nullptr) {
    return kit::Unsupported("linear interpolation with coordinates ", modes.coordinates,
                            " and this scale is not supported");
  }
  return BuildKernel(t, "ResizeBilinear", input, axes, *kernel);
}

kit::Result<Axes> ReadAxes(Translation& t, const kit::GraphNode& node) {
  const auto from = node.input(0).dims();
  const auto to = node.output().dims();
  if (to.size() != 4 || from[0] != to[0] || from[1] != to[1] || kit::OpenDimensions(from.subspan(1)) > 0 ||
      kit::OpenDimensions(to.subspan(1)) > 0) {
    return kit::Unsupported("only height and width can be resized, and both must be known");
  }
  const std::vector<ResizeAxis> axes = kit::ReadResizeAxes(node, t.graph.opset());
  return Axes{axes[2], axes[3]};
}

kit::Status Resize(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  KIT_ASSIGN_OR_RETURN(const Axes axes, ReadAxes(t, node));
  const kit::ResizeModes modes = kit::ReadResizeModes(node, t.graph.opset());
  KIT_ASSIGN_OR_RETURN(const kit::ResizeCoordinate coordinate, kit::CoordinateOf(node, modes));
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  TF_Output output{};
  if (modes.interpolation == "nearest") {
    KIT_ASSIGN_OR_RETURN(output, BuildNearest(t, input, axes, modes, coordinate));
  } else if (modes.interpolation == "linear") {
    KIT_ASSIGN_OR_RETURN(output, BuildLinear(t, input, axes, modes, coordinate));
  } else {
    return kit::Unsupported("interpolation '", modes.interpolation, "' is not supported");
  }
  t.values.Set(node.output(), Order::kChannelsLast, output);
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"Resize", Resize}, {"Upsample", Resize}};

}  // namespace

std::span<const HandlerEntry> ResizeHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
