#include "src/stats/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

std::vector<double> Line(size_t count, double first, double step) {
  std::vector<double> samples(count);
  for (size_t i = 0; i < count; ++i) samples[i] = first + step * static_cast<double>(i);
  return samples;
}

// 21 values with slope 1 around a median of 110: 20 / 110. The one value out of place does not move the
// median of the slopes.
TEST(EstimateDrift, IsTheMedianOfPairSlopes) {
  std::vector<double> samples = Line(21, 100, 1);
  samples[3] = 1'000;
  const auto drift = EstimateDrift(samples);
  ASSERT_TRUE(drift);
  EXPECT_NEAR(drift->change, 20.0 / 111, 1e-3);  // the outlier moves the median by one rank
}

// Independent, no ties: n = 21, Var S = 21 20 47 / 18 = 1096.7, t(19) = 2.093: C = 69.3 of 210 pairs, so the
// slopes of ranks 70 and 141. The values are 10 + i / 10 with +-1 in turn, i.e. slopes of 0.1 for pairs an
// even number apart (100 of them), 0.1 +- 2 / (k - i) for the others: 55 above and 55 below, ranks 56 to 155
// are 0.1.
TEST(EstimateDrift, HasTheIntervalOfSen) {
  std::vector<double> samples = Line(21, 10, 0.1);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] += i % 2 == 0 ? 1 : -1;
  const auto drift = EstimateDrift(samples);
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->effective_count, 21);
  const double run = 20 / 11.0;  // the median is 11: above it the even places but the first, below the odd
  EXPECT_NEAR(drift->change, 0.1 * run, 1e-9);
  EXPECT_NEAR(drift->interval.low, 0.1 * run, 1e-9);
  EXPECT_NEAR(drift->interval.high, 0.1 * run, 1e-9);
}

std::vector<double> Drifting(double phi, size_t count, double change, uint64_t seed) {
  std::vector<double> samples = Ar1(phi, count, seed);
  for (size_t i = 0; i < count; ++i)
    samples[i] =
        20e6 * (1 + 0.05 * samples[i] + change * (static_cast<double>(i) / static_cast<double>(count) - 0.5));
  return samples;
}

// 95 % within what 150 fixed-seed runs can tell; without the inflation phi 0.9 would have 40 %.
TEST(EstimateDrift, IntervalsCoverTheTruthUnderDependence) {
  constexpr int kRuns = 150;
  for (const double phi : {0.0, 0.5, 0.9}) {
    double coverage = 0;
    for (int run = 0; run < kRuns; ++run) {
      const auto drift = EstimateDrift(Drifting(phi, 2'000, 0.04, SeedFor(31, std::to_string(run))));
      ASSERT_TRUE(drift);
      if (drift->interval.low <= 0.04 && 0.04 <= drift->interval.high) coverage += 1.0 / kRuns;
    }
    EXPECT_THAT(coverage, testing::AllOf(testing::Gt(0.90), testing::Lt(0.995))) << phi;
  }
}

TEST(EstimateDrift, FindsASmallDriftOfALongRun) {
  const auto drift = EstimateDrift(Drifting(0.5, 100'000, -0.02, 3));
  ASSERT_TRUE(drift);
  EXPECT_NEAR(drift->change, -0.02, 0.003);
  EXPECT_TRUE(Drifts(*drift, 0.01));
  EXPECT_FALSE(Drifts(*drift, 0.03));
}

TEST(EstimateDrift, OfASteadySeriesIsNoFinding) {
  const auto drift = EstimateDrift(Drifting(0.5, 2'000, 0, 4));
  ASSERT_TRUE(drift);
  EXPECT_FALSE(Drifts(*drift, 0));
}

TEST(EstimateDrift, IsAbsentWithoutEnoughToTell) {
  EXPECT_FALSE(EstimateDrift({}));
  EXPECT_FALSE(EstimateDrift(Line(19, 1, 1)));
  EXPECT_FALSE(EstimateDrift(std::vector<double>(100, 0)));
  EXPECT_FALSE(EstimateDrift(Drifting(0.98, 60, 0, 5)));
}

TEST(EstimateDrift, OfAConstantIsNone) {
  const auto drift = EstimateDrift(std::vector<double>(100, 5));
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->change, 0);
  EXPECT_FALSE(Drifts(*drift, 0));
}

TEST(Drifts, NeedsAnIntervalOnOneSideOfNothing) {
  EXPECT_TRUE(Drifts({.change = -0.05, .interval = {.low = -0.08, .high = -0.02}}, 0.02));
  EXPECT_FALSE(Drifts({.change = 0.05, .interval = {.low = -0.01, .high = 0.11}}, 0.02));
}

}  // namespace
}  // namespace sightline::stats
