#include "src/stats/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// Launches whose medians lie around `centre` with a spread of 2, samples of phi 0.5 around them with
// `spread`.
std::vector<std::vector<double>> Launches(size_t launches, size_t samples, double centre, double spread,
                                          uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<std::vector<double>> made;
  for (size_t i = 0; i < launches; ++i) {
    const double median = centre + 2 * random.NextGaussian();
    made.push_back(Ar1(0.5, samples, random.Next()));
    for (double& sample : made.back()) sample = median + spread * sample;
  }
  return made;
}

// Constant launches of 1 .. 5: a resample's mean is that of 5 draws from 1 .. 5, with P(mean = 1) = 1 / 3125,
// and 5 launches leave out 0.1 % (t(4) sqrt(5 / 4) = 3.104 normal deviations): 2 of 2,000 on each side.
TEST(BootstrapQuantile, DrawsLaunchesWithReplacement) {
  const std::vector<std::vector<double>> launches{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}};
  const auto estimate = BootstrapQuantile(launches, 0.5);
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->value, 3);
  EXPECT_THAT(estimate->interval.low, testing::AllOf(testing::Ge(1.0), testing::Le(1.4)));
  EXPECT_THAT(estimate->interval.high, testing::AllOf(testing::Ge(4.6), testing::Le(5.0)));
}

TEST(BootstrapQuantile, DrawsWithinLaunches) {
  const std::vector<double> launch = Ar1(0, 50, 3);
  const auto estimate = BootstrapQuantile(std::vector<std::vector<double>>(6, launch), 0.5);
  ASSERT_TRUE(estimate);
  EXPECT_LT(estimate->interval.low, estimate->value - 0.05);
  EXPECT_GT(estimate->interval.high, estimate->value + 0.05);
}

TEST(BootstrapQuantile, IsTheSameForTheSameSeed) {
  const auto launches = Launches(8, 100, 50, 5, 1);
  const auto first = BootstrapQuantile(launches, 0.9, {.seed = 7});
  const auto second = BootstrapQuantile(launches, 0.9, {.seed = 7});
  const auto other = BootstrapQuantile(launches, 0.9, {.seed = 8});
  EXPECT_EQ(first->interval.low, second->interval.low);
  EXPECT_EQ(first->interval.high, second->interval.high);
  EXPECT_NE(first->interval.low, other->interval.low);
}

// 95 %, erring to the wide side, within what 200 fixed-seed runs can tell.
TEST(BootstrapQuantile, IntervalsCoverTheTruth) {
  constexpr int kRuns = 200;
  for (const size_t count : {6U, 15U}) {
    double coverage = 0;
    for (int run = 0; run < kRuns; ++run) {
      const auto launches = Launches(count, 100, 50, 5, SeedFor(41, std::to_string(run)));
      const auto estimate = BootstrapQuantile(launches, 0.5, {.resamples = 1'000});
      if (estimate->interval.low <= 50 && 50 <= estimate->interval.high) coverage += 1.0 / kRuns;
    }
    EXPECT_THAT(coverage, testing::AllOf(testing::Gt(0.92), testing::Lt(0.995))) << count;
  }
}

TEST(BootstrapQuantileRatio, CoversTheRatio) {
  const auto ratio = BootstrapQuantileRatio(Launches(10, 200, 60, 5, 1), Launches(10, 200, 50, 5, 2), 0.5);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->value, 1.2, 0.05);
  EXPECT_LT(ratio->interval.low, 1.2);
  EXPECT_GT(ratio->interval.high, 1.2);
  EXPECT_GT(ratio->interval.low, 1.1);
}

TEST(BootstrapQuantile, IsAbsentWithFewLaunches) {
  EXPECT_FALSE(BootstrapQuantile(Launches(4, 10, 50, 5, 1), 0.5));
  EXPECT_FALSE(BootstrapQuantileRatio(Launches(9, 10, 50, 5, 1), Launches(4, 10, 50, 5, 1), 0.5));
}

}  // namespace
}  // namespace sightline::stats
