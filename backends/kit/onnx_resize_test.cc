#include "backends/kit/onnx_resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/kit/test_node.h"

namespace sightline::kit {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

ResizeCoordinate Coordinate(const char* name) {
  TestNode test("Resize");
  return CoordinateOf(test.node(), {.interpolation = "", .coordinates = name, .nearest = ""}).value();
}

ResizeRounding Rounding(const char* name) {
  return RoundingOf({.interpolation = "", .coordinates = "", .nearest = name}).value();
}

// Where the places of the result lie in the input.
std::vector<double> Positions(const char* name, const ResizeAxis& axis) {
  std::vector<double> positions;
  for (int64_t x = 0; x < axis.output; ++x) positions.push_back(Coordinate(name).function(axis, x));
  return positions;
}

TEST(OnnxResizeTest, EveryWayToMapPositions) {
  const ResizeAxis half = {.axis = 2, .input = 4, .output = 2, .scale = 0.5};
  EXPECT_THAT(Positions("half_pixel", half), ElementsAre(0.5, 2.5));
  EXPECT_THAT(Positions("pytorch_half_pixel", half), ElementsAre(0.5, 2.5));
  EXPECT_THAT(Positions("asymmetric", half), ElementsAre(0, 2));
  EXPECT_THAT(Positions("align_corners", half), ElementsAre(0, 3));
  EXPECT_THAT(Positions("tf_half_pixel_for_nn", half), ElementsAre(1, 3));
}

TEST(OnnxResizeTest, OnePlaceIsTheFirstWhereCornersCount) {
  const ResizeAxis one = {.axis = 2, .input = 4, .output = 1, .scale = 0.25};
  EXPECT_THAT(Positions("half_pixel", one), ElementsAre(1.5));
  EXPECT_THAT(Positions("pytorch_half_pixel", one), ElementsAre(0));
  EXPECT_THAT(Positions("align_corners", one), ElementsAre(0));
}

TEST(OnnxResizeTest, RoundingsDifferAtHalves) {
  EXPECT_EQ(Rounding("round_prefer_floor").function(1.5), 1);
  EXPECT_EQ(Rounding("round_prefer_ceil").function(1.5), 2);
  EXPECT_EQ(Rounding("floor").function(1.75), 1);
  EXPECT_EQ(Rounding("ceil").function(1.25), 2);
  EXPECT_EQ(RoundingOf({.interpolation = "", .coordinates = "", .nearest = "odd"}).status().message(),
            "nearest_mode odd is not supported");
}

TEST(OnnxResizeTest, CoordinatesAntialiasAndAxesAreRefusedTogether) {
  const ResizeModes unknown = {.interpolation = "linear", .coordinates = "tf_crop_and_resize", .nearest = ""};
  TestNode plain("Resize");
  EXPECT_EQ(CoordinateOf(plain.node(), unknown).status().message(),
            "coordinates tf_crop_and_resize, antialias or axes are not supported");
  const ResizeModes known = {.interpolation = "linear", .coordinates = "half_pixel", .nearest = ""};
  EXPECT_TRUE(CoordinateOf(plain.node(), known).ok());
  TestNode antialias("Resize");
  EXPECT_FALSE(CoordinateOf(antialias.SetInt("antialias", 1).node(), known).ok());
  TestNode axes("Resize");
  EXPECT_FALSE(CoordinateOf(axes.SetInts("axes", {2, 3}).node(), known).ok());
}

TEST(OnnxResizeTest, WordsCameWithOpset11) {
  TestNode test("Resize");
  const GraphNode node =
      test.SetString("mode", "cubic").SetString("coordinate_transformation_mode", "align_corners").node();
  EXPECT_EQ(ReadResizeModes(node, 11).interpolation, "cubic");
  EXPECT_EQ(ReadResizeModes(node, 11).coordinates, "align_corners");
  EXPECT_EQ(ReadResizeModes(node, 11).nearest, "round_prefer_floor");
  EXPECT_EQ(ReadResizeModes(node, 10).coordinates, "asymmetric");
  EXPECT_EQ(ReadResizeModes(node, 10).nearest, "floor");
  TestNode upsample("Upsample");
  EXPECT_EQ(ReadResizeModes(upsample.SetString("mode", "bilinear").node(), 9).interpolation, "linear");
}

TEST(OnnxResizeTest, ScalesAreTakenAsWritten) {
  TestNode test("Resize");
  const auto axes =
      ReadResizeAxes(test.Input({1, 3, 5}).MissingInput().Floats({1, 1, 0.5f}).Output({1, 3, 2}).node(), 13);
  ASSERT_EQ(axes.size(), 3);
  EXPECT_EQ(axes[2].axis, 2);
  EXPECT_EQ(axes[2].input, 5);
  EXPECT_EQ(axes[2].output, 2);
  EXPECT_EQ(axes[2].scale, 0.5);
  TestNode ten("Resize");
  EXPECT_EQ(ReadResizeAxes(ten.Input({5}).Floats({0.5f}).Output({2}).node(), 10)[0].scale, 0.5);
}

TEST(OnnxResizeTest, SizesAloneImplyScales) {
  TestNode test("Resize");
  const auto axes = ReadResizeAxes(test.Input({-1, 0, 5}).Output({-1, 0, 2}).node(), 13);
  ASSERT_EQ(axes.size(), 3);
  EXPECT_EQ(axes[0].scale, 1);
  EXPECT_EQ(axes[1].scale, 1);
  EXPECT_EQ(axes[2].scale, 0.4);
}

TEST(OnnxResizeTest, NearestPlacesStayInside) {
  const ResizeAxis twice = {.axis = 2, .input = 2, .output = 4, .scale = 2};
  EXPECT_THAT(NearestPlaces(twice, Coordinate("half_pixel"), Rounding("floor")), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(NearestPlaces(twice, Coordinate("half_pixel"), Rounding("ceil")), ElementsAre(0, 1, 1, 1));
}

TEST(OnnxResizeTest, LinearTapsShareOutTheWeight) {
  const ResizeAxis twice = {.axis = 2, .input = 2, .output = 4, .scale = 2};
  ResizeModes modes = {.interpolation = "linear", .coordinates = "half_pixel", .nearest = ""};
  const auto taps = WeightedTaps(twice, Coordinate("half_pixel"), modes);
  ASSERT_EQ(taps.size(), 2);
  EXPECT_THAT(taps[0].places, ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(taps[1].places, ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(taps[0].weights, ElementsAre(0.25f, 0.75f, 0.25f, 0.75f));
  EXPECT_THAT(taps[1].weights, ElementsAre(0.75f, 0.25f, 0.75f, 0.25f));
  modes.exclude_outside = true;
  EXPECT_THAT(WeightedTaps(twice, Coordinate("half_pixel"), modes)[0].weights,
              ElementsAre(0, 0.75f, 0.25f, 1));
}

// Keys' weights half way between two places, with a = -0.75: a/8 outside and (4 - a)/8 inside.
TEST(OnnxResizeTest, CubicTapsAreFour) {
  const ResizeAxis half = {.axis = 2, .input = 4, .output = 1, .scale = 0.25};
  const ResizeModes modes = {.interpolation = "cubic", .coordinates = "half_pixel", .nearest = ""};
  const auto taps = WeightedTaps(half, Coordinate("half_pixel"), modes);
  ASSERT_EQ(taps.size(), 4);
  const float expected[] = {-0.09375f, 0.59375f, 0.59375f, -0.09375f};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_THAT(taps[i].places, ElementsAre(static_cast<int64_t>(i)));
    EXPECT_THAT(taps[i].weights, ElementsAre(FloatNear(expected[i], 1e-6f)));
  }
}

}  // namespace
}  // namespace sightline::kit
