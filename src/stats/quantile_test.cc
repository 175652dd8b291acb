#include "src/stats/quantile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// 1 .. count in an order without dependence: the value is also the rank.
std::vector<double> ShuffledRanks(size_t count) {
  std::vector<double> ranks(count);
  std::iota(ranks.begin(), ranks.end(), 1.0);
  SplitMix64 random(4);
  for (size_t i = count; i > 1; --i) std::swap(ranks[i - 1], ranks[random.NextBelow(i)]);
  return ranks;
}

TEST(SortedQuantile, IsTheSmallestValueThatCoversTheShare) {
  const std::vector<double> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(SortedQuantile(ten, 0.5), 5);
  EXPECT_EQ(SortedQuantile(ten, 0.51), 6);
  EXPECT_EQ(SortedQuantile(ten, 0.9), 9);
  EXPECT_EQ(SortedQuantile(ten, 0.99), 10);
  EXPECT_EQ(SortedQuantile(ten, 1), 10);
  EXPECT_EQ(SortedQuantile(ten, 0.001), 1);
}

TEST(SortedQuantile, BinaryFractionsDoNotMoveTheRank) {
  std::vector<double> ranks(100);
  std::iota(ranks.begin(), ranks.end(), 1.0);
  for (int percent = 1; percent <= 100; ++percent) EXPECT_EQ(SortedQuantile(ranks, percent / 100.0), percent);
}

// Tables of the distribution-free interval of the median (Conover, table A3; NIST handbook): n = 100 gives
// the 40th and 61st, n = 20 the 6th and 15th, n = 10 the 2nd and 9th, n = 6 the extremes.
TEST(QuantileRanks, AgreeWithPublishedTablesForTheMedian) {
  const auto is = [](int64_t low, int64_t high) {
    return testing::Optional(
        testing::AllOf(testing::Field(&Ranks::low, low), testing::Field(&Ranks::high, high)));
  };
  EXPECT_THAT(QuantileRanks(100, 0.5), is(40, 61));
  EXPECT_THAT(QuantileRanks(20, 0.5), is(6, 15));
  EXPECT_THAT(QuantileRanks(10, 0.5), is(2, 9));
  EXPECT_THAT(QuantileRanks(6, 0.5), is(1, 6));
  EXPECT_FALSE(QuantileRanks(5, 0.5));
  EXPECT_FALSE(QuantileRanks(0, 0.5));
}

// 0.99^367 = 2.501 %, 0.99^368 = 2.476 %.
TEST(SamplesForQuantile, IsWhereTheLargestSampleBoundsThePercentile) {
  EXPECT_EQ(SamplesForQuantile(0.5), 6);
  EXPECT_EQ(SamplesForQuantile(0.9), 36);
  EXPECT_EQ(SamplesForQuantile(0.1), 36);
  EXPECT_EQ(SamplesForQuantile(0.99), 368);
  EXPECT_EQ(SamplesForQuantile(0.999), 3688);
}

TEST(QuantileRanks, EverySupportedCountHasRanksInRange) {
  for (const double p : {0.01, 0.5, 0.9, 0.99}) {
    const int64_t fewest = SamplesForQuantile(p);
    EXPECT_FALSE(QuantileRanks(fewest - 1, p));
    for (int64_t count = fewest; count < fewest + 200; ++count) {
      const auto ranks = QuantileRanks(count, p);
      ASSERT_TRUE(ranks) << p << " of " << count;
      EXPECT_GE(ranks->low, 1) << p << " of " << count;
      EXPECT_LT(ranks->low, ranks->high);
      EXPECT_LE(ranks->high, count) << p << " of " << count;
    }
  }
}

// Alternation shows no dependence at all, so the ranks are those of the table.
TEST(EstimateQuantiles, SamplesWithoutDependenceGetTheTextbookInterval) {
  std::vector<double> samples(100);
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<double>(i % 2 == 0 ? i / 2 + 1 : 100 - i / 2);
  const std::vector<double> ps{0.5};
  const auto quantiles = EstimateQuantiles(samples, ps);
  ASSERT_EQ(quantiles.size(), 1U);
  ASSERT_EQ(quantiles[0].effective_count, 100);
  ASSERT_TRUE(quantiles[0].estimate);
  EXPECT_EQ(quantiles[0].estimate->value, 50);
  EXPECT_EQ(quantiles[0].estimate->interval.low, 40);
  EXPECT_EQ(quantiles[0].estimate->interval.high, 61);
}

// Correlation as long as the run: a median would be of one slow wave.
TEST(EstimateQuantiles, AWanderingSeriesGetsNoInterval) {
  std::vector<double> samples(600);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<double>(i);
  const std::vector<double> ps{0.5};
  const Quantile quantile = EstimateQuantiles(samples, ps)[0];
  EXPECT_FALSE(quantile.estimate);
  EXPECT_GT(quantile.samples_needed, 600);
}

// Mean over fifty series of the width of the median's interval.
double MeanWidth(double phi) {
  constexpr int kSeries = 50;
  const std::vector<double> ps{0.5};
  double sum = 0;
  for (uint64_t seed = 1; seed <= kSeries; ++seed) {
    const auto quantiles = EstimateQuantiles(Ar1(phi, 5'000, seed), ps);
    if (!quantiles[0].estimate) return 0;
    sum += quantiles[0].estimate->interval.high - quantiles[0].estimate->interval.low;
  }
  return sum / kSeries;
}

TEST(EstimateQuantiles, DependentSamplesGetAWiderOne) {
  // The inflation of the median of AR(1) 0.9 is 13.3 (long_run_test.cc): sqrt(13.3) = 3.64 times as wide,
  // and t(36) is 1.035 times the normal quantile.
  EXPECT_NEAR(MeanWidth(0.9) / MeanWidth(0), 3.7, 0.4);
}

// Exceedances of p99 as in a queue: clusters are rare and long. Both ends of the interval lie higher than the
// binomial's.
TEST(EstimateQuantiles, RareClustersMoveTheIntervalOutwards) {
  std::vector<double> samples = ShuffledRanks(20'000);
  SplitMix64 random(9);
  for (double& sample : samples) sample /= 1e6;
  for (int cluster = 0; cluster < 20; ++cluster) {
    const size_t begin = random.NextBelow(samples.size() - 10);
    for (size_t i = begin; i < begin + 10; ++i) samples[i] += 1;
  }
  const std::vector<double> ps{0.99};
  const Quantile quantile = EstimateQuantiles(samples, ps)[0];
  ASSERT_TRUE(quantile.estimate);
  ASSERT_LT(quantile.effective_count, 5'000);
  const auto rank_of = [&](double value) {
    return std::count_if(samples.begin(), samples.end(), [&](double sample) { return sample <= value; });
  };
  const double inflation = 20'000 / quantile.effective_count;
  const double middle = static_cast<double>(rank_of(quantile.estimate->interval.low) +
                                            rank_of(quantile.estimate->interval.high)) /
                        2;
  // 1.447 (inflation - 1) 0.98 ranks, less what the binomial's own skewness takes: (z^2 - 1) / 6 = 0.474 of
  // the inflation, and half a rank of rounding at each end.
  EXPECT_NEAR(middle - 19'800, (1.447 * (inflation - 1) - 0.474 * inflation) * 0.98, inflation / 2 + 1);
}

TEST(EstimateQuantiles, TooFewSamplesGetTheCountThatWouldDo) {
  const std::vector<double> ps{0.5, 0.99};
  const auto quantiles = EstimateQuantiles(ShuffledRanks(200), ps);
  EXPECT_TRUE(quantiles[0].estimate);
  EXPECT_FALSE(quantiles[1].estimate);
  EXPECT_GE(quantiles[1].samples_needed, 368);
  EXPECT_LE(quantiles[1].samples_needed, 2 * 368);
}

TEST(EstimateQuantiles, DependenceRaisesTheCountThatIsNeeded) {
  const std::vector<double> ps{0.99};
  const auto quantiles = EstimateQuantiles(Ar1(0.9, 2'000, 3), ps);
  EXPECT_FALSE(quantiles[0].estimate);
  EXPECT_GT(quantiles[0].samples_needed, 368 * 10);
}

TEST(EstimateQuantiles, TakesNoneOneAndEqualSamples) {
  const std::vector<double> ps{0.5};
  EXPECT_FALSE(EstimateQuantiles({}, ps)[0].estimate);
  EXPECT_EQ(EstimateQuantiles({}, ps)[0].samples_needed, 6);
  EXPECT_FALSE(EstimateQuantiles(std::vector<double>{1}, ps)[0].estimate);
  const auto equal = EstimateQuantiles(std::vector<double>(50, 8), ps)[0];
  ASSERT_TRUE(equal.estimate);
  EXPECT_EQ(equal.estimate->interval.low, 8);
  EXPECT_EQ(equal.estimate->interval.high, 8);
}

struct Coverage {
  double p50 = 0;
  double p90 = 0;
};

// Share of 300 runs of 2,000 samples whose interval contains the quantile of the standard normal
// distribution.
Coverage CoverageUnder(double phi) {
  constexpr int kRuns = 300;
  constexpr double kP90 = 1.2815515655446004;
  const std::vector<double> ps{0.5, 0.9};
  Coverage coverage;
  for (int run = 0; run < kRuns; ++run) {
    const auto quantiles = EstimateQuantiles(Ar1(phi, 2'000, SeedFor(17, std::to_string(run))), ps);
    const auto hit = [](const Quantile& q, double truth) {
      return q.estimate && q.estimate->interval.low <= truth && truth <= q.estimate->interval.high ? 1.0
                                                                                                   : 0.0;
    };
    coverage.p50 += hit(quantiles[0], 0) / kRuns;
    coverage.p90 += hit(quantiles[1], kP90) / kRuns;
  }
  return coverage;
}

// 95 % within what 300 fixed-seed runs can tell; an interval that ignored dependence would reach 74 % at phi
// 0.5. 2,000 runs of more processes: bench/run coverage.
TEST(EstimateQuantiles, IntervalsCoverTheTruth) {
  for (const double phi : {0.0, 0.5}) {
    const Coverage coverage = CoverageUnder(phi);
    EXPECT_THAT(coverage.p50, testing::AllOf(testing::Gt(0.92), testing::Lt(0.99))) << phi;
    EXPECT_THAT(coverage.p90, testing::AllOf(testing::Gt(0.92), testing::Lt(0.99))) << phi;
  }
}

}  // namespace
}  // namespace sightline::stats
