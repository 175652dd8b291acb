#include "src/zoo/moments.h"

#include <array>
#include <cmath>
#include <numbers>

#include "gtest/gtest.h"

namespace sightline::zoo {
namespace {

double Density(double t) {
  return std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi);
}
double Distribution(double t) {
  return std::erfc(-t / std::sqrt(2.0)) / 2;
}

TEST(MomentsTest, ReluOfACentredNormalIsExact) {
  const Moments y = ReluMoments({0, 4});
  EXPECT_NEAR(y.mean, 2 / std::sqrt(2 * std::numbers::pi), 1e-12);
  EXPECT_NEAR(y.second(), 2, 1e-12);
}

TEST(MomentsTest, ReluOfAShiftedNormalIsNearlyRight) {
  for (const double t : {-0.5, 0.25, 0.5, 1.0, 2.0, 4.0}) {
    const Moments y = ReluMoments({t, 1});
    const double first = Density(t) + t * Distribution(t);
    const double second = Distribution(t) + t * first;
    EXPECT_NEAR(y.mean, first, (t > 0 ? 0.06 : 0.12) * first) << t;
    EXPECT_NEAR(y.second(), second, (t > 0 ? 0.06 : 0.12) * second) << t;
    EXPECT_GT(y.variance, 0) << t;
  }
}

TEST(MomentsTest, PhotographFollowsThePreprocessing) {
  PreprocessSpec spec;
  spec.mean = {115, 115, 115};
  spec.scale = {1 / 60.0F, 1 / 60.0F, 1 / 60.0F};
  const Moments x = PhotographMoments(spec);
  EXPECT_NEAR(x.mean, 0, 1e-6);
  EXPECT_NEAR(x.variance, 1, 1e-6);
}

TEST(MomentsTest, SumsAndMixtures) {
  const Moments sum = AddMoments({1, 2}, {3, 4});
  EXPECT_DOUBLE_EQ(sum.mean, 4);
  EXPECT_DOUBLE_EQ(sum.variance, 6);
  // 1 channel of constant 0 and 3 of constant 4: mean 3, variance 3.
  const std::array<Moments, 2> parts{Moments{0, 0}, Moments{4, 0}};
  const std::array<int, 2> channels{1, 3};
  const Moments mixed = MixMoments(parts, channels);
  EXPECT_DOUBLE_EQ(mixed.mean, 3);
  EXPECT_DOUBLE_EQ(mixed.variance, 3);
}

TEST(MomentsTest, PoolingRaisesTheMaximumAndCalmsTheMean) {
  EXPECT_GT(MaxPoolMoments({0, 1}, 9).mean, MaxPoolMoments({0, 1}, 4).mean);
  EXPECT_DOUBLE_EQ(MaxPoolMoments({3, 1}, 1).mean, 3);  // TF-slim subsamples so
  EXPECT_DOUBLE_EQ(MaxPoolMoments({3, 1}, 1).variance, 1);
  EXPECT_DOUBLE_EQ(AveragePoolMoments({3, 1}, 9).mean, 3);
  EXPECT_LT(AveragePoolMoments({3, 1}, 9).variance, 1);
}

}  // namespace
}  // namespace sightline::zoo
