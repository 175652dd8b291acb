#include "src/stats/dependence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

TEST(MeasureDependence, IndependentSamplesAreWorthTheirCount) {
  const std::vector<double> series = Ar1(0, 10'000, 1);
  EXPECT_GT(MeasureDependence(series).effective_count, 9'000);
  EXPECT_LE(MeasureDependence(series).effective_count, 10'000);
}

// Mean inflation over ten series: single ones differ by some 10 %.
template <typename Measure>
double MeanInflation(double phi, size_t count, Measure measure) {
  constexpr int kSeries = 10;
  double sum = 0;
  for (uint64_t seed = 1; seed <= kSeries; ++seed) sum += measure(Ar1(phi, count, seed)).inflation;
  return sum / kSeries;
}

// (1 + phi) / (1 - phi) is 3 for phi 0.5 and 19 for phi 0.9; what is reported lies a standard error above.
TEST(MeasureDependence, FindsTheInflationOfAnAutoregression) {
  EXPECT_NEAR(MeanInflation(0.5, 20'000, MeasureDependence), 3, 0.3);
  EXPECT_NEAR(MeanInflation(0.9, 20'000, MeasureDependence), 19, 2);
}

// For the sign of a Gaussian AR(1) the correlation at lag k is (2 / pi) asin(phi^k) (arcsine law): summed up,
// an inflation of 1 + 2 (2 / pi) sum asin(0.9^k) = 13.3.
TEST(MeasureIndicatorDependence, FindsTheInflationOfTheMedian) {
  const auto of_median = [](const std::vector<double>& series) {
    return MeasureIndicatorDependence(series, 0);
  };
  EXPECT_NEAR(MeanInflation(0.9, 20'000, of_median), 13.3, 3);
}

TEST(MeasureDependence, LongSeriesKeepTheInflationOfTheirSamples) {
  EXPECT_NEAR(MeanInflation(0.9, 200'000, MeasureDependence), 19, 2);
}

TEST(MeasureDependence, ATrendIsDependence) {
  std::vector<double> series = Ar1(0, 1'000, 6);
  for (size_t i = 0; i < series.size(); ++i) series[i] += static_cast<double>(i) / 100;
  EXPECT_LT(MeasureDependence(series).effective_count, 30);
}

TEST(MeasureDependence, AlternationIsNotCredited) {
  std::vector<double> series = Ar1(-0.8, 1'000, 7);
  EXPECT_EQ(MeasureDependence(series).inflation, 1);
}

TEST(MeasureDependence, TakesEmptyShortAndConstantSeries) {
  EXPECT_EQ(MeasureDependence({}).effective_count, 0);
  EXPECT_EQ(MeasureDependence(std::vector<double>{3}).effective_count, 1);
  EXPECT_EQ(MeasureDependence(std::vector<double>{3, 4}).effective_count, 2);
  EXPECT_EQ(MeasureDependence(std::vector<double>(1'000, 1e9 / 3)).effective_count, 1'000);
  EXPECT_EQ(MeasureIndicatorDependence(std::vector<double>(1'000, 7), 7).effective_count, 1'000);
}

TEST(MeasureDependence, APredictableSeriesIsWorthLittle) {
  std::vector<double> series(1'000);
  for (size_t i = 0; i < series.size(); ++i) series[i] = i < 500 ? 1 : 2;
  const Dependence dependence = MeasureDependence(series);
  EXPECT_LT(dependence.effective_count, 20);
  EXPECT_GE(dependence.effective_count, 1);
}

}  // namespace
}  // namespace sightline::stats
