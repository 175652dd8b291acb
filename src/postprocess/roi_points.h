// Where the points at which a region of a map is sampled lie among its cells, along one axis.
#pragma once

#include <array>

namespace sightline::postprocess {

inline constexpr int kMostRoiPoints = 64;  // of a region's side

// A point between two cells, and how much the second counts: 0 to below 1.
struct RoiPoint {
  int low = 0;
  int high = 0;
  float share = 0;
};
using RoiPoints = std::array<RoiPoint, kMostRoiPoints>;

// Fills the first `count` of `points` as tf.image.crop_and_resize places them: point i lies at
// from * (cells - 1) + i * (to - from) * (cells - 1) / (count - 1), a single one in the middle. `from` and
// `to` are fractions of the map's side, from <= to; a point that rounding puts beyond the map is taken at its
// edge. `count` is 1 to kMostRoiPoints.
void PlaceRoiPoints(float from, float to, int cells, int count, RoiPoints& points);

}  // namespace sightline::postprocess
