#include "src/preprocess/geometry.h"

#include <gtest/gtest.h>

#include <array>

namespace sightline::preprocess {
namespace {

PreprocessSpec Spec(ResizeMode mode, int width, int height) {
  PreprocessSpec spec;
  spec.resize = mode;
  spec.width = width;
  spec.height = height;
  return spec;
}

TEST(Geometry, StretchTakesAll) {
  const Geometry geometry = ComputeGeometry(Spec(ResizeMode::kStretch, 224, 192), {640, 480});
  EXPECT_EQ(geometry.x, (AxisGeometry{0, 640, 224, 0, 0, 224}));
  EXPECT_EQ(geometry.y, (AxisGeometry{0, 480, 192, 0, 0, 192}));
}

TEST(Geometry, CropThenStretchRoundsAsTensorFlow) {
  PreprocessSpec spec = Spec(ResizeMode::kCropThenStretch, 299, 299);
  spec.crop_fraction = 0.875;
  const Geometry even = ComputeGeometry(spec, {640, 480});
  EXPECT_EQ(even.x, (AxisGeometry{40, 560, 299, 0, 0, 299}));
  EXPECT_EQ(even.y, (AxisGeometry{30, 420, 299, 0, 0, 299}));
  // (333 - 291.375) / 2 = 20.8 and (501 - 438.375) / 2 = 31.3, both cut off.
  const Geometry odd = ComputeGeometry(spec, {333, 501});
  EXPECT_EQ(odd.x, (AxisGeometry{20, 293, 299, 0, 0, 299}));
  EXPECT_EQ(odd.y, (AxisGeometry{31, 439, 299, 0, 0, 299}));
}

TEST(Geometry, ShorterThenCropRoundsAsTorchvision) {
  PreprocessSpec spec = Spec(ResizeMode::kShorterThenCrop, 224, 224);
  spec.shorter_side = 256;
  // 256 * 500 / 375 = 341.3, cut off; (341 - 224) / 2 = 58.5, to even.
  const Geometry wide = ComputeGeometry(spec, {500, 375});
  EXPECT_EQ(wide.x, (AxisGeometry{0, 500, 341, 58, 0, 224}));
  EXPECT_EQ(wide.y, (AxisGeometry{0, 375, 256, 16, 0, 224}));
  // 256 * 487 / 333 = 374.4; (374 - 224) / 2 = 75.
  const Geometry tall = ComputeGeometry(spec, {333, 487});
  EXPECT_EQ(tall.x, (AxisGeometry{0, 333, 256, 16, 0, 224}));
  EXPECT_EQ(tall.y, (AxisGeometry{0, 487, 374, 75, 0, 224}));
  // 256 * 401 / 300 = 342.2; 256 * 400 / 299 = 342.5; 256 * 337 / 250 = 345.1: (345 - 224) / 2 = 60.5, to
  // even.
  EXPECT_EQ(ComputeGeometry(spec, {337, 250}).x, (AxisGeometry{0, 337, 345, 60, 0, 224}));
  // 256 * 335 / 250 = 343.04: 59.5, to even.
  EXPECT_EQ(ComputeGeometry(spec, {335, 250}).x, (AxisGeometry{0, 335, 343, 60, 0, 224}));
}

TEST(Geometry, ShorterThenCropRoundsDownWhereTfSlimDoes) {
  PreprocessSpec spec = Spec(ResizeMode::kShorterThenCrop, 224, 224);
  spec.shorter_side = 256;
  spec.crop_rounding = CropRounding::kDown;
  // 256 * 335 / 250 = 343.04; (343 - 224) / 2 = 59.5, cut off.
  EXPECT_EQ(ComputeGeometry(spec, {335, 250}).x, (AxisGeometry{0, 335, 343, 59, 0, 224}));
  EXPECT_EQ(ComputeGeometry(spec, {500, 375}).x, (AxisGeometry{0, 500, 341, 58, 0, 224}));
}

TEST(Geometry, CropKeepAspectTakesTheCentralSquare) {
  PreprocessSpec spec = Spec(ResizeMode::kCropKeepAspect, 224, 224);
  spec.crop_fraction = 0.875;
  // int(0.875 * 375) = 328; (500 - 328 + 1) / 2 = 86, (375 - 328 + 1) / 2 = 24.
  const Geometry geometry = ComputeGeometry(spec, {500, 375});
  EXPECT_EQ(geometry.x, (AxisGeometry{86, 328, 224, 0, 0, 224}));
  EXPECT_EQ(geometry.y, (AxisGeometry{24, 328, 224, 0, 0, 224}));
}

TEST(Geometry, LetterboxFitsAndCentres) {
  const PreprocessSpec spec = Spec(ResizeMode::kLetterbox, 416, 416);
  // 480 * 416 / 640 = 312; (416 - 312) / 2 = 52.
  const Geometry wide = ComputeGeometry(spec, {640, 480});
  EXPECT_EQ(wide.x, (AxisGeometry{0, 640, 416, 0, 0, 416}));
  EXPECT_EQ(wide.y, (AxisGeometry{0, 480, 312, 0, 52, 312}));
  // 333 * 416 / 501 = 276.5, cut off; (416 - 276) / 2 = 70.
  const Geometry tall = ComputeGeometry(spec, {333, 501});
  EXPECT_EQ(tall.x, (AxisGeometry{0, 333, 276, 0, 70, 276}));
  EXPECT_EQ(tall.y, (AxisGeometry{0, 501, 416, 0, 0, 416}));
}

// Whatever the picture, what is read lies inside it and what is written inside the input.
TEST(Geometry, StaysInsideForExtremePictures) {
  constexpr std::array modes = {ResizeMode::kStretch, ResizeMode::kCropThenStretch,
                                ResizeMode::kShorterThenCrop, ResizeMode::kCropKeepAspect,
                                ResizeMode::kLetterbox};
  for (const ResizeMode mode : modes) {
    PreprocessSpec spec = Spec(mode, 224, 160);
    spec.shorter_side = 256;
    spec.crop_fraction = 0.1;
    for (const PictureSize picture : {PictureSize{1, 1}, {1, 70000}, {70000, 1}, {2, 3}, {9, 8}}) {
      const Geometry geometry = ComputeGeometry(spec, picture);
      const auto inside = [](const AxisGeometry& axis, int source, int target) {
        EXPECT_GE(axis.source_begin, 0);
        EXPECT_GE(axis.source_size, 1);
        EXPECT_LE(axis.source_begin + axis.source_size, source);
        EXPECT_GE(axis.window_begin, 0);
        EXPECT_LE(axis.window_begin + axis.target_size, axis.resized_size);
        EXPECT_GE(axis.target_begin, 0);
        EXPECT_GE(axis.target_size, 1);
        EXPECT_LE(axis.target_begin + axis.target_size, target);
      };
      SCOPED_TRACE(testing::Message()
                   << static_cast<int>(mode) << " of " << picture.width << "x" << picture.height);
      inside(geometry.x, picture.width, 224);
      inside(geometry.y, picture.height, 160);
    }
  }
}

}  // namespace
}  // namespace sightline::preprocess
