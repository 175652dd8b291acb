// Resize and Upsample.
//
// ONNX has many ways to map a position of the result to one of the input, TensorFlow has three. So the
// positions are computed as ONNX says (onnx/docs/Operators.md, Resize) and compared with what TensorFlow's
// kernels compute (tensorflow/core/util/image_resizer_state.h); where none fits, nearest neighbours are
// gathered by their positions.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

// One spatial axis.
struct ResizeAxis {
  int64_t input = 0;
  int64_t output = 0;
  double scale = 1;  // output positions per input position
};

struct ResizeModes {
  std::string interpolation;  // "nearest", "linear"
  std::string coordinates;    // "half_pixel", ...
  std::string nearest;        // "round_prefer_floor", ...
};

double HalfPixel(const ResizeAxis& axis, int64_t x) {
  return (static_cast<double>(x) + 0.5) / axis.scale - 0.5;
}
double Asymmetric(const ResizeAxis& axis, int64_t x) {
  return static_cast<double>(x) / axis.scale;
}
double AlignCorners(const ResizeAxis& axis, int64_t x) {
  if (axis.output == 1) return 0;
  // The length before it was rounded down to whole pixels.
  const double length = static_cast<double>(axis.input) * axis.scale;
  return static_cast<double>(x) * static_cast<double>(axis.input - 1) / (length - 1);
}
double PytorchHalfPixel(const ResizeAxis& axis, int64_t x) {
  return axis.output > 1 ? HalfPixel(axis, x) : 0;
}
double TensorFlowHalfPixelForNearest(const ResizeAxis& axis, int64_t x) {
  return (static_cast<double>(x) + 0.5) / axis.scale;
}

struct NamedCoordinate {
  std::string_view name;
  double (*function)(const ResizeAxis&, int64_t);
};
constexpr NamedCoordinate kCoordinates[] = {{"align_corners", AlignCorners},
                                            {"asymmetric", Asymmetric},
                                            {"half_pixel", HalfPixel},
                                            {"pytorch_half_pixel", PytorchHalfPixel},
                                            {"tf_half_pixel_for_nn", TensorFlowHalfPixelForNearest}};

struct NamedRounding {
  std::string_view name;
  double (*function)(double);
};
constexpr NamedRounding kRoundings[] = {{"ceil", [](double x) { return std::ceil(x); }},
                                        {"floor", [](double x) { return std::floor(x); }},
                                        {"round_prefer_ceil", [](double x) { return std::floor(x + 0.5); }},
                                        {"round_prefer_floor", [](double x) { return std::ceil(x - 0.5); }}};

template <typename Entry, size_t n>
const Entry* FindByName(const Entry (&entries)[n], std::string_view name) {
  const auto* found =
      std::find_if(entries, entries + n, [&](const Entry& entry) { return entry.name == name; });
  return found == entries + n ? nullptr : found;
}

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

Dims NearestPositions(const ResizeAxis& axis, const NamedCoordinate& coordinate,
                      const NamedRounding& rounding) {
  Dims positions;
  for (int64_t x = 0; x < axis.output; ++x) {
    const double rounded = rounding.function(coordinate.function(axis, x));
    positions.push_back(std::clamp<int64_t>(static_cast<int64_t>(rounded), 0, axis.input - 1));
  }
  return positions;
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
bool LinearAgrees(const ResizeAxis& axis, const NamedCoordinate& coordinate, KernelCoordinates kernel) {
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
                                    const ResizeModes& modes, const NamedCoordinate& coordinate) {
  const NamedRounding* rounding = FindByName(kRoundings, modes.nearest);
  if (rounding == nullptr) return kit::Unsupported("nearest_mode ", modes.nearest, " is not supported");
  const KernelCoordinates* kernel =
      FittingKernel(axes, [&](const ResizeAxis& axis, KernelCoordinates candidate) {
        return NearestPositions(axis, coordinate, *rounding) == KernelNearestPositions(axis, candidate);
      });
  if (kernel != nullptr) return BuildKernel(t, "ResizeNearestNeighbor", input, axes, *kernel);
  const TF_Output rows = GatherAxis(t, input, NearestPositions(axes[0], coordinate, *rounding), 1, "rows");
  return GatherAxis(t, rows, NearestPositions(axes[1], coordinate, *rounding), 2, "");
}

kit::Result<TF_Output> BuildLinear(Translation& t, TF_Output input, const Axes& axes,
                                   const ResizeModes& modes, const NamedCoordinate& coordinate) {
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

// Upsample and Resize-10 have asymmetric coordinates and no words for them.
ResizeModes ReadModes(Translation& t, const kit::GraphNode& node) {
  const bool has_words = node.op_type() == "Resize" && t.graph.opset() >= 11;
  return {std::string(node.String("mode", "nearest")),
          has_words ? std::string(node.String("coordinate_transformation_mode", "half_pixel")) : "asymmetric",
          has_words ? std::string(node.String("nearest_mode", "round_prefer_floor")) : "floor"};
}

// Scales as written, where they are; sizes alone imply them.
std::vector<float> ReadScales(Translation& t, const kit::GraphNode& node) {
  const int input = node.op_type() == "Resize" && t.graph.opset() >= 11 ? 2 : 1;
  if (!node.has_input(input)) return node.Floats("scales", {});
  const auto scales = node.input(input).floats();
  return {scales.begin(), scales.end()};
}

kit::Result<Axes> ReadAxes(Translation& t, const kit::GraphNode& node) {
  const auto from = node.input(0).dims();
  const auto to = node.output().dims();
  if (to.size() != 4 || from[0] != to[0] || from[1] != to[1] || kit::OpenDimensions(from.subspan(1)) > 0 ||
      kit::OpenDimensions(to.subspan(1)) > 0) {
    return kit::Unsupported("only height and width can be resized, and both must be known");
  }
  const std::vector<float> scales = ReadScales(t, node);
  Axes axes;
  for (size_t i = 0; i < 2; ++i) {
    axes[i].input = from[i + 2];
    axes[i].output = to[i + 2];
    axes[i].scale = scales.size() == 4
                        ? static_cast<double>(scales[i + 2])
                        : static_cast<double>(axes[i].output) / static_cast<double>(axes[i].input);
  }
  return axes;
}

kit::Status Resize(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  KIT_ASSIGN_OR_RETURN(const Axes axes, ReadAxes(t, node));
  const ResizeModes modes = ReadModes(t, node);
  const NamedCoordinate* coordinate = FindByName(kCoordinates, modes.coordinates);
  if (coordinate == nullptr || node.Int("antialias", 0) != 0 || node.has_attribute("axes")) {
    return kit::Unsupported("coordinates ", modes.coordinates, ", antialias or axes are not supported");
  }
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  TF_Output output{};
  if (modes.interpolation == "nearest") {
    KIT_ASSIGN_OR_RETURN(output, BuildNearest(t, input, axes, modes, *coordinate));
  } else if (modes.interpolation == "linear" || modes.interpolation == "bilinear") {
    KIT_ASSIGN_OR_RETURN(output, BuildLinear(t, input, axes, modes, *coordinate));
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
