#include "src/stats/steady_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "src/stats/test_series.h"

namespace sightline::stats {
namespace {

// Latencies of `level(position)`, position in [0, 1), with a spread of 3 % that wanders as phi says.
std::vector<double> Latencies(size_t count, double phi, const std::function<double(double)>& level,
                              uint64_t seed = 1) {
  std::vector<double> samples = Ar1(phi, count, seed);
  for (size_t i = 0; i < count; ++i)
    samples[i] = level(static_cast<double>(i) / static_cast<double>(count)) * (1 + 0.03 * samples[i]);
  return samples;
}

double Flat(double /*position*/) {
  return 20e6;
}
double WarmUp(double position) {
  return position < 0.2 ? 26e6 : 20e6;
}
double Slowdown(double position) {
  return position < 0.3 ? 20e6 : 22e6;
}
double LateChange(double position) {
  return position < 0.9 ? 20e6 : 23e6;
}

TEST(FindSteadyState, SaysFlatWhenNothingChanges) {
  for (const size_t count : {30U, 200U, 2'000U, 20'000U}) {
    const SteadyState state = FindSteadyState(Latencies(count, 0.3, Flat));
    EXPECT_EQ(state.verdict, SteadyVerdict::kFlat) << count;
    EXPECT_EQ(state.begin, 0U);
    ASSERT_EQ(state.segments.size(), 1U);
    EXPECT_TRUE(state.segments[0].steady);
    EXPECT_EQ(state.segments[0].end, count);
    EXPECT_NEAR(state.segments[0].mean, 20e6, 0.4e6);
    EXPECT_NEAR(state.segments[0].stddev, 0.6e6, 0.2e6);
  }
}

TEST(FindSteadyState, FindsTheEndOfAWarmUp) {
  for (const size_t count : {60U, 200U, 2'000U, 20'000U}) {
    const SteadyState state = FindSteadyState(Latencies(count, 0, WarmUp));
    EXPECT_EQ(state.verdict, SteadyVerdict::kWarmUp) << count;
    EXPECT_NEAR(static_cast<double>(state.begin) / static_cast<double>(count), 0.2, 0.02) << count;
    ASSERT_EQ(state.segments.size(), 2U) << count;
    EXPECT_FALSE(state.segments[0].steady);
    EXPECT_TRUE(state.segments[1].steady);
  }
}

TEST(FindSteadyState, FindsAFewVerySlowFirstSamples) {
  std::vector<double> samples = Latencies(100, 0, Flat);
  for (size_t i = 0; i < 6; ++i) samples[i] *= 5;
  const SteadyState state = FindSteadyState(samples);
  EXPECT_EQ(state.verdict, SteadyVerdict::kWarmUp);
  EXPECT_EQ(state.begin, 6U);
}

TEST(FindSteadyState, FindsWhereADecayIsNoLongerSeen) {
  const auto decay = [](double position) { return 20e6 * (1 + 0.5 * std::exp(-position / 0.08)); };
  const SteadyState state = FindSteadyState(Latencies(2'000, 0, decay));
  EXPECT_EQ(state.verdict, SteadyVerdict::kWarmUp);
  EXPECT_GT(state.begin, 200U);
  EXPECT_LT(state.begin, 800U);
}

TEST(FindSteadyState, SaysSlowdownWhenItWasFasterBefore) {
  const SteadyState state = FindSteadyState(Latencies(2'000, 0.5, Slowdown));
  EXPECT_EQ(state.verdict, SteadyVerdict::kSlowdown);
  EXPECT_NEAR(static_cast<double>(state.begin), 600, 30);
}

TEST(FindSteadyState, SaysNoSteadyStateWhenTheLastQuarterChanges) {
  const SteadyState state = FindSteadyState(Latencies(2'000, 0.5, LateChange));
  EXPECT_EQ(state.verdict, SteadyVerdict::kNoSteadyState);
  EXPECT_NEAR(static_cast<double>(state.begin), 1'800, 30);
}

// 20 +- 0.3 % after a change of 0.6 %: seen, and too small to matter; with a tolerance of 0.1 % it matters.
TEST(FindSteadyState, TakesSmallChangesForEquivalent) {
  std::vector<double> samples = Latencies(2'000, 0, Flat);
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = 20e6 + (samples[i] - 20e6) / 10 + (i < 500 ? 0.12e6 : 0);
  const SteadyState state = FindSteadyState(samples);
  EXPECT_EQ(state.verdict, SteadyVerdict::kFlat);
  EXPECT_EQ(state.segments.size(), 2U);
  EXPECT_EQ(FindSteadyState(samples, {.tolerance = 0.001}).verdict, SteadyVerdict::kWarmUp);
}

TEST(FindSteadyState, AChangeOfSpreadAloneIsNoOtherState) {
  std::vector<double> samples = Latencies(2'000, 0, Flat);
  for (size_t i = 0; i < 500; ++i) samples[i] = 20e6 + (samples[i] - 20e6) * 3;
  EXPECT_EQ(FindSteadyState(samples).verdict, SteadyVerdict::kFlat);
}

TEST(FindSteadyState, SetsOutliersAside) {
  std::vector<double> samples = Latencies(2'000, 0, Flat);
  for (size_t i = 150; i < samples.size(); i += 100) samples[i] *= 10;
  const SteadyState state = FindSteadyState(samples);
  EXPECT_EQ(state.verdict, SteadyVerdict::kFlat);
  EXPECT_EQ(state.outliers, 19U);
  EXPECT_NEAR(state.segments[0].mean, 20e6, 0.1e6);
}

TEST(FindSteadyState, IsNotFooledByDependence) {
  for (uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_EQ(FindSteadyState(Latencies(2'000, 0.9, Flat, seed)).verdict, SteadyVerdict::kFlat) << seed;
}

TEST(FindSteadyState, SaysTooShortWhenThereIsTooLittleToTell) {
  EXPECT_EQ(FindSteadyState({}).verdict, SteadyVerdict::kTooShort);
  const SteadyState few = FindSteadyState(Latencies(29, 0, WarmUp));
  EXPECT_EQ(few.verdict, SteadyVerdict::kTooShort);
  EXPECT_TRUE(few.segments.empty());
  EXPECT_EQ(FindSteadyState(Latencies(200, 0.98, Flat)).verdict, SteadyVerdict::kTooShort);
}

TEST(FindSteadyState, TakesAMillionSamples) {
  const SteadyState state = FindSteadyState(Latencies(1'000'000, 0.5, WarmUp));
  EXPECT_EQ(state.verdict, SteadyVerdict::kWarmUp);
  EXPECT_EQ(state.resolution, 489U);
  EXPECT_NEAR(static_cast<double>(state.begin), 200'000, 489);
  EXPECT_EQ(state.segments.back().end, 1'000'000U);
}

TEST(FindSteadyState, TakesConstantAndZeroSamples) {
  EXPECT_EQ(FindSteadyState(std::vector<double>(100, 5)).verdict, SteadyVerdict::kFlat);
  EXPECT_EQ(FindSteadyState(std::vector<double>(100, 0)).verdict, SteadyVerdict::kFlat);
}

TEST(SteadyVerdict, HasAWord) {
  EXPECT_EQ(ToString(SteadyVerdict::kWarmUp), "warm-up");
  EXPECT_EQ(ToString(SteadyVerdict::kNoSteadyState), "no steady state");
}

}  // namespace
}  // namespace sightline::stats
