#include "src/stats/throughput.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "src/base/random.h"

namespace sightline::stats {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kS = 1000 * kMs;

std::vector<Completion> Every(int64_t gap_ns, int count, int64_t frames = 1) {
  std::vector<Completion> completions;
  for (int i = 1; i <= count; ++i) completions.push_back({.at_ns = i * gap_ns, .frames = frames});
  return completions;
}

TEST(EstimateThroughput, CountsFramesOverTheWindow) {
  EXPECT_DOUBLE_EQ(EstimateThroughput(Every(100 * kMs, 50, 4), 0, 5 * kS).per_s, 40);
  // The end of the window counts even when nothing more was completed.
  EXPECT_DOUBLE_EQ(EstimateThroughput(Every(100 * kMs, 50, 4), 0, 10 * kS).per_s, 20);
  EXPECT_DOUBLE_EQ(EstimateThroughput({}, 0, kS).per_s, 0);
}

TEST(EstimateThroughput, EvenWorkHasAnIntervalOfNoWidth) {
  const ThroughputEstimate estimate = EstimateThroughput(Every(10 * kMs, 500), 0, 5 * kS);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->low, 100, 1e-9);
  EXPECT_NEAR(estimate.interval->high, 100, 1e-9);
}

// 4 frames finish within 3 ms after each inference of 97 ms: the pattern inside a batch is not variation.
TEST(EstimateThroughput, BatchesFinishingFrameByFrameAreEvenWork) {
  std::vector<Completion> completions;
  for (int batch = 1; batch <= 300; ++batch) {
    for (int frame = 0; frame < 4; ++frame)
      completions.push_back({.at_ns = batch * 100 * kMs - (3 - frame) * kMs});
  }
  const ThroughputEstimate estimate = EstimateThroughput(completions, 0, 30 * kS);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->low, 40, 0.1);
  EXPECT_NEAR(estimate.interval->high, 40, 0.1);
}

// 16 slices would need 64 completions; 32 is the least that fills 8.
TEST(EstimateThroughput, IsWithoutIntervalWhenCompletionsAreFew) {
  EXPECT_FALSE(EstimateThroughput(Every(kMs, 31), 0, kS).interval);
  EXPECT_TRUE(EstimateThroughput(Every(kMs, 32), 0, kS).interval);
}

TEST(EstimateThroughput, TakesCompletionsAtOneMoment) {
  const std::vector<Completion> at_once(100, Completion{.at_ns = 5 * kMs});
  const ThroughputEstimate late = EstimateThroughput(at_once, 0, 10 * kMs);
  EXPECT_DOUBLE_EQ(late.per_s, 10'000);
  ASSERT_TRUE(late.interval);
  EXPECT_LE(late.interval->low, late.per_s);
  EXPECT_FALSE(EstimateThroughput(at_once, 5 * kMs, 10 * kMs).interval);
}

// Half the window at 200 per s, half at 100 per s: 30 slices hold 200 or 100 with mean 150 and stddev 50
// sqrt(30 / 29); t(29) = 2.045: half-width 2.045 * 50.85 / sqrt(30) = 18.99.
TEST(EstimateThroughput, AgreesWithAHandWorkedExample) {
  std::vector<Completion> completions = Every(5 * kMs, 3000);
  for (int i = 1; i <= 1500; ++i) completions.push_back({.at_ns = 15 * kS + i * 10 * kMs});
  const ThroughputEstimate estimate = EstimateThroughput(completions, 0, 30 * kS);
  ASSERT_TRUE(estimate.interval);
  EXPECT_DOUBLE_EQ(estimate.per_s, 150);
  EXPECT_NEAR(estimate.interval->low, 150 - 18.99, 0.01);
  EXPECT_NEAR(estimate.interval->high, 150 + 18.99, 0.01);
}

// Gaps spread evenly over 5 .. 15 ms: 100 per s.
TEST(EstimateThroughput, IntervalsCoverTheTruth) {
  constexpr int kRuns = 400;
  double coverage = 0;
  for (int run = 0; run < kRuns; ++run) {
    SplitMix64 random(SeedFor(29, std::to_string(run)));
    std::vector<Completion> completions;
    double now_ns = 0;
    for (int i = 0; i < 1000; ++i) {
      now_ns += (5 + 10 * random.NextUniform()) * kMs;
      completions.push_back({.at_ns = std::llround(now_ns)});
    }
    const ThroughputEstimate estimate = EstimateThroughput(completions, 0, completions.back().at_ns);
    ASSERT_TRUE(estimate.interval);
    if (estimate.interval->low <= 100 && 100 <= estimate.interval->high) coverage += 1.0 / kRuns;
  }
  EXPECT_THAT(coverage, testing::AllOf(testing::Gt(0.92), testing::Lt(0.98)));
}

}  // namespace
}  // namespace sightline::stats
