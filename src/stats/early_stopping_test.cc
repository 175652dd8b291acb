#include "src/stats/early_stopping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace sightline::stats {
namespace {

// 1 .. count: the value is also the rank.
std::vector<double> RanksUpTo(size_t count) {
  std::vector<double> ranks(count);
  std::iota(ranks.begin(), ranks.end(), 1.0);
  return ranks;
}

std::optional<double> EstimateOf(const std::vector<double>& latencies, double p) {
  OrderStatistics order(latencies);
  return EarlyStoppingEstimate(order, p);
}

// MLCommons' table of minimum query counts at 99 % confidence.
TEST(FewestQueries, AgreesWithThePublishedTable) {
  EXPECT_EQ(FewestQueries(0.5), 11);
  EXPECT_EQ(FewestQueries(0.9), 64);
  EXPECT_EQ(FewestQueries(0.95), 130);
  EXPECT_EQ(FewestQueries(0.99), 662);
  EXPECT_EQ(FewestQueries(0.999), 6'636);
  EXPECT_EQ(FewestQueries(0.9999), 66'381);
}

// Without a slow one it is p^h < 1 %: 0.5^6 = 1.56 %, 0.5^7 = 0.78 %; 0.9^43 = 1.08 %, 0.9^44 = 0.97 %. With
// one, of 10 at p = 1/2: 11 / 2^10 = 1.07 %, of 11: 12 / 2^11 = 0.59 %.
TEST(FewestPassing, AgreesWithHandWorkedExamples) {
  EXPECT_EQ(FewestPassing(0, 0.5), 7);
  EXPECT_EQ(FewestPassing(0, 0.9), 44);
  EXPECT_EQ(FewestPassing(1, 0.5), 10);
}

TEST(EarlyStoppingEstimate, IsAbsentBelowTheFewestQueries) {
  EXPECT_FALSE(EstimateOf({}, 0.9));
  EXPECT_FALSE(EstimateOf(RanksUpTo(63), 0.9));
  EXPECT_THAT(EstimateOf(RanksUpTo(64), 0.9), testing::Optional(64));
}

// 79 pass beside 2 slow ones at p = 0.9: from 81 on it is the second largest.
TEST(EarlyStoppingEstimate, TakesTheLargestCountOfSlowOnesThatPasses) {
  ASSERT_EQ(FewestPassing(2, 0.9), 79);
  EXPECT_THAT(EstimateOf(RanksUpTo(80), 0.9), testing::Optional(80));
  EXPECT_THAT(EstimateOf(RanksUpTo(81), 0.9), testing::Optional(80));
}

// Normal approximation for 10,000: 1,000 - 2.326 sqrt(900) = 930 slow ones.
TEST(EarlyStoppingEstimate, LiesAboveTheEmpiricalPercentile) {
  const auto estimate = EstimateOf(RanksUpTo(10'000), 0.9);
  ASSERT_TRUE(estimate);
  EXPECT_NEAR(*estimate, 10'001 - 930, 2);
}

}  // namespace
}  // namespace sightline::stats
