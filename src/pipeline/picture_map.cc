#include "src/pipeline/picture_map.h"

#include "src/preprocess/geometry.h"

namespace sightline::pipeline {
namespace {

struct AxisMap {
  double scale = 1;
  double offset = 0;
};

// Pixel u of the input was pixel u - target_begin + window_begin of the resized picture, which has
// source_size pixels from source_begin on of the picture in resized_size.
AxisMap MapAxis(const preprocess::AxisGeometry& axis, int input_pixels, int picture_pixels) {
  const double step = static_cast<double>(axis.source_size) / static_cast<double>(axis.resized_size);
  const double first = static_cast<double>(axis.window_begin) - axis.target_begin;
  return {input_pixels * step / picture_pixels, (axis.source_begin + first * step) / picture_pixels};
}

}  // namespace

postprocess::PictureMap MapOf(const PreprocessSpec& spec, PictureSize picture) {
  if (picture.width < 1 || picture.height < 1) return {};
  const preprocess::Geometry geometry = preprocess::ComputeGeometry(spec, picture);
  const AxisMap x = MapAxis(geometry.x, spec.width, picture.width);
  const AxisMap y = MapAxis(geometry.y, spec.height, picture.height);
  return {static_cast<float>(x.scale), static_cast<float>(x.offset), static_cast<float>(y.scale),
          static_cast<float>(y.offset)};
}

}  // namespace sightline::pipeline
