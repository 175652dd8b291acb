#include "src/stats/stopping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <span>
#include <vector>

#include "src/stats/quantile.h"
#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// 100 +- 10, successive values alike.
std::vector<double> Latencies(size_t count, uint64_t seed) {
  std::vector<double> series = Ar1(0.5, count, seed);
  for (double& value : series) value = 100 + 10 * value;
  return series;
}

TEST(RelativeHalfWidth, IsTheLongerSideOverTheValue) {
  EXPECT_THAT(RelativeHalfWidth(50, {.low = 49, .high = 53}), testing::Optional(testing::DoubleEq(0.06)));
  EXPECT_THAT(RelativeHalfWidth(50, {.low = 45, .high = 53}), testing::Optional(testing::DoubleEq(0.1)));
  EXPECT_THAT(RelativeHalfWidth(-50, {.low = -51, .high = -50}), testing::Optional(testing::DoubleEq(0.02)));
  EXPECT_FALSE(RelativeHalfWidth(0, {.low = -1, .high = 1}));
}

// The half-width of the median is 1.96 x 1.2533 x sqrt(2.28) x 10 / sqrt(n) of 100 (asymptotic variance pi /
// 2 of the median, inflation of the arcsine law): 2 % at n = 344.
TEST(CheckPrecision, ReachesTheGoalWhenTheIntervalIsAsNarrow) {
  const std::vector<double> samples = Latencies(4'000, 1);
  const std::span<const double> all = samples;
  const PrecisionGoal goal{.p = 0.5, .half_width = 0.02};
  EXPECT_FALSE(CheckPrecision(all.first(100), goal).reached);
  const Precision enough = CheckPrecision(all.first(2'000), goal);
  EXPECT_TRUE(enough.reached);
  EXPECT_EQ(enough.samples_needed, 2'000);
  ASSERT_TRUE(enough.half_width);
  ASSERT_TRUE(enough.interval);
  EXPECT_EQ(enough.half_width, RelativeHalfWidth(enough.value, *enough.interval));
  EXPECT_NEAR(*enough.half_width, 0.02 * std::sqrt(344.0 / 2'000), 0.003);
}

TEST(CheckPrecision, ExtrapolatesBySquareRootLaw) {
  const std::vector<double> samples = Latencies(2'000, 2);
  const Precision precision = CheckPrecision(samples, {.p = 0.5, .half_width = 0.001});
  ASSERT_TRUE(precision.half_width);
  EXPECT_FALSE(precision.reached);
  const double ratio = *precision.half_width / 0.001;
  EXPECT_NEAR(static_cast<double>(precision.samples_needed), 2'000 * ratio * ratio, 1);
}

TEST(CheckPrecision, WithoutAnIntervalAsksForItsSamplesFirst) {
  const std::vector<double> samples = Latencies(200, 3);
  const Precision precision = CheckPrecision(samples, {.p = 0.99, .half_width = 0.5});
  EXPECT_FALSE(precision.reached);
  EXPECT_FALSE(precision.half_width);
  EXPECT_GE(precision.samples_needed, SamplesForQuantile(0.99));
}

TEST(CheckPrecision, TakesTheMean) {
  const std::vector<double> samples = Latencies(2'000, 4);
  EXPECT_TRUE(CheckPrecision(samples, {.half_width = 0.02}).reached);
  EXPECT_FALSE(CheckPrecision(samples, {.half_width = 0.001}).reached);
  EXPECT_FALSE(CheckPrecision({}, {.half_width = 0.02}).reached);
  EXPECT_EQ(CheckPrecision({}, {.half_width = 0.02}).samples_needed, 2);
}

TEST(CheckPrecision, ConstantSamplesAreKnownExactlyAndZeroHasNoShare) {
  const Precision constant = CheckPrecision(std::vector<double>(50, 8), {.p = 0.5, .half_width = 1e-6});
  EXPECT_TRUE(constant.reached);
  EXPECT_THAT(constant.half_width, testing::Optional(0));
  EXPECT_FALSE(CheckPrecision(std::vector<double>(50, 0), {.p = 0.5, .half_width = 0.02}).half_width);
}

// 1,000 completions about 10 ms apart, by +-1 ms of phi 0.5: the mean gap has a half-width of 1.96 x sqrt(3)
// x 10 % / sqrt(1000) = 1.1 %, and so has the rate.
TEST(CheckThroughput, ReachesTheGoalWhenTheRateIsKnownAsWell) {
  LaneWork lane;
  int64_t at_ns = 0;
  for (const double gap_ms : Latencies(1'000, 5)) {
    at_ns += static_cast<int64_t>(gap_ms * 1e5);
    lane.completions.push_back({.at_ns = at_ns});
  }
  const std::vector<LaneWork> lanes = {lane, {}};
  const Precision enough = CheckThroughput(lanes, 0.02);
  EXPECT_TRUE(enough.reached);
  EXPECT_NEAR(enough.value, 100, 2);
  EXPECT_THAT(enough.half_width, testing::Optional(testing::DoubleNear(0.011, 0.004)));
  EXPECT_EQ(enough.samples_needed, 1'000);
  const Precision more = CheckThroughput(lanes, *enough.half_width / 2);
  EXPECT_FALSE(more.reached);
  EXPECT_NEAR(static_cast<double>(more.samples_needed), 4'000, 1);
  EXPECT_FALSE(CheckThroughput({}, 0.02).reached);
  EXPECT_EQ(CheckThroughput({}, 0.02).samples_needed, 2);
}

TEST(MayStop, EarlyOnlyForPercentilesOfSamplesThatSeemIndependent) {
  const PrecisionGoal median{.p = 0.5};
  int independent = 0;
  int dependent = 0;
  constexpr int kSeries = 500;
  for (uint64_t seed = 0; seed < kSeries; ++seed) {
    independent += MayStop(Ar1(0, 50, seed), median) ? 1 : 0;
    dependent += MayStop(Ar1(0.9, 50, seed), median) ? 1 : 0;
    EXPECT_FALSE(MayStop(Ar1(0, 99, seed), {})) << "the mean";
  }
  EXPECT_NEAR(independent, 0.84 * kSeries, 0.06 * kSeries);
  EXPECT_LT(dependent, 0.02 * kSeries);
  EXPECT_FALSE(MayStop(Ar1(0, 29, 1), median));
  EXPECT_TRUE(MayStop(Ar1(0.9, 100, 1), median)) << "their dependence can be seen, and is counted";
  EXPECT_TRUE(MayStop(Ar1(0.9, 100, 1), {}));
}

TEST(FirstLook, WaitsForAllInputsUpToAPoint) {
  EXPECT_EQ(FirstLook(1), 30);
  EXPECT_EQ(FirstLook(59), 59);
  EXPECT_EQ(FirstLook(50'000), 100);
}

TEST(NextLook, IsGeometric) {
  EXPECT_EQ(NextLook(0), 30);
  EXPECT_EQ(NextLook(30), 38);
  EXPECT_EQ(NextLook(94), 100);
  EXPECT_EQ(NextLook(100), 125);
  EXPECT_EQ(NextLook(125), 157);
  EXPECT_EQ(NextLook(1'000'000), 1'250'000);
}

}  // namespace
}  // namespace sightline::stats
