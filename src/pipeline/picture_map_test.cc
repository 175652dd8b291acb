#include "src/pipeline/picture_map.h"

#include <gtest/gtest.h>

namespace sightline::pipeline {
namespace {

PreprocessSpec Spec(ResizeMode mode, int width, int height) {
  PreprocessSpec spec;
  spec.width = width;
  spec.height = height;
  spec.resize = mode;
  return spec;
}

struct Place {
  double x, y;
};

Place OnPicture(const postprocess::PictureMap& map, double x, double y) {
  return {x * static_cast<double>(map.scale_x) + static_cast<double>(map.offset_x),
          y * static_cast<double>(map.scale_y) + static_cast<double>(map.offset_y)};
}

void ExpectAt(const postprocess::PictureMap& map, Place input, Place picture) {
  const Place at = OnPicture(map, input.x, input.y);
  EXPECT_NEAR(at.x, picture.x, 1e-6);
  EXPECT_NEAR(at.y, picture.y, 1e-6);
}

TEST(PictureMap, AStretchedPictureFillsTheInput) {
  EXPECT_EQ(MapOf(Spec(ResizeMode::kStretch, 300, 300), {640, 480}), postprocess::PictureMap());
}

// 640 x 320 in 416 x 416: 208 rows from row 104 on.
TEST(PictureMap, ALetterboxIsTakenOff) {
  const auto map = MapOf(Spec(ResizeMode::kLetterbox, 416, 416), {640, 320});
  ExpectAt(map, {0, 104.0 / 416}, {0, 0});
  ExpectAt(map, {1, 312.0 / 416}, {1, 1});
  ExpectAt(map, {0.5, 0.5}, {0.5, 0.5});
}

// A picture higher than wide has the bars at its sides. 100 x 200 in 416: 208 columns from column 104 on.
TEST(PictureMap, AndSoIsOneWithBarsAtItsSides) {
  const auto map = MapOf(Spec(ResizeMode::kLetterbox, 416, 416), {100, 200});
  ExpectAt(map, {104.0 / 416, 0}, {0, 0});
  ExpectAt(map, {312.0 / 416, 1}, {1, 1});
}

// The central 7/8 of 800 x 400.
TEST(PictureMap, ACropIsPutBack) {
  PreprocessSpec spec = Spec(ResizeMode::kCropThenStretch, 224, 224);
  spec.crop_fraction = 0.875;
  const auto map = MapOf(spec, {800, 400});
  ExpectAt(map, {0, 0}, {50.0 / 800, 25.0 / 400});
  ExpectAt(map, {1, 1}, {750.0 / 800, 375.0 / 400});
}

// 512 x 256 stays (its shorter side is 256); the central 224 x 224 of it.
TEST(PictureMap, ACropAfterResizingIsPutBack) {
  PreprocessSpec spec = Spec(ResizeMode::kShorterThenCrop, 224, 224);
  spec.shorter_side = 256;
  const auto map = MapOf(spec, {512, 256});
  ExpectAt(map, {0, 0}, {144.0 / 512, 16.0 / 256});
  ExpectAt(map, {1, 1}, {368.0 / 512, 240.0 / 256});
}

TEST(PictureMap, OfAPictureNobodyKnowsTheInputStandsForIt) {
  EXPECT_EQ(MapOf(Spec(ResizeMode::kLetterbox, 416, 416), {}), postprocess::PictureMap());
}

}  // namespace
}  // namespace sightline::pipeline
