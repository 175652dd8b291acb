#include "src/stats/across_launches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// 1 2 3 4 5: stddev sqrt(2.5), t(4) = 2.776: half-width 2.776 * 1.5811 / sqrt(5) = 1.963.
TEST(EstimateAcrossLaunches, IsTheTextbookInterval) {
  const LaunchesEstimate estimate = EstimateAcrossLaunches(std::vector<double>{1, 2, 3, 4, 5});
  EXPECT_EQ(estimate.mean, 3);
  EXPECT_EQ(estimate.launches, 5);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->low, 3 - 1.963, 1e-3);
  EXPECT_NEAR(estimate.interval->high, 3 + 1.963, 1e-3);
  EXPECT_FALSE(EstimateAcrossLaunches(std::vector<double>{1}).interval);
  EXPECT_FALSE(EstimateAcrossLaunches({}).interval);
}

// Launches 8 10 12, 13 15 17 and 18 20 22: means 10 15 20 with variance 25 = S2^2, within each variance 4 =
// T1^2; T2^2 = 25 - 4 / 3.
const std::vector<std::vector<double>> kThree{{8, 10, 12}, {13, 15, 17}, {18, 20, 22}};

TEST(EstimateComponents, SplitTheVarianceOfTheHandWorkedExample) {
  const auto components = EstimateComponents(kThree);
  ASSERT_TRUE(components);
  EXPECT_DOUBLE_EQ(components->mean, 15);
  EXPECT_DOUBLE_EQ(components->within, 4);
  EXPECT_DOUBLE_EQ(components->launch_means, 25);
  EXPECT_DOUBLE_EQ(components->between, 25 - 4.0 / 3);
  EXPECT_DOUBLE_EQ(components->inflation, 1);
}

TEST(EstimateComponents, NeedTwoLaunchesOfTwoSamples) {
  EXPECT_FALSE(EstimateComponents({}));
  EXPECT_FALSE(EstimateComponents(std::vector<std::vector<double>>{{1, 2, 3}}));
  EXPECT_FALSE(EstimateComponents(std::vector<std::vector<double>>{{1, 2, 3}, {1}}));
}

TEST(EstimateComponents, LaunchesThatDifferNoMoreThanTheirSamplesDoAreAlike) {
  const auto components = EstimateComponents(std::vector<std::vector<double>>{{1, 5, 9}, {9, 1, 5}});
  ASSERT_TRUE(components);
  EXPECT_EQ(components->between, 0);
  EXPECT_FALSE(WorthwhileSamples(*components, 10, 1));
}

// Launch means of AR(1) samples wander by inflation / n; that is not to be taken for a difference of
// launches.
TEST(EstimateComponents, DependenceWithinIsNoDifferenceBetween) {
  double between = 0;
  constexpr int kRuns = 40;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<std::vector<double>> launches;
    for (uint64_t launch = 0; launch < 10; ++launch)
      launches.push_back(Ar1(0.9, 1'000, SeedFor(launch, std::to_string(run))));
    between += EstimateComponents(launches)->between / kRuns;
  }
  EXPECT_LT(between, 0.006);  // without the inflation it would be 19 / 1,000
}

// sqrt(30 / 2 * 4 / (25 - 4 / 3)) = 1.59, sqrt(3000 / 2 * 4 / (25 - 4 / 3)) = 15.92.
TEST(WorthwhileSamples, IsTheSquareRootOfCostsAndVariances) {
  const auto components = EstimateComponents(kThree);
  EXPECT_EQ(WorthwhileSamples(*components, 30, 2), 2);
  EXPECT_EQ(WorthwhileSamples(*components, 3'000, 2), 16);
}

// Variance of a launch's mean 3 + 4 / 4 = 4, mean 100, target 2: t(n - 1) 2 / sqrt(n) is 2.571 2 / sqrt(6) =
// 2.10 for 6 and 2.447 2 / sqrt(7) = 1.85 for 7.
TEST(LaunchesNeeded, IsTheFewestThatReachTheHalfWidth) {
  const VarianceComponents components{.mean = 100, .within = 4, .between = 3};
  EXPECT_EQ(LaunchesNeeded(components, 4, 0.02), 7);
  EXPECT_EQ(LaunchesNeeded(components, 4, 1.0), 2);
  EXPECT_EQ(LaunchesNeeded(components, 4, 1e-9, 50), 50);
}

// Means 20 and 10 of 4 each, both with variance 4 (errors 1): t(6) = 2.4469, t^2 = 5.9874; the ends of the
// ratio are (200 +- sqrt(200^2 - (100 - 5.9874)(400 - 5.9874))) / (100 - 5.9874).
TEST(FiellerRatio, AgreesWithTheHandWorkedExample) {
  const double a = std::sqrt(3.0);  // deviations -a -a a a have variance 4
  const std::vector<double> numerator{20 - a, 20 + a, 20 - a, 20 + a};
  const std::vector<double> denominator{10 - a, 10 + a, 10 - a, 10 + a};
  const RatioEstimate estimate = FiellerRatio(numerator, denominator);
  EXPECT_DOUBLE_EQ(estimate.ratio, 2);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->low, (200 - std::sqrt(40'000 - 94.0126 * 394.0126)) / 94.0126, 1e-3);
  EXPECT_NEAR(estimate.interval->high, (200 + std::sqrt(40'000 - 94.0126 * 394.0126)) / 94.0126, 1e-3);
}

TEST(FiellerRatio, HasNoIntervalWhenTheDenominatorMayBeNothing) {
  const std::vector<double> sure{10, 11, 12};
  EXPECT_FALSE(FiellerRatio(sure, std::vector<double>{0.1, 10, 40}).interval);
  EXPECT_FALSE(FiellerRatio(sure, std::vector<double>{10}).interval);
  EXPECT_FALSE(FiellerRatio(std::vector<double>{10}, sure).interval);
}

// Logarithms 1 3 and 0 2 (in powers of e): difference 1, squared errors 1 each, Welch's degrees of freedom
// 4 / (1 + 1) = 2, t = 4.3027: e^(1 +- 4.3027 sqrt 2).
TEST(LogRatio, IsWelchsIntervalOfLogarithms) {
  const double e = std::exp(1.0);
  const RatioEstimate estimate = LogRatio(std::vector<double>{e, e * e * e}, std::vector<double>{1, e * e});
  EXPECT_NEAR(estimate.ratio, e, 1e-12);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(std::log(estimate.interval->low), 1 - 4.3027 * std::sqrt(2), 1e-3);
  EXPECT_NEAR(std::log(estimate.interval->high), 1 + 4.3027 * std::sqrt(2), 1e-3);
  EXPECT_FALSE(LogRatio(std::vector<double>{e}, std::vector<double>{1, e}).interval);
}

TEST(LogRatio, TurnedRoundIsTheInverse) {
  const std::vector<double> a{10, 12, 11};
  const std::vector<double> b{20, 19, 25};
  EXPECT_NEAR(LogRatio(a, b).interval->low, 1 / LogRatio(b, a).interval->high, 1e-12);
}

// Ratios e^1 and e^3, whatever a round has in common: mean 2, error 1, t(1) = 12.706.
TEST(PairedLogRatio, LeavesOutWhatARoundHasInCommon) {
  const double e = std::exp(1.0);
  const RatioEstimate estimate =
      PairedLogRatio(std::vector<double>{7 * e, 900 * e * e * e}, std::vector<double>{7, 900});
  EXPECT_NEAR(estimate.ratio, e * e, 1e-9);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(std::log(estimate.interval->high), 2 + 12.706, 1e-3);
  EXPECT_EQ(estimate.degrees_of_freedom, 1);
  EXPECT_NEAR(estimate.p_value, 0.29517, 1e-5);  // 1 - 2 atan(2) / pi
  EXPECT_NEAR(std::log(estimate.interval->low), 2 - 12.706, 1e-3);
}

}  // namespace
}  // namespace sightline::stats
