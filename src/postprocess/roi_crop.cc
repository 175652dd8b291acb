#include "src/postprocess/roi_crop.h"

#include <cstring>

#include "src/base/check.h"
#include "src/postprocess/roi_points.h"

namespace sightline::postprocess {
namespace {

// Where the values of a crop stand.
struct CropLayout {
  int64_t channel = 0;
  int64_t row = 0;
  int64_t column = 0;
};

struct Map {
  const float* values = nullptr;
  int64_t channels = 0;
  int rows = 0;
  int columns = 0;
};

void CropOne(const Map& map, const RoiPoints& y, const RoiPoints& x, int points, CropLayout layout,
             float* crop) {
  for (int64_t c = 0; c < map.channels; ++c) {
    const float* const channel = map.values + c * map.rows * map.columns;
    for (int i = 0; i < points; ++i) {
      const RoiPoint& row = y[static_cast<size_t>(i)];
      const float* const upper = channel + static_cast<int64_t>(row.low) * map.columns;
      const float* const lower = channel + static_cast<int64_t>(row.high) * map.columns;
      float* const out = crop + c * layout.channel + i * layout.row;
      for (int k = 0; k < points; ++k) {
        const RoiPoint& column = x[static_cast<size_t>(k)];
        const float above = upper[column.low] + (upper[column.high] - upper[column.low]) * column.share;
        const float below = lower[column.low] + (lower[column.high] - lower[column.low]) * column.share;
        out[k * layout.column] = above + (below - above) * row.share;
      }
    }
  }
}

}  // namespace

void CropRegions(const TensorView& features, std::span<const Detection> boxes, const TensorView& crops) {
  const bool channels_last = crops.layout == SL_LAYOUT_NHWC;
  const Map map{features.f32(), features.shape[1], static_cast<int>(features.shape[2]),
                static_cast<int>(features.shape[3])};
  const auto points = static_cast<int>(crops.shape[channels_last ? 1 : 2]);
  SIGHTLINE_CHECK(points <= kMostRoiPoints && static_cast<int64_t>(boxes.size()) <= crops.shape[0]);
  SIGHTLINE_CHECK(map.channels == crops.shape[channels_last ? 3 : 1]);
  const CropLayout layout = channels_last ? CropLayout{1, points * map.channels, map.channels}
                                          : CropLayout{int64_t{points} * points, points, 1};
  const int64_t crop_values = map.channels * points * points;
  RoiPoints y;
  RoiPoints x;
  float* crop = crops.f32();
  for (const Detection& detection : boxes) {
    PlaceRoiPoints(detection.box.top, detection.box.bottom, map.rows, points, y);
    PlaceRoiPoints(detection.box.left, detection.box.right, map.columns, points, x);
    CropOne(map, y, x, points, layout, crop);
    crop += crop_values;
  }
  const int64_t left_over = crops.shape[0] - static_cast<int64_t>(boxes.size());
  std::memset(crop, 0, static_cast<size_t>(left_over * crop_values) * sizeof(float));
}

}  // namespace sightline::postprocess
