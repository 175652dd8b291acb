#include "src/analyze/detection_deviation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sightline::analyze {
namespace {

Detection BoxAt(float left, int class_index) {
  return {{left, 0.2F, left + 0.1F, 0.4F}, class_index, 0.5F};
}

TEST(DetectionDeviation, BoxesAreCountedAtBothOverlaps) {
  const PictureOutputs reference{.values = {{1, 2}},
                                 .detections = {BoxAt(0.1F, 1), BoxAt(0.5F, 1), BoxAt(0.8F, 2)}};
  // The same; 0.02 of 0.1 aside, an IoU of 0.08 / 0.12; another class.
  const PictureOutputs other{.values = {{1, 2}},
                             .detections = {BoxAt(0.1F, 1), BoxAt(0.52F, 1), BoxAt(0.8F, 3), BoxAt(0.3F, 3)}};
  DetectionDeviation deviation;
  deviation.Add(reference, other);
  deviation.Add(reference, reference);
  EXPECT_EQ(deviation.detections(), 4 + 3) << "the side that found more";
  EXPECT_EQ(deviation.same(), 1 + 3);
  EXPECT_EQ(deviation.overlapping(), 2 + 3);
}

TEST(DetectionDeviation, TheRatioIsThatOfTheWorstOutput) {
  const PictureOutputs reference{.values = {{100, -100}, {1, 0}}, .detections = {}};
  const PictureOutputs other{.values = {{101, -101}, {1.1F, 0}}, .detections = {}};
  DetectionDeviation deviation;
  deviation.Add(reference, other);
  EXPECT_NEAR(deviation.sqnr_db().value_or(0), 20, 1e-4) << "10 % of the small output, 1 % of the large one";
  EXPECT_TRUE(deviation.finite());
}

TEST(DetectionDeviation, ALevelCountsInRawValues) {
  DetectionDeviation deviation;
  deviation.Add({.values = {{1, 1}}, .detections = {}}, {.values = {{2, 2}}, .detections = {}});
  EXPECT_NEAR(deviation.sqnr_db().value_or(9), 0, 1e-9);
}

TEST(DetectionDeviation, WhatIsNotFiniteHasNoRatio) {
  DetectionDeviation deviation;
  deviation.Add({.values = {{1, 2}, {1}}, .detections = {}},
                {.values = {{1, 3}, {INFINITY}}, .detections = {}});
  EXPECT_FALSE(deviation.finite());
  EXPECT_FALSE(deviation.sqnr_db());
}

TEST(DetectionDeviation, WithoutADifferenceThereIsNoRatio) {
  DetectionDeviation deviation;
  deviation.Add({.values = {{1, 2}}, .detections = {}}, {.values = {{1, 2}}, .detections = {}});
  EXPECT_FALSE(deviation.sqnr_db());
  EXPECT_EQ(deviation.detections(), 0);
}

}  // namespace
}  // namespace sightline::analyze
