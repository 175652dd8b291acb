#include "src/stats/mean.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

Moments MomentsOf(const std::vector<double>& samples) {
  Moments moments;
  for (const double sample : samples) moments.Add(sample);
  return moments;
}

// Deviations of 2 4 4 4 5 5 7 9 from 5: squares sum up to 32.
TEST(Moments, AgreeWithAHandWorkedExample) {
  const Moments moments = MomentsOf({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(moments.count(), 8);
  EXPECT_DOUBLE_EQ(moments.mean(), 5);
  EXPECT_DOUBLE_EQ(moments.variance(), 32.0 / 7);
  EXPECT_EQ(moments.min(), 2);
  EXPECT_EQ(moments.max(), 9);
}

// The textbook case: 4 7 13 16 have variance 30, also a billion away, where sums of squares cancel to
// nothing.
TEST(Moments, DoNotCancelFarFromZero) {
  const Moments moments = MomentsOf({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  EXPECT_DOUBLE_EQ(moments.variance(), 30);
  EXPECT_DOUBLE_EQ(moments.mean(), 1e9 + 10);
}

TEST(Moments, TakeNoneAndOne) {
  EXPECT_EQ(Moments().variance(), 0);
  EXPECT_EQ(MomentsOf({-3}).min(), -3);
  EXPECT_EQ(MomentsOf({-3}).max(), -3);
  EXPECT_EQ(MomentsOf({-3}).stddev(), 0);
}

// 1 2 3 4 5: stddev sqrt(2.5), t(4) = 2.776: half-width 2.776 * 1.5811 / sqrt(5) = 1.963.
TEST(MeanInterval, IsTheTextbookOneForIndependentSamples) {
  const auto interval = MeanInterval(MomentsOf({1, 2, 3, 4, 5}), 5);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 3 - 1.963, 1e-3);
  EXPECT_NEAR(interval->high, 3 + 1.963, 1e-3);
}

TEST(MeanInterval, IsAbsentWithoutTwoSamplesWorth) {
  EXPECT_FALSE(MeanInterval(MomentsOf({1}), 1));
  EXPECT_FALSE(MeanInterval(MomentsOf({1, 1, 2, 2}), 1.5));
  EXPECT_FALSE(EstimateMean({}).interval);
}

TEST(EstimateMean, ConstantSamplesHaveAnIntervalOfNoWidth) {
  const MeanEstimate estimate = EstimateMean(std::vector<double>(20, 5));
  ASSERT_TRUE(estimate.interval);
  EXPECT_EQ(estimate.interval->low, 5);
  EXPECT_EQ(estimate.interval->high, 5);
}

// 95 % within what 300 fixed-seed runs can tell; the textbook interval would reach 74 % at phi 0.5.
TEST(EstimateMean, IntervalsCoverTheTruth) {
  constexpr int kRuns = 300;
  for (const double phi : {0.0, 0.5}) {
    double coverage = 0;
    for (int run = 0; run < kRuns; ++run) {
      const MeanEstimate estimate = EstimateMean(Ar1(phi, 2'000, SeedFor(23, std::to_string(run))));
      ASSERT_TRUE(estimate.interval);
      if (estimate.interval->low <= 0 && 0 <= estimate.interval->high) coverage += 1.0 / kRuns;
    }
    EXPECT_THAT(coverage, testing::AllOf(testing::Gt(0.92), testing::Lt(0.99))) << phi;
  }
}

}  // namespace
}  // namespace sightline::stats
