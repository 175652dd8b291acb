#include "src/stats/changepoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// 1 3: mean 2, variance 1: 2 (log 1 + 1). 10 10: variance 0, fitted as 0.25: 2 log 0.25.
TEST(SegmentCost, IsTheLikelihoodOfTheHandWorkedExample) {
  const SegmentCost cost(std::vector<double>{1, 3, 10, 10}, 0.25);
  EXPECT_NEAR(cost(0, 2), 2, 1e-12);
  EXPECT_NEAR(cost(2, 4), 2 * std::log(0.25), 1e-12);
}

TEST(SegmentCost, DoesNotCancelFarFromZero) {
  const SegmentCost cost(std::vector<double>{1e9 + 1, 1e9 + 3}, 0.25);
  EXPECT_NEAR(cost(0, 2), 2, 1e-6);
}

// Two levels with variance 1 each, of one of 26 together: the cut saves 8 log 26 - 8 log 1 = 26.06.
TEST(Pelt, CutsWhenTheCutSavesMoreThanThePenalty) {
  const SegmentCost cost(std::vector<double>{-6, -4, -6, -4, 4, 6, 4, 6}, 1e-3);
  EXPECT_THAT(Pelt(cost, 26.0, 2), ElementsAre(4));
  EXPECT_THAT(Pelt(cost, 26.1, 2), IsEmpty());
}

// Every set of changepoints by recursion over the first segment.
double Exhaustive(const SegmentCost& cost, size_t begin, double penalty, size_t min_length) {
  double least = cost(begin, cost.size());
  for (size_t end = begin + min_length; end + min_length <= cost.size(); ++end)
    least = std::min(least, cost(begin, end) + penalty + Exhaustive(cost, end, penalty, min_length));
  return least;
}

double TotalCost(const SegmentCost& cost, const std::vector<size_t>& starts, double penalty) {
  double total = 0;
  size_t begin = 0;
  for (const size_t start : starts) {
    total += cost(begin, start) + penalty;
    begin = start;
  }
  return total + cost(begin, cost.size());
}

TEST(Pelt, FindsTheMinimumThatExhaustiveSearchFinds) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<double> series = Ar1(0.5, 18, seed);
    for (size_t i = 7; i < 12; ++i) series[i] += 3;
    for (const size_t min_length : {1U, 2U, 3U, 4U}) {
      for (const double penalty : {0.5, 2.0, 6.0}) {
        const SegmentCost cost(series, 0.01);
        const std::vector<size_t> starts = Pelt(cost, penalty, min_length);
        EXPECT_NEAR(TotalCost(cost, starts, penalty), Exhaustive(cost, 0, penalty, min_length), 1e-9)
            << seed << " " << min_length << " " << penalty;
        for (size_t i = 0; i <= starts.size(); ++i) {
          const size_t begin = i == 0 ? 0 : starts[i - 1];
          EXPECT_GE((i == starts.size() ? series.size() : starts[i]) - begin, min_length);
        }
      }
    }
  }
}

// Latencies around 1 with a spread of 5 %, slower by `shift` in the second half.
std::vector<double> Shifted(double phi, size_t count, double shift, uint64_t seed) {
  std::vector<double> samples = Ar1(phi, count, seed);
  for (size_t i = 0; i < count; ++i) samples[i] = 1 + 0.05 * samples[i] + (i >= count / 2 ? shift : 0);
  return samples;
}

int SeriesWithChangepoints(double phi, size_t count, double shift, int series) {
  int found = 0;
  for (int i = 0; i < series; ++i)
    if (!FindChangepoints(Shifted(phi, count, shift, SeedFor(11, std::to_string(i)))).starts.empty()) ++found;
  return found;
}

// 15 log n alone would cut nearly all of the series with phi 0.9.
TEST(FindChangepoints, LeaveStationarySeriesWhole) {
  for (const double phi : {0.0, 0.5, 0.9}) {
    EXPECT_LE(SeriesWithChangepoints(phi, 2'000, 0, 20), 1) << phi;
    EXPECT_LE(SeriesWithChangepoints(phi, 200, 0, 50), 2) << phi;
  }
}

TEST(FindChangepoints, FindAShiftOfFivePercentWhereItIs) {
  for (const double phi : {0.0, 0.5}) {
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      const Changepoints found = FindChangepoints(Shifted(phi, 2'000, 0.05, seed));
      ASSERT_EQ(found.starts.size(), 1U) << phi << " " << seed;
      EXPECT_NEAR(static_cast<double>(found.starts[0]), 1'000, 60);
    }
  }
}

TEST(FindChangepoints, FindAChangeOfSpread) {
  std::vector<double> samples = Ar1(0, 1'000, 4);
  for (size_t i = 600; i < 1'000; ++i) samples[i] *= 3;
  const Changepoints found = FindChangepoints(samples);
  ASSERT_EQ(found.starts.size(), 1U);
  EXPECT_NEAR(static_cast<double>(found.starts[0]), 600, 15);
}

TEST(FindChangepoints, MapMeansBackToSamples) {
  const Changepoints found = FindChangepoints(Shifted(0.9, 100'000, 0.05, 2));
  EXPECT_EQ(found.group, 49U);  // ceil(100,000 / 2,048)
  ASSERT_EQ(found.starts.size(), 1U);
  EXPECT_EQ(found.starts[0] % 49, 0U);
  EXPECT_NEAR(static_cast<double>(found.starts[0]), 50'000, 500);
}

TEST(FindChangepoints, ReportTheInflationAwayFromChanges) {
  EXPECT_NEAR(FindChangepoints(Shifted(0.5, 2'000, 1, 5)).inflation, 3, 1);
}

// A clock that hardly resolves the spread: most values are the same tick.
TEST(FindChangepoints, TakeTicksForWhatTheyAre) {
  std::vector<double> samples = Ar1(0, 1'000, 8);
  for (double& sample : samples) sample = std::round(100 + sample / 4);
  EXPECT_THAT(FindChangepoints(samples).starts, IsEmpty());
}

TEST(FindChangepoints, TakeEmptyShortAndConstantSeries) {
  EXPECT_THAT(FindChangepoints({}).starts, IsEmpty());
  EXPECT_THAT(FindChangepoints(std::vector<double>{1, 2, 3}).starts, IsEmpty());
  EXPECT_THAT(FindChangepoints(std::vector<double>(500, 1e9 / 3)).starts, IsEmpty());
  EXPECT_THAT(FindChangepoints(std::vector<double>(500, 0)).starts, IsEmpty());
}

}  // namespace
}  // namespace sightline::stats
