#include "src/stats/outliers.h"

#include <gtest/gtest.h>

#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// 1 .. 10 over and over: median 5, p10 1, p90 9, so that everything within 5 +- 24 stays.
std::vector<double> Cycles(size_t count) {
  std::vector<double> samples(count);
  for (size_t i = 0; i < count; ++i) samples[i] = static_cast<double>(i % 10 + 1);
  return samples;
}

TEST(ReplaceOutliers, KeepsToTheFenceOfTheHandWorkedExample) {
  std::vector<double> samples = Cycles(1'000);
  samples[509] = 29;
  samples[500] = -19;
  EXPECT_EQ(ReplaceOutliers(samples).outliers, 0U);
  samples[509] = 29.5;
  samples[500] = -19.5;
  const WithoutOutliers without = ReplaceOutliers(samples);
  EXPECT_EQ(without.outliers, 2U);
  EXPECT_EQ(without.samples[500], 5);
  EXPECT_EQ(without.samples[509], 5);
  EXPECT_EQ(without.samples[501], samples[501]);
}

TEST(ReplaceOutliers, LeavesTheBeginningAlone) {
  std::vector<double> samples = Cycles(1'000);
  samples[0] = samples[99] = 1'000;
  EXPECT_EQ(ReplaceOutliers(samples).outliers, 0U);
  samples[100] = samples[999] = 1'000;
  EXPECT_EQ(ReplaceOutliers(samples).outliers, 2U);
}

TEST(ReplaceOutliers, LeavesALastingChangeAlone) {
  std::vector<double> samples = Ar1(0, 1'000, 3);
  for (size_t i = 500; i < 1'000; ++i) samples[i] += 100;
  EXPECT_LE(ReplaceOutliers(samples).outliers, 1U);
}

TEST(ReplaceOutliers, TakesShortAndConstantSeries) {
  EXPECT_EQ(ReplaceOutliers({}).samples.size(), 0U);
  std::vector<double> few = Cycles(30);
  few[20] = 1'000;
  EXPECT_EQ(ReplaceOutliers(few).outliers, 1U);
  few.resize(19);
  few[18] = 1'000;
  EXPECT_EQ(ReplaceOutliers(few).outliers, 0U);
  EXPECT_EQ(ReplaceOutliers(std::vector<double>(500, 7)).outliers, 0U);
}

}  // namespace
}  // namespace sightline::stats
