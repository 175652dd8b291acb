#include "src/cli/draw.h"

#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

cv::Mat Grey() {
  return {240, 320, CV_8UC3, cv::Scalar(128, 128, 128)};
}

bool IsGrey(const cv::Mat& picture, int x, int y) {
  return picture.at<cv::Vec3b>(y, x) == cv::Vec3b(128, 128, 128);
}

int Drawn(const cv::Mat& picture) {
  int count = 0;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) count += IsGrey(picture, x, y) ? 0 : 1;
  }
  return count;
}

TEST(Draw, ABoxIsWhereItShouldBe) {
  cv::Mat picture = Grey();
  const Detection found{{0.25F, 0.5F, 0.75F, 0.9F}, 3, 0.9F};
  DrawDetections({&found, 1}, {}, picture);
  EXPECT_FALSE(IsGrey(picture, 80, 170)) << "the left side";
  EXPECT_FALSE(IsGrey(picture, 240, 170)) << "the right side";
  EXPECT_FALSE(IsGrey(picture, 200, 216)) << "the bottom";
  EXPECT_FALSE(IsGrey(picture, 84, 115)) << "the label, above it";
  EXPECT_TRUE(IsGrey(picture, 160, 180)) << "what is in it stays to be seen";
  EXPECT_TRUE(IsGrey(picture, 40, 40));
}

TEST(Draw, ClassesDifferInColour) {
  cv::Mat picture = Grey();
  const Detection found[] = {{{0.1F, 0.5F, 0.3F, 0.9F}, 1, 0.9F}, {{0.6F, 0.5F, 0.8F, 0.9F}, 2, 0.8F}};
  DrawDetections(found, {}, picture);
  EXPECT_NE(picture.at<cv::Vec3b>(190, 32), picture.at<cv::Vec3b>(190, 192));
}

TEST(Draw, LabelsStayWithinThePicture) {
  cv::Mat picture = Grey();
  const std::string labels[] = {
      "a name that is much longer than the picture is wide, which is of no use to "
      "anybody but must do no harm",
      "caf\xC3\xA9"};
  const Detection found[] = {{{0, 0, 1, 1}, 0, 0.9F}, {{0.99F, 0.99F, 1, 1}, 1, 0.8F}};
  DrawDetections(found, labels, picture);
  EXPECT_GT(Drawn(picture), 0);
}

TEST(Draw, BeyondSomeTheRestIsCounted) {
  std::vector<Detection> found(kDetectionsDrawn, Detection{{0.4F, 0.4F, 0.6F, 0.6F}, 1, 0.5F});
  cv::Mat some = Grey();
  DrawDetections(found, {}, some);
  EXPECT_TRUE(IsGrey(some, 4, 236));
  found.push_back(found[0]);
  cv::Mat more = Grey();
  DrawDetections(found, {}, more);
  EXPECT_FALSE(IsGrey(more, 4, 236)) << "the corner says how many there are";
}

TEST(Draw, ClassesStandInTheCorner) {
  cv::Mat picture = Grey();
  const ClassScore best[] = {{1, 0.75F}, {0, 0.2F}, {-1, 0}};
  DrawClasses(best, {}, picture);
  EXPECT_FALSE(IsGrey(picture, 1, 1));
  EXPECT_TRUE(IsGrey(picture, 200, 200));
  cv::Mat none = Grey();
  DrawClasses(std::vector<ClassScore>(5), {}, none);
  EXPECT_EQ(Drawn(none), 0);
}

TEST(Draw, ChannelsAreInOpenCvsOrder) {
  const uint8_t pixel[] = {10, 20, 30};
  EXPECT_EQ(ToBgr({pixel, 1, 1, 3, PixelOrder::kRgb}).at<cv::Vec3b>(0, 0), cv::Vec3b(30, 20, 10));
  EXPECT_EQ(ToBgr({pixel, 1, 1, 3, PixelOrder::kBgr}).at<cv::Vec3b>(0, 0), cv::Vec3b(10, 20, 30));
}

}  // namespace
}  // namespace sightline::cli
