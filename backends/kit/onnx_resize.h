// Resize and Upsample as ONNX says them (onnx/docs/Operators.md, Resize): where each position of the result
// lies in the input, and which places there count how much. Frameworks have only some of the ways, so a
// translation compares these with what its framework computes, or gathers by them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/onnx_nodes.h"
#include "backends/kit/status.h"

namespace sightline::kit {

struct ResizeAxis {
  int axis = 0;
  int64_t input = 0;  // -1: not known
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

// Where position x of the result lies in the input.
struct ResizeCoordinate {
  std::string_view name;
  double (*function)(const ResizeAxis& axis, int64_t x);
};
struct ResizeRounding {
  std::string_view name;
  double (*function)(double position);
};

// One neighbour of every position of the result: where it lies and how much it counts.
struct ResizeTap {
  Dims places;
  std::vector<float> weights;  // empty: 1 everywhere
};

// What `node`, a Resize or Upsample, says.
ResizeModes ReadResizeModes(const GraphNode& node, int opset);
// All axes of input 0, which has the rank of output 0. Scales are taken as written where they are; sizes
// alone imply them.
std::vector<ResizeAxis> ReadResizeAxes(const GraphNode& node, int opset);

// An error where `node` has coordinates that are not known here, antialias or axes.
Result<ResizeCoordinate> CoordinateOf(const GraphNode& node, const ResizeModes& modes);
Result<ResizeRounding> RoundingOf(const ResizeModes& modes);

// The place nearest to each position of the result.
Dims NearestPlaces(const ResizeAxis& axis, const ResizeCoordinate& coordinate,
                   const ResizeRounding& rounding);
// The neighbours between which to interpolate: two for "linear", four for "cubic".
std::vector<ResizeTap> WeightedTaps(const ResizeAxis& axis, const ResizeCoordinate& coordinate,
                                    const ResizeModes& modes);

}  // namespace sightline::kit
