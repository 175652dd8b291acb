#include "src/stats/long_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// Centred: -1.5 -0.5 0.5 1.5, variance 1.25. With cos 22.5 = 0.92388 and cos 67.5 = 0.38268 the first product
// squared is 2/4 (3 x 0.92388 + 0.38268)^2 = 4.97487; the second, of cosines of equal size, is 0. Their mean
// 2.48744 over 1.25 is 1.98995. t(2) = 4.30265: 1.98995 (4.30265 / 1.95996)^2 = 9.6, of at most 4.
TEST(MeasureLongRun, AgreesWithAHandWorkedExample) {
  const LongRun long_run = MeasureLongRun(std::vector<double>{1, 2, 3, 4});
  EXPECT_NEAR(long_run.inflation, 1.98995, 1e-5);
  EXPECT_NEAR(long_run.effective_count, 4 / 1.98995, 1e-5);
  EXPECT_EQ(long_run.freedom, 2);
  EXPECT_EQ(long_run.cautious_inflation, 4);
}

// sqrt(2) cos(3 pi (t - 1/2) / n) has variance 1 and lies in the third cosine wholly: n / B, B = 6.
TEST(MeasureLongRun, ASlowWaveIsWorthTheFewestCosines) {
  constexpr size_t kCount = 1'000;
  std::vector<double> series(kCount);
  for (size_t t = 0; t < kCount; ++t)
    series[t] =
        std::numbers::sqrt2 * std::cos(3 * std::numbers::pi * (static_cast<double>(t) + 0.5) / kCount);
  const LongRun long_run = MeasureLongRun(series);
  EXPECT_NEAR(long_run.inflation, kCount / 6.0, 1e-6);
  EXPECT_NEAR(long_run.effective_count, 6, 1e-6);
  EXPECT_EQ(long_run.freedom, 6);
}

TEST(MeasureLongRun, IndependentSamplesAreWorthTheirCount) {
  const std::vector<double> series = Ar1(0, 10'000, 1);
  EXPECT_GT(MeasureLongRun(series).effective_count, 8'000);
  EXPECT_LE(MeasureLongRun(series).effective_count, 10'000);
}

// Mean inflation over ten series: single ones differ by some 10 %.
template <typename Measure>
double MeanInflation(double phi, size_t count, Measure measure) {
  constexpr int kSeries = 10;
  double sum = 0;
  for (uint64_t seed = 1; seed <= kSeries; ++seed) sum += measure(Ar1(phi, count, seed)).inflation;
  return sum / kSeries;
}

// (1 + phi) / (1 - phi) is 3 for phi 0.5 and 19 for phi 0.9.
TEST(MeasureLongRun, FindsTheInflationOfAnAutoregression) {
  EXPECT_NEAR(MeanInflation(0.5, 20'000, MeasureLongRun), 3, 0.3);
  EXPECT_NEAR(MeanInflation(0.9, 20'000, MeasureLongRun), 19, 2);
}

// For the sign of a Gaussian AR(1) the correlation at lag k is (2 / pi) asin(phi^k) (arcsine law): summed up,
// an inflation of 1 + 2 (2 / pi) sum asin(0.9^k) = 13.3.
TEST(MeasureIndicatorLongRun, FindsTheInflationOfTheMedian) {
  const auto of_median = [](const std::vector<double>& series) { return MeasureIndicatorLongRun(series, 0); };
  EXPECT_NEAR(MeanInflation(0.9, 20'000, of_median), 13.3, 2);
}

TEST(MeasureLongRun, LongSeriesKeepTheInflationOfTheirSamples) {
  EXPECT_NEAR(MeanInflation(0.9, 200'000, MeasureLongRun), 19, 2);
}

TEST(MeasureLongRun, ATrendIsDependence) {
  std::vector<double> series = Ar1(0, 1'000, 6);
  for (size_t i = 0; i < series.size(); ++i) series[i] += static_cast<double>(i) / 100;
  EXPECT_LT(MeasureLongRun(series).effective_count, 30);
}

// 60 samples of AR(1) 0.5 are worth 26 for the median; what an interval is made with lets the median's 6 be
// found in nearly all series.
TEST(MeasureIndicatorLongRun, FewMildlyDependentSamplesStillAllowTheMedian) {
  int enough = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed)
    enough += 60 / MeasureIndicatorLongRun(Ar1(0.5, 60, seed), 0).cautious_inflation >= 6 ? 1 : 0;
  EXPECT_GE(enough, 95);
}

// Fewer exceedances, in clusters, tell less about their own dependence.
TEST(MeasureIndicatorLongRun, RareClustersLowerTheDegreesOfFreedom) {
  const std::vector<double> series = Ar1(0.9, 20'000, 5);
  const LongRun median = MeasureIndicatorLongRun(series, 0);
  const LongRun tail = MeasureIndicatorLongRun(series, 2.3263);
  EXPECT_GT(median.freedom, 50);
  EXPECT_LT(tail.freedom, 2 * tail.effective_count * 0.015);
  EXPECT_GT(tail.cautious_inflation, tail.inflation * 1.02);
}

TEST(MeasureLongRun, AlternationIsNotCredited) {
  std::vector<double> series = Ar1(-0.8, 1'000, 7);
  EXPECT_EQ(MeasureLongRun(series).inflation, 1);
}

TEST(MeasureLongRun, TakesEmptyShortAndConstantSeries) {
  EXPECT_EQ(MeasureLongRun({}).effective_count, 0);
  EXPECT_EQ(MeasureLongRun(std::vector<double>{3}).effective_count, 1);
  EXPECT_EQ(MeasureLongRun(std::vector<double>{3, 4}).effective_count, 2);
  EXPECT_EQ(MeasureIndicatorLongRun({}, 1).effective_count, 0);
  EXPECT_EQ(MeasureLongRun(std::vector<double>(1'000, 1e9 / 3)).effective_count, 1'000);
  EXPECT_EQ(MeasureIndicatorLongRun(std::vector<double>(1'000, 7), 7).effective_count, 1'000);
}

TEST(MeasureLongRun, APredictableSeriesIsWorthLittle) {
  std::vector<double> series(1'000);
  for (size_t i = 0; i < series.size(); ++i) series[i] = i < 500 ? 1 : 2;
  const LongRun long_run = MeasureLongRun(series);
  EXPECT_LT(long_run.effective_count, 20);
  EXPECT_GE(long_run.effective_count, 1);
}

}  // namespace
}  // namespace sightline::stats
