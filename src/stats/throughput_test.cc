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

LaneWork Every(int64_t gap_ns, int count, int64_t frames = 1, int64_t begin_ns = 0) {
  LaneWork lane{.begin_ns = begin_ns, .completions = {}};
  for (int i = 1; i <= count; ++i)
    lane.completions.push_back({.at_ns = begin_ns + i * gap_ns, .frames = frames});
  return lane;
}

ThroughputEstimate Estimate(const LaneWork& lane) {
  return EstimateThroughput(std::vector<LaneWork>{lane});
}

TEST(EstimateThroughput, CountsFramesOverTheLanesOwnTime) {
  EXPECT_DOUBLE_EQ(Estimate(Every(100 * kMs, 50, 4)).per_s, 40);
  EXPECT_DOUBLE_EQ(Estimate(Every(100 * kMs, 50, 4, 7 * kS)).per_s, 40);
  EXPECT_DOUBLE_EQ(EstimateThroughput({}).per_s, 0);
  EXPECT_DOUBLE_EQ(Estimate(LaneWork{}).per_s, 0);
  EXPECT_FALSE(Estimate(LaneWork{}).interval);
}

TEST(EstimateThroughput, EvenWorkHasAnIntervalOfNoWidth) {
  const ThroughputEstimate estimate = Estimate(Every(10 * kMs, 500));
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->low, 100, 1e-9);
  EXPECT_NEAR(estimate.interval->high, 100, 1e-9);
}

// A query of 6 frames on a lane with batches of 4: 4 frames in 100 ms, then 2 in 50 ms, is even work.
TEST(EstimateThroughput, BatchesOfUnequalSizeAtOneRateAreEvenWork) {
  LaneWork lane;
  for (int i = 1; i <= 40; ++i) {
    lane.completions.push_back({.at_ns = i * 150 * kMs - 50 * kMs, .frames = 4});
    lane.completions.push_back({.at_ns = i * 150 * kMs, .frames = 2});
  }
  const ThroughputEstimate estimate = Estimate(lane);
  EXPECT_NEAR(estimate.per_s, 40, 1e-9);
  ASSERT_TRUE(estimate.interval);
  EXPECT_NEAR(estimate.interval->high - estimate.interval->low, 0, 1e-9);
}

// 21 batches of 4 in 100 ms each, give or take 1 %: t(20) x 1 % / sqrt(21) = 0.46 % on each side.
TEST(EstimateThroughput, FewBatchesWithLittleNoiseHaveANarrowInterval) {
  SplitMix64 random(1);
  LaneWork lane;
  double now_ns = 0;
  for (int i = 0; i < 21; ++i) {
    now_ns += 100.0 * kMs * (1 + 0.01 * random.NextGaussian());
    lane.completions.push_back({.at_ns = std::llround(now_ns), .frames = 4});
  }
  const ThroughputEstimate estimate = Estimate(lane);
  EXPECT_NEAR(estimate.per_s, 40, 0.4);
  ASSERT_TRUE(estimate.interval);
  EXPECT_GT(estimate.interval->high - estimate.interval->low, 40 * 0.004);
  EXPECT_LT(estimate.interval->high - estimate.interval->low, 40 * 0.02);
}

// One frame a lane and query, 100 ms each, 8 queries: the lanes finish within 3 ms of each other.
TEST(EstimateThroughput, LanesInStepLoseNothingAtTheEdge) {
  std::vector<LaneWork> lanes;
  for (int lane = 0; lane < 4; ++lane) {
    LaneWork work = Every(100 * kMs, 8);
    for (Completion& completion : work.completions) completion.at_ns += lane * kMs;
    lanes.push_back(work);
  }
  const ThroughputEstimate estimate = EstimateThroughput(lanes);
  EXPECT_NEAR(estimate.per_s, 39.9, 0.1);
  ASSERT_TRUE(estimate.interval);
  EXPECT_LE(estimate.interval->low, estimate.per_s);
  EXPECT_GE(estimate.interval->high, estimate.per_s);
}

TEST(EstimateThroughput, LanesOfUnequalLengthAddUpTheirRates) {
  const std::vector<LaneWork> lanes = {Every(10 * kMs, 500), Every(40 * kMs, 50), LaneWork{}};
  EXPECT_NEAR(EstimateThroughput(lanes).per_s, 125, 1e-9);
}

TEST(EstimateThroughput, IsWithoutIntervalWhenCompletionsAreFew) {
  EXPECT_FALSE(Estimate(Every(kMs, 1)).interval);
  // Two that differ by a factor of three bound no rate from above.
  const LaneWork two{.begin_ns = 0, .completions = {{.at_ns = kMs}, {.at_ns = 4 * kMs}}};
  EXPECT_NEAR(Estimate(two).per_s, 500, 1e-9);
  EXPECT_FALSE(Estimate(two).interval);
}

TEST(EstimateThroughput, TakesCompletionsAtOneMoment) {
  LaneWork at_once;
  at_once.completions.assign(100, Completion{.at_ns = 5 * kMs});
  EXPECT_DOUBLE_EQ(Estimate(at_once).per_s, 20'000);
  at_once.begin_ns = 5 * kMs;
  EXPECT_DOUBLE_EQ(Estimate(at_once).per_s, 0) << "no time passed";
}

// Half the time at 200 per s, half at 100 per s: the rate did not settle, and 4500 completions that hang
// together so are worth no two independent ones.
TEST(EstimateThroughput, AStepInTheRateLeavesNoInterval) {
  LaneWork lane = Every(5 * kMs, 3000);
  for (int i = 1; i <= 1500; ++i) lane.completions.push_back({.at_ns = 15 * kS + i * 10 * kMs});
  const ThroughputEstimate estimate = Estimate(lane);
  EXPECT_DOUBLE_EQ(estimate.per_s, 150);
  EXPECT_FALSE(estimate.interval);
}

// Gaps spread evenly over 5 .. 15 ms: 100 per s.
TEST(EstimateThroughput, IntervalsCoverTheTruth) {
  constexpr int kRuns = 400;
  double coverage = 0;
  for (int run = 0; run < kRuns; ++run) {
    SplitMix64 random(SeedFor(29, std::to_string(run)));
    LaneWork lane;
    double now_ns = 0;
    for (int i = 0; i < 1000; ++i) {
      now_ns += (5 + 10 * random.NextUniform()) * kMs;
      lane.completions.push_back({.at_ns = std::llround(now_ns)});
    }
    const ThroughputEstimate estimate = Estimate(lane);
    ASSERT_TRUE(estimate.interval);
    if (estimate.interval->low <= 100 && 100 <= estimate.interval->high) coverage += 1.0 / kRuns;
  }
  EXPECT_THAT(coverage, testing::AllOf(testing::Gt(0.92), testing::Lt(0.985)));
}

}  // namespace
}  // namespace sightline::stats
