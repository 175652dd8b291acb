#include "src/analyze/detection_agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace sightline::analyze {
namespace {

// `count` boxes side by side, 0.01 wide and high.
PictureOutputs Outputs(int count) {
  PictureOutputs outputs{.values = {{0, 10}, {-1, 1}}, .detections = {}};
  for (int i = 0; i < count; ++i) {
    const float left = 0.02F * static_cast<float>(i % 50);
    const float top = 0.02F * static_cast<float>(i / 50);
    outputs.detections.push_back({{left, top, left + 0.01F, top + 0.01F}, 1 + i % 3, 0.5F});
  }
  return outputs;
}

TEST(DetectionAgreement, OfTheSameIsComplete) {
  const auto same = CompareDetections(Outputs(200), Outputs(200));
  EXPECT_TRUE(same.agrees());
  EXPECT_EQ(same.detections, 200);
  EXPECT_EQ(same.same, 200);
  EXPECT_EQ(same.output_difference_max, 0);
  EXPECT_TRUE(CompareDetections(Outputs(0), Outputs(0)).agrees());
}

TEST(DetectionAgreement, RawOutputsAreJudgedAgainstTheirRange) {
  auto other = Outputs(3);
  other.values[0][1] = 10.009F;  // of a range of 10
  EXPECT_NEAR(CompareDetections(Outputs(3), other).output_difference_max, 9e-4, 1e-6);
  EXPECT_TRUE(CompareDetections(Outputs(3), other).agrees());
  other.values[1][0] = -1.0021F;  // of a range of 2
  EXPECT_NEAR(CompareDetections(Outputs(3), other).output_difference_max, 1.05e-3, 1e-6);
  EXPECT_FALSE(CompareDetections(Outputs(3), other).agrees());
  other = Outputs(3);
  other.values[1] = {2, 2};
  EXPECT_TRUE(std::isinf(CompareDetections(other, Outputs(3)).output_difference_max)) << "a range of 0";
}

TEST(DetectionAgreement, OneOfAHundredMayDiffer) {
  for (const int differing : {2, 3}) {
    auto other = Outputs(200);
    for (int i = 0; i < differing; ++i) other.detections[static_cast<size_t>(i)].class_index = 9;
    const auto agreement = CompareDetections(Outputs(200), other);
    EXPECT_EQ(agreement.same, 200 - differing);
    EXPECT_EQ(agreement.agrees(), differing == 2);
  }
  EXPECT_FALSE(CompareDetections(Outputs(200), Outputs(203)).agrees()) << "more on one side";
  EXPECT_FALSE(CompareDetections(Outputs(203), Outputs(200)).agrees());
}

// 0.01 wide: shifted by 0.00004, IoU is 0.00996 / 0.01004 = 0.992; by 0.00006, 0.988.
TEST(DetectionAgreement, BoxesAreOneFromAnIouOf99PercentOn) {
  for (const float shift : {0.00004F, 0.00006F}) {
    auto other = Outputs(10);
    other.detections[4].box.left += shift;
    other.detections[4].box.right += shift;
    EXPECT_EQ(CompareDetections(Outputs(10), other).same, shift < 0.00005F ? 10 : 9);
  }
}

TEST(DetectionAgreement, ADetectionIsOneOfTheOtherSideAtMost) {
  PictureOutputs twice = Outputs(1);
  twice.detections.push_back(twice.detections[0]);
  EXPECT_EQ(CompareDetections(twice, Outputs(2)).same, 1);
}

TEST(DetectionAgreement, WhatIsNotFiniteNeverAgrees) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto broken = Outputs(3);
    broken.values[1][1] = bad;
    const auto agreement = CompareDetections(broken, broken);
    EXPECT_FALSE(agreement.finite);
    EXPECT_FALSE(agreement.agrees());
  }
}

TEST(DetectionAgreement, PicturesAddUp) {
  auto sum = CompareDetections(Outputs(100), Outputs(100));
  auto other = Outputs(100);
  other.detections[0].class_index = 9;
  other.values[0][1] = 10.005F;
  sum.Add(CompareDetections(Outputs(100), other));
  EXPECT_EQ(sum.detections, 200);
  EXPECT_EQ(sum.same, 199);
  EXPECT_NEAR(sum.output_difference_max, 5e-4, 1e-6);
}

}  // namespace
}  // namespace sightline::analyze
