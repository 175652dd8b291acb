#include "src/preprocess/geometry.h"

#include <algorithm>

namespace sightline::preprocess {
namespace {

AxisGeometry Stretch(int source, int target) {
  return {0, source, target, 0, 0, target};
}

AxisGeometry CropThenStretch(int source, double fraction, int target) {
  const int offset = static_cast<int>((source - source * fraction) / 2);
  return {offset, source - 2 * offset, target, 0, 0, target};
}

// Half of `difference`, halves to even as Python's round().
int64_t HalfToEven(int64_t difference) {
  const int64_t half = difference / 2;
  return difference % 2 == 0 ? half : half + half % 2;
}

AxisGeometry ShorterThenCrop(int source, int shorter, const PreprocessSpec& spec, int target) {
  const int64_t resized = int64_t{spec.shorter_side} * source / shorter;
  const int64_t left_over = resized - target;
  const bool down = spec.crop_rounding == CropRounding::kDown;
  return {0, source, resized, down ? left_over / 2 : HalfToEven(left_over), 0, target};
}

AxisGeometry CropKeepAspect(int source, int square, int target) {
  return {(source - square + 1) / 2, square, target, 0, 0, target};
}

AxisGeometry Letterbox(int source, int64_t fitted, int target) {
  const int resized = static_cast<int>(std::clamp<int64_t>(fitted, 1, target));
  return {0, source, resized, 0, (target - resized) / 2, resized};
}

}  // namespace

Geometry ComputeGeometry(const PreprocessSpec& spec, PictureSize picture) {
  const auto [width, height] = picture;
  const int shorter = std::min(width, height);
  switch (spec.resize) {
    case ResizeMode::kStretch:
      break;
    case ResizeMode::kCropThenStretch:
      return {CropThenStretch(width, spec.crop_fraction, spec.width),
              CropThenStretch(height, spec.crop_fraction, spec.height)};
    case ResizeMode::kShorterThenCrop:
      return {ShorterThenCrop(width, shorter, spec, spec.width),
              ShorterThenCrop(height, shorter, spec, spec.height)};
    case ResizeMode::kCropKeepAspect: {
      const int square = std::max(1, static_cast<int>(spec.crop_fraction * shorter));
      return {CropKeepAspect(width, square, spec.width), CropKeepAspect(height, square, spec.height)};
    }
    case ResizeMode::kLetterbox: {
      const bool width_decides = int64_t{spec.width} * height < int64_t{spec.height} * width;
      const int64_t fitted_width = width_decides ? spec.width : int64_t{width} * spec.height / height;
      const int64_t fitted_height = width_decides ? int64_t{height} * spec.width / width : spec.height;
      return {Letterbox(width, fitted_width, spec.width), Letterbox(height, fitted_height, spec.height)};
    }
  }
  return {Stretch(width, spec.width), Stretch(height, spec.height)};
}

}  // namespace sightline::preprocess
