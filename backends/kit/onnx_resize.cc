#include "backends/kit/onnx_resize.h"

#include <algorithm>
#include <cmath>

namespace sightline::kit {
namespace {

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

constexpr ResizeCoordinate kCoordinates[] = {{"align_corners", AlignCorners},
                                             {"asymmetric", Asymmetric},
                                             {"half_pixel", HalfPixel},
                                             {"pytorch_half_pixel", PytorchHalfPixel},
                                             {"tf_half_pixel_for_nn", TensorFlowHalfPixelForNearest}};

constexpr ResizeRounding kRoundings[] = {{"ceil", [](double x) { return std::ceil(x); }},
                                         {"floor", [](double x) { return std::floor(x); }},
                                         {"round_prefer_ceil", [](double x) { return std::floor(x + 0.5); }},
                                         {"round_prefer_floor", [](double x) { return std::ceil(x - 0.5); }}};

template <typename Entry, size_t n>
const Entry* FindByName(const Entry (&entries)[n], std::string_view name) {
  const auto* found =
      std::find_if(entries, entries + n, [&](const Entry& entry) { return entry.name == name; });
  return found == entries + n ? nullptr : found;
}

// Upsample and Resize-10 have asymmetric coordinates and no words for them.
bool HasWords(const GraphNode& node, int opset) {
  return node.op_type() == "Resize" && opset >= 11;
}

std::vector<float> ReadScales(const GraphNode& node, int opset) {
  const int input = HasWords(node, opset) ? 2 : 1;
  if (!node.has_input(input)) return node.Floats("scales", {});
  const auto scales = node.input(input).floats();
  return {scales.begin(), scales.end()};
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

}  // namespace

ResizeModes ReadResizeModes(const GraphNode& node, int opset) {
  const bool has_words = HasWords(node, opset);
  std::string interpolation(node.String("mode", "nearest"));
  if (interpolation == "bilinear") interpolation = "linear";
  return {interpolation,
          has_words ? std::string(node.String("coordinate_transformation_mode", "half_pixel")) : "asymmetric",
          has_words ? std::string(node.String("nearest_mode", "round_prefer_floor")) : "floor",
          node.Float("cubic_coeff_a", -0.75f), node.Int("exclude_outside", 0) != 0};
}

std::vector<ResizeAxis> ReadResizeAxes(const GraphNode& node, int opset) {
  const auto from = node.input(0).dims();
  const auto to = node.output().dims();
  const std::vector<float> scales = ReadScales(node, opset);
  std::vector<ResizeAxis> axes;
  for (size_t i = 0; i < from.size(); ++i) {
    ResizeAxis axis{static_cast<int>(i), from[i], to[i], 1};
    if (scales.size() == from.size()) {
      axis.scale = static_cast<double>(scales[i]);
    } else if (from[i] != to[i]) {
      axis.scale = static_cast<double>(to[i]) / static_cast<double>(from[i]);
    }
    axes.push_back(axis);
  }
  return axes;
}

Result<ResizeCoordinate> CoordinateOf(const GraphNode& node, const ResizeModes& modes) {
  const ResizeCoordinate* coordinate = FindByName(kCoordinates, modes.coordinates);
  if (coordinate == nullptr || node.Int("antialias", 0) != 0 || node.has_attribute("axes")) {
    return Unsupported("coordinates ", modes.coordinates, ", antialias or axes are not supported");
  }
  return *coordinate;
}

Result<ResizeRounding> RoundingOf(const ResizeModes& modes) {
  const ResizeRounding* rounding = FindByName(kRoundings, modes.nearest);
  if (rounding == nullptr) return Unsupported("nearest_mode ", modes.nearest, " is not supported");
  return *rounding;
}

Dims NearestPlaces(const ResizeAxis& axis, const ResizeCoordinate& coordinate,
                   const ResizeRounding& rounding) {
  Dims places;
  for (int64_t x = 0; x < axis.output; ++x) {
    const auto place = static_cast<int64_t>(rounding.function(coordinate.function(axis, x)));
    places.push_back(std::clamp<int64_t>(place, 0, axis.input - 1));
  }
  return places;
}

// Neighbours outside stand for the edge, or with exclude_outside for nothing at all.
std::vector<ResizeTap> WeightedTaps(const ResizeAxis& axis, const ResizeCoordinate& coordinate,
                                    const ResizeModes& modes) {
  const bool cubic = modes.interpolation == "cubic";
  const int64_t first = cubic ? -1 : 0;
  const int64_t last = cubic ? 2 : 1;
  std::vector<ResizeTap> taps(static_cast<size_t>(last - first + 1));
  for (int64_t x = 0; x < axis.output; ++x) {
    const double position = coordinate.function(axis, x);
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

}  // namespace sightline::kit
