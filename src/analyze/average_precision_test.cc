#include "src/analyze/average_precision.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace sightline::analyze {
namespace {

constexpr Box kLeftHalf = {0, 0, 0.5F, 1};
constexpr Box kRightHalf = {0.5F, 0, 1, 1};

TEST(CocoAveragePrecision, IsOneWhereEverythingIsFoundAndNothingElse) {
  const LabelledPicture pictures[] = {
      {{{kLeftHalf, 0}, {kRightHalf, 1}}, {{kLeftHalf, 0, 0.9F}, {kRightHalf, 1, 0.2F}}},
      {{{kLeftHalf, 1}}, {{kLeftHalf, 1, 0.1F}}}};
  const AveragePrecision found = CocoAveragePrecision(pictures);
  EXPECT_DOUBLE_EQ(found.mean, 1);
  EXPECT_DOUBLE_EQ(found.at_50, 1);
  EXPECT_DOUBLE_EQ(found.at_75, 1);
  EXPECT_EQ(found.classes, 2);
  EXPECT_EQ(found.objects, 3);
}

// A wrong detection before the right one: precision 1/2 at every recall. Behind it, it costs nothing.
TEST(CocoAveragePrecision, CountsWrongDetectionsThatAreSurer) {
  const LabelledPicture before[] = {{{{kLeftHalf, 0}}, {{kLeftHalf, 0, 0.5F}, {kRightHalf, 0, 0.6F}}}};
  EXPECT_DOUBLE_EQ(CocoAveragePrecision(before).mean, 0.5);
  const LabelledPicture behind[] = {{{{kLeftHalf, 0}}, {{kLeftHalf, 0, 0.5F}, {kRightHalf, 0, 0.4F}}}};
  EXPECT_DOUBLE_EQ(CocoAveragePrecision(behind).mean, 1);
}

// IoU 0.7 is enough for the thresholds 0.50 to 0.70, five of the ten.
TEST(CocoAveragePrecision, AsksForMoreAndMoreOverlap) {
  const LabelledPicture pictures[] = {{{{{0, 0, 1, 1}, 0}}, {{{0, 0, 1, 0.701F}, 0, 0.5F}}}};
  const AveragePrecision found = CocoAveragePrecision(pictures);
  EXPECT_DOUBLE_EQ(found.mean, 0.5);
  EXPECT_DOUBLE_EQ(found.at_50, 1);
  EXPECT_DOUBLE_EQ(found.at_75, 0);
}

TEST(CocoAveragePrecision, OneObjectIsFoundOnce) {
  const LabelledPicture twice[] = {
      {{{kLeftHalf, 0}, {kRightHalf, 0}}, {{kLeftHalf, 0, 0.9F}, {kLeftHalf, 0, 0.8F}}}};
  // Recall 1/2 with precision 1: recalls 0 ... 0.50 are reached, 51 of 101.
  EXPECT_DOUBLE_EQ(CocoAveragePrecision(twice).mean, 51.0 / 101);
}

TEST(CocoAveragePrecision, LeavesOutWhatLiesInACrowd) {
  const LabelledPicture pictures[] = {
      {{{kLeftHalf, 0}, {kRightHalf, 0, /*crowd=*/true}},
       {{kLeftHalf, 0, 0.5F}, {{0.6F, 0.1F, 0.7F, 0.2F}, 0, 0.9F}, {{0.8F, 0.1F, 0.9F, 0.2F}, 0, 0.8F}}}};
  const AveragePrecision found = CocoAveragePrecision(pictures);
  EXPECT_DOUBLE_EQ(found.mean, 1);
  EXPECT_EQ(found.objects, 1);
}

TEST(CocoAveragePrecision, HasNothingToSayWithoutObjects) {
  const LabelledPicture pictures[] = {{{}, {{kLeftHalf, 0, 0.5F}}}};
  EXPECT_EQ(CocoAveragePrecision(pictures).mean, 0);
  EXPECT_EQ(CocoAveragePrecision(pictures).classes, 0);
}

// The numbers of an old standard rand(), so that other programs draw the same.
class Draw {
 public:
  double operator()() {
    state_ = (state_ * 1103515245 + 12345) % 2147483648;
    return static_cast<double>(state_) / 2147483648.0;
  }

 private:
  uint64_t state_ = 7;
};

Box At(double left, double top, double width, double height) {
  return {static_cast<float>(left), static_cast<float>(top), static_cast<float>(left + width),
          static_cast<float>(top + height)};
}

LabelledPicture DrawPicture(Draw& draw) {
  LabelledPicture picture;
  const int objects = static_cast<int>(draw() * 6);
  for (int i = 0; i < objects; ++i) {
    const int class_index = static_cast<int>(draw() * 3);
    const double left = draw() * 0.6;
    const double top = draw() * 0.6;
    const double width = 0.1 + draw() * 0.3;
    const double height = 0.1 + draw() * 0.3;
    picture.truth.push_back({At(left, top, width, height), class_index, draw() < 0.1});
    const int detections = static_cast<int>(draw() * 3);
    for (int k = 0; k < detections; ++k) {
      const double right_by = (draw() - 0.5) * 0.1;
      const double down_by = (draw() - 0.5) * 0.1;
      const double wider_by = (draw() - 0.5) * 0.1;
      const auto score = static_cast<float>(draw());
      const int found = draw() < 0.8 ? class_index : static_cast<int>(draw() * 3);
      picture.found.push_back({At(left + right_by, top + down_by, width + wider_by, height), found, score});
    }
  }
  return picture;
}

// What pycocotools 2.0.11 says of the same boxes (COCOeval, "bbox", one area range, maxDets 100).
TEST(CocoAveragePrecision, AgreesWithPycocotools) {
  Draw draw;
  std::vector<LabelledPicture> pictures;
  for (int i = 0; i < 20; ++i) pictures.push_back(DrawPicture(draw));
  const AveragePrecision found = CocoAveragePrecision(pictures);
  EXPECT_EQ(found.objects, 51);
  EXPECT_EQ(found.classes, 3);
  EXPECT_NEAR(found.mean, 0.163455357280, 1e-9);
  EXPECT_NEAR(found.at_50, 0.431114596167, 1e-9);
  EXPECT_NEAR(found.at_75, 0.104321029929, 1e-9);
}

}  // namespace
}  // namespace sightline::analyze
