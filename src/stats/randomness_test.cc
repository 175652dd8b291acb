#include "src/stats/randomness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// Ranks 1 3 2 4: squared differences 4 + 1 + 4 = 9, squares about the mean 2.25 + 0.25 + 0.25 + 2.25 = 5, and
// the variance 4 x 2 x (80 - 8 - 9) / (5 x 4 x 5 x 9) = 0.56.
TEST(RankVonNeumannScore, IsTheRatioInStandardErrors) {
  const std::vector<double> samples = {10, 30, 20, 4000};
  EXPECT_NEAR(RankVonNeumannScore(samples), (9.0 / 5 - 2) / std::sqrt(0.56), 1e-12);
}

TEST(RankVonNeumannScore, EqualValuesShareTheirRank) {
  // 1.5 1.5 3 4: differences 0 + 2.25 + 1, squares 1 + 1 + 0.25 + 2.25.
  EXPECT_NEAR(RankVonNeumannScore(std::vector<double>{1, 1, 2, 3}), (3.25 / 4.5 - 2) / std::sqrt(0.56),
              1e-12);
  EXPECT_EQ(RankVonNeumannScore(std::vector<double>(50, 7)), 0);
  EXPECT_EQ(RankVonNeumannScore(std::vector<double>{1, 2}), 0);
}

TEST(RankVonNeumannScore, TellsDependentSeriesFromIndependentOnes) {
  int low = 0;
  int high = 0;
  constexpr int kSeries = 1'000;
  for (uint64_t seed = 0; seed < kSeries; ++seed) {
    low += RankVonNeumannScore(Ar1(0, 60, seed)) < -1.645 ? 1 : 0;
    high += RankVonNeumannScore(Ar1(0.9, 60, seed)) < -1.645 ? 1 : 0;
  }
  EXPECT_NEAR(low, 50, 20) << "one of twenty";
  EXPECT_GT(high, 990);
}

TEST(RankVonNeumannScore, AFewSlowFramesDontHideTheOthers) {
  std::vector<double> samples = Ar1(0.9, 60, 1);
  samples[20] = samples[40] = 1e6;
  EXPECT_LT(RankVonNeumannScore(samples), -3);
}

}  // namespace
}  // namespace sightline::stats
