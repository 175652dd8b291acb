// Resize and Upsample.
//
// ONNX has many ways to map a position of the result to one of the input, LibTorch has two. So positions and
// weights are computed here as ONNX says (onnx/docs/Operators.md, Resize), axis by axis, and applied by
// gathering; where LibTorch's own kernel does the same it is taken, being quicker.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "backends/kit/info.h"
#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

struct ResizeAxis {
  int axis = 0;
  int64_t input = 0;
  int64_t output = 0;
  double scale = 1;  // output positions per input position
};

struct ResizeModes {
  std::string interpolation;  // "nearest", "linear", "cubic"
  std::string coordinates;    // "half_pixel", ...
  std::string nearest;        // "round_prefer_floor", ...
  double cubic_a = -0.75;
  bool exclude_outside = false;
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

using Coordinate = double (*)(const ResizeAxis&, int64_t);
struct NamedCoordinate {
  std::string_view name;
  Coordinate function;
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

// One neighbour of every position of the result: where it lies and how much it counts.
struct Tap {
  Dims places;
  std::vector<float> weights;  // empty: 1 everywhere
};

Tap NearestTap(const ResizeAxis& axis, Coordinate coordinate, const NamedRounding& rounding) {
  Tap tap;
  for (int64_t x = 0; x < axis.output; ++x) {
    const auto place = static_cast<int64_t>(rounding.function(coordinate(axis, x)));
    tap.places.push_back(std::clamp<int64_t>(place, 0, axis.input - 1));
  }
  return tap;
}

// Keys' cubic convolution with parameter a, at distance d.
double CubicWeight(double d, double a) {
  d = std::abs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

double Weight(const ResizeModes& modes, double distance) {
  if (modes.interpolation == "cubic") return CubicWeight(distance, modes.cubic_a);
  return std::max(0.0, 1 - std::abs(distance));
}

// Neighbours outside stand for the edge, or with exclude_outside for nothing at all.
std::vector<Tap> WeightedTaps(const ResizeAxis& axis, Coordinate coordinate, const ResizeModes& modes) {
  const bool cubic = modes.interpolation == "cubic";
  const int64_t first = cubic ? -1 : 0;
  const int64_t last = cubic ? 2 : 1;
  std::vector<Tap> taps(static_cast<size_t>(last - first + 1));
  for (int64_t x = 0; x < axis.output; ++x) {
    const double position = coordinate(axis, x);
    const auto base = static_cast<int64_t>(std::floor(position));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t offset = first; offset <= last; ++offset) {
      const int64_t place = base + offset;
      const bool outside = place < 0 || place >= axis.input;
      const double weight = Weight(modes, position - static_cast<double>(place));
      weights.push_back(outside && modes.exclude_outside ? 0 : weight);
      sum += weights.back();
    }
    for (int64_t offset = first; offset <= last; ++offset) {
      const auto i = static_cast<size_t>(offset - first);
      taps[i].places.push_back(std::clamp<int64_t>(base + offset, 0, axis.input - 1));
      taps[i].weights.push_back(static_cast<float>(weights[i] / sum));
    }
  }
  return taps;
}

std::string GatherTap(Translation& t, const std::string& input, const ResizeAxis& axis, const Tap& tap,
                      int rank) {
  const std::string places = t.builder.Integers({axis.output}, tap.places);
  std::string gathered = Torch("index_select", input, axis.axis, places);
  if (tap.weights.empty()) return gathered;
  Dims shape(static_cast<size_t>(rank - axis.axis), 1);
  shape[0] = axis.output;
  return Torch("mul", gathered, t.builder.Floats(shape, tap.weights));
}

std::string ResizeOneAxis(Translation& t, const std::string& input, const ResizeAxis& axis,
                          const std::vector<Tap>& taps, int rank) {
  std::string sum;
  for (const Tap& tap : taps) {
    const std::string part = GatherTap(t, input, axis, tap, rank);
    sum = t.builder.Let(sum.empty() ? part : Torch("add", sum, part));
  }
  return sum;
}

// Upsample and Resize-10 have asymmetric coordinates and no words for them.
ResizeModes ReadModes(Translation& t, const kit::GraphNode& node) {
  const bool has_words = node.op_type() == "Resize" && t.graph.opset() >= 11;
  std::string interpolation(node.String("mode", "nearest"));
  if (interpolation == "bilinear") interpolation = "linear";
  return {interpolation,
          has_words ? std::string(node.String("coordinate_transformation_mode", "half_pixel")) : "asymmetric",
          has_words ? std::string(node.String("nearest_mode", "round_prefer_floor")) : "floor",
          node.Float("cubic_coeff_a", -0.75f), node.Int("exclude_outside", 0) != 0};
}

// Scales as written, where they are; sizes alone imply them.
std::vector<float> ReadScales(Translation& t, const kit::GraphNode& node) {
  const int input = node.op_type() == "Resize" && t.graph.opset() >= 11 ? 2 : 1;
  if (!node.has_input(input)) return node.Floats("scales", {});
  const auto scales = node.input(input).floats();
  return {scales.begin(), scales.end()};
}

// The axes that change.
kit::Result<std::vector<ResizeAxis>> ReadAxes(Translation& t, const kit::GraphNode& node) {
  const auto from = node.input(0).dims();
  const auto to = node.output().dims();
  const std::vector<float> scales = ReadScales(t, node);
  if (from.empty() || to.size() != from.size()) return kit::Unsupported("the sizes must be known");
  std::vector<ResizeAxis> axes;
  for (size_t i = 0; i < from.size(); ++i) {
    const bool scaled = scales.size() == from.size() && scales[i] != 1.0f;
    if (from[i] == to[i] && !scaled) continue;
    if (from[i] < 0 || to[i] < 0) return kit::Unsupported("the sizes of what is resized must be known");
    ResizeAxis axis{static_cast<int>(i), from[i], to[i], 1};
    axis.scale = scales.size() == from.size() ? static_cast<double>(scales[i])
                                              : static_cast<double>(to[i]) / static_cast<double>(from[i]);
    axes.push_back(axis);
  }
  return axes;
}

bool IsHeightAndWidth(const kit::GraphNode& node, const std::vector<ResizeAxis>& axes) {
  return node.input(0).rank() == 4 && axes.size() == 2 && axes[0].axis == 2 && axes[1].axis == 3;
}

// upsample_nearest2d takes the place below x * input / output.
bool IsNativeNearest(const std::vector<ResizeAxis>& axes, const std::vector<Tap>& taps) {
  for (size_t i = 0; i < axes.size(); ++i) {
    for (int64_t x = 0; x < axes[i].output; ++x) {
      if (taps[i].places[static_cast<size_t>(x)] != x * axes[i].input / axes[i].output) return false;
    }
  }
  return true;
}

// upsample_bilinear2d knows half pixels and aligned corners, between whole sizes.
bool IsNativeLinear(const std::vector<ResizeAxis>& axes, const ResizeModes& modes) {
  return modes.interpolation == "linear" && !modes.exclude_outside &&
         (modes.coordinates == "half_pixel" || modes.coordinates == "align_corners") &&
         std::all_of(axes.begin(), axes.end(), [](const ResizeAxis& axis) {
           return axis.output > 1 &&
                  static_cast<double>(axis.output) == static_cast<double>(axis.input) * axis.scale;
         });
}

kit::Status Nearest(Translation& t, const kit::GraphNode& node, const std::vector<ResizeAxis>& axes,
                    const ResizeModes& modes, Coordinate coordinate) {
  const NamedRounding* rounding = FindByName(kRoundings, modes.nearest);
  if (rounding == nullptr) return kit::Unsupported("nearest_mode ", modes.nearest, " is not supported");
  std::vector<Tap> taps;
  for (const ResizeAxis& axis : axes) taps.push_back(NearestTap(axis, coordinate, *rounding));
  if (IsHeightAndWidth(node, axes) && IsNativeNearest(axes, taps) && node.input(0).type() == SL_F32) {
    t.builder.Set(node.output(),
                  Torch("upsample_nearest2d", In(t, node), Dims{axes[0].output, axes[1].output}));
    return kit::Ok();
  }
  std::string result = In(t, node);
  for (size_t i = 0; i < axes.size(); ++i) {
    result = ResizeOneAxis(t, result, axes[i], {taps[i]}, node.input(0).rank());
  }
  t.builder.Alias(node.output(), result);
  return kit::Ok();
}

kit::Status Interpolated(Translation& t, const kit::GraphNode& node, const std::vector<ResizeAxis>& axes,
                         const ResizeModes& modes, Coordinate coordinate) {
  if (!kit::IsFloat(node.input(0).type())) return kit::Unsupported("only floats can be interpolated");
  if (IsHeightAndWidth(node, axes) && IsNativeLinear(axes, modes)) {
    t.builder.Set(node.output(),
                  Torch("upsample_bilinear2d", In(t, node), Dims{axes[0].output, axes[1].output},
                        modes.coordinates == "align_corners"));
    return kit::Ok();
  }
  std::string result = In(t, node);
  for (const ResizeAxis& axis : axes) {
    result = ResizeOneAxis(t, result, axis, WeightedTaps(axis, coordinate, modes), node.input(0).rank());
  }
  t.builder.Alias(node.output(), result);
  return kit::Ok();
}

kit::Status Resize(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const std::vector<ResizeAxis> axes, ReadAxes(t, node));
  const ResizeModes modes = ReadModes(t, node);
  const NamedCoordinate* coordinate = FindByName(kCoordinates, modes.coordinates);
  if (coordinate == nullptr || node.Int("antialias", 0) != 0 || node.has_attribute("axes")) {
    return kit::Unsupported("coordinates ", modes.coordinates, ", antialias or axes are not supported");
  }
  if (axes.empty()) {
    t.builder.Alias(node.output(), In(t, node));
    return kit::Ok();
  }
  if (modes.interpolation == "nearest") return Nearest(t, node, axes, modes, coordinate->function);
  if (modes.interpolation != "linear" && modes.interpolation != "cubic") {
    return kit::Unsupported("interpolation '", modes.interpolation, "' is not supported");
  }
  return Interpolated(t, node, axes, modes, coordinate->function);
}

constexpr HandlerEntry kHandlers[] = {{"Resize", Resize}, {"Upsample", Resize}};

}  // namespace

std::span<const HandlerEntry> ResizeHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
