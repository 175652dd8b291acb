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

constexpr NmsSpec kNms{
    .score_threshold = 0.3F, .iou_threshold = 0.6F, .max_per_class = 1000, .max_total = 1000};

DetectionAgreement Compare(const PictureOutputs& reference, const PictureOutputs& other,
                           const NmsSpec& nms = kNms) {
  return CompareDetections(reference, other, nms);
}

TEST(DetectionAgreement, OfTheSameIsComplete) {
  const auto same = Compare(Outputs(200), Outputs(200));
  EXPECT_TRUE(same.agrees());
  EXPECT_EQ(same.detections, 200);
  EXPECT_EQ(same.same, 200);
  EXPECT_EQ(same.output_difference_max, 0);
  EXPECT_TRUE(Compare(Outputs(0), Outputs(0)).agrees());
}

TEST(DetectionAgreement, RawOutputsAreJudgedAgainstTheirRange) {
  auto other = Outputs(3);
  other.values[0][1] = 10.009F;  // of a range of 10
  EXPECT_NEAR(Compare(Outputs(3), other).output_difference_max, 9e-4, 1e-6);
  EXPECT_TRUE(Compare(Outputs(3), other).agrees());
  other.values[1][0] = -1.0021F;  // of a range of 2
  EXPECT_NEAR(Compare(Outputs(3), other).output_difference_max, 1.05e-3, 1e-6);
  EXPECT_FALSE(Compare(Outputs(3), other).agrees());
  other = Outputs(3);
  other.values[1] = {2, 2};
  EXPECT_TRUE(std::isinf(Compare(other, Outputs(3)).output_difference_max)) << "a range of 0";
}

TEST(DetectionAgreement, OneOfAHundredMayDiffer) {
  for (const int differing : {2, 3}) {
    auto other = Outputs(200);
    for (int i = 0; i < differing; ++i) other.detections[static_cast<size_t>(i)].class_index = 9;
    const auto agreement = Compare(Outputs(200), other);
    EXPECT_EQ(agreement.same, 200 - differing);
    EXPECT_EQ(agreement.agrees(), differing == 2);
  }
  EXPECT_FALSE(Compare(Outputs(200), Outputs(203)).agrees()) << "more on one side";
  EXPECT_FALSE(Compare(Outputs(203), Outputs(200)).agrees());
}

// 0.01 wide: shifted by 0.00004, IoU is 0.00996 / 0.01004 = 0.992; by 0.00006, 0.988.
TEST(DetectionAgreement, BoxesAreOneFromAnIouOf99PercentOn) {
  for (const float shift : {0.00004F, 0.00006F}) {
    auto other = Outputs(10);
    other.detections[4].box.left += shift;
    other.detections[4].box.right += shift;
    EXPECT_EQ(Compare(Outputs(10), other).same, shift < 0.00005F ? 10 : 9);
  }
}

TEST(DetectionAgreement, ADetectionIsOneOfTheOtherSideAtMost) {
  PictureOutputs twice = Outputs(1);
  twice.detections.push_back(twice.detections[0]);
  EXPECT_EQ(Compare(twice, Outputs(2)).same, 1);
}

// 100 boxes of which the other side's first is better by `deviation`, and one more that the reference alone
// has.
struct Lacked {
  PictureOutputs reference;
  PictureOutputs other;
};
Lacked OneLacked(float deviation, const Detection& lacked) {
  Lacked sides{Outputs(100), Outputs(100)};
  sides.other.detections[0].score += deviation;
  sides.reference.detections.push_back(lacked);
  return sides;
}

constexpr Box kElsewhere{0.01F, 0.9F, 0.02F, 0.91F};

TEST(DetectionAgreement, AScoreAtTheThresholdIsATie) {
  for (const bool reversed : {false, true}) {
    Lacked near = OneLacked(2e-4F, {kElsewhere, 1, 0.3001F});
    if (reversed) std::swap(near.reference, near.other);
    const auto tie = Compare(near.reference, near.other);
    EXPECT_EQ(tie.ties, 1);
    EXPECT_EQ(tie.detections, 100);
    EXPECT_EQ(tie.same, 100);
    Lacked far = OneLacked(2e-4F, {kElsewhere, 1, 0.3005F});
    if (reversed) std::swap(far.reference, far.other);
    const auto lost = Compare(far.reference, far.other);
    EXPECT_EQ(lost.ties, 0) << "farther from the threshold than the two sides from each other";
    EXPECT_EQ(lost.detections, 101);
    EXPECT_EQ(lost.same, 100);
  }
  const Lacked exact = OneLacked(0, {kElsewhere, 1, 0.3001F});
  EXPECT_EQ(Compare(exact.reference, exact.other).ties, 0) << "sides that compute the same have no excuse";
}

// One side has 100 of at most 100; what the other has instead of its last is as good but for the deviation.
TEST(DetectionAgreement, TheLastOfAFullSideIsATie) {
  NmsSpec nms = kNms;
  nms.max_total = 100;
  for (const float better : {1e-4F, 1e-2F}) {
    PictureOutputs reference = Outputs(100);
    PictureOutputs other = Outputs(100);
    other.detections[0].score += 2e-4F;
    other.detections.back() = {kElsewhere, 1, 0.5F - better / 2};
    reference.detections.back().score = 0.5F - better;
    const auto agreement = Compare(reference, other, nms);
    EXPECT_EQ(agreement.same, 99);
    // The other's is the better one: beyond the deviation it must be in the reference too.
    EXPECT_EQ(agreement.detections, better < 1e-3F ? 99 : 100) << better;
    EXPECT_FALSE(Compare(reference, other).ties > 0) << "no side is full";
  }
}

// A box that the other side suppressed, since it overlaps a better one by hardly less than the threshold here
// and more there.
TEST(DetectionAgreement, AnOverlapAtTheThresholdIsATie) {
  // Beside box 0, which is 0.01 wide: shifted by 0.0025, IoU is 0.0075 / 0.0125 = 0.6; by 0.003, 0.54.
  for (const float shift : {0.0025F, 0.003F}) {
    PictureOutputs reference = Outputs(100);
    PictureOutputs other = Outputs(100);
    other.detections[1].box.left += 0.00002F;  // what the boxes deviate by
    Detection lacked = reference.detections[0];
    lacked.box.left += shift;
    lacked.box.right += shift;
    lacked.score = 0.4F;
    reference.detections.push_back(lacked);
    const auto agreement = Compare(reference, other);
    EXPECT_EQ(agreement.ties, shift < 0.003F ? 1 : 0);
    EXPECT_EQ(agreement.detections, shift < 0.003F ? 100 : 101);
    reference.detections.back().class_index = 2;
    EXPECT_EQ(Compare(reference, other).ties, 0) << "another class suppresses nothing";
  }
}

// A backend that is far off can't stretch what counts as a tie.
TEST(DetectionAgreement, DeviationsThatExcuseAreBounded) {
  const Lacked sides = OneLacked(0.2F, {kElsewhere, 1, 0.31F});
  const auto agreement = Compare(sides.reference, sides.other);
  EXPECT_EQ(agreement.ties, 0);
  EXPECT_EQ(agreement.detections, 101);
}

TEST(DetectionAgreement, WhatIsNotFiniteNeverAgrees) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto broken = Outputs(3);
    broken.values[1][1] = bad;
    const auto agreement = Compare(broken, broken);
    EXPECT_FALSE(agreement.finite);
    EXPECT_FALSE(agreement.agrees());
  }
}

TEST(DetectionAgreement, PicturesAddUp) {
  auto sum = Compare(Outputs(100), Outputs(100));
  auto other = Outputs(100);
  other.detections[0].class_index = 9;
  other.values[0][1] = 10.005F;
  sum.Add(Compare(Outputs(100), other));
  EXPECT_EQ(sum.detections, 200);
  EXPECT_EQ(sum.same, 199);
  EXPECT_NEAR(sum.output_difference_max, 5e-4, 1e-6);
}

}  // namespace
}  // namespace sightline::analyze
