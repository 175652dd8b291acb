#include "src/analyze/settling.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "src/analyze/summary.h"
#include "src/base/random.h"

namespace sightline::analyze {
namespace {

constexpr int64_t kMs = 1'000'000;

// One lane's inferences one after the other, 1 ms between them, from `begin_ns` on: the i-th takes level(i)
// ms give or take half a percent.
LaneProgress Lane(size_t count, const std::function<double(size_t)>& level, int64_t begin_ns = 5'000 * kMs,
                  uint64_t seed = 1) {
  SplitMix64 random(seed);
  LaneProgress lane;
  for (size_t i = 0; i < count; ++i) {
    const double ms = level(i) * (1 + 0.005 * random.NextGaussian());
    lane.infer_begins_ns.push_back(begin_ns);
    lane.infer_durations_ns.push_back(ms * kMs);
    begin_ns += static_cast<int64_t>(ms * kMs) + kMs;
  }
  return lane;
}

double Ten(size_t) {
  return 10;
}
// 100 slow ones.
double WarmsUp(size_t i) {
  return i < 100 ? 15 : 10;
}
double SlowsDown(size_t i) {
  return i < 100 ? 10 : 15;
}
double NeverSettles(size_t i) {
  return i < 550 ? 10 : 15;  // of 600: the last level is too short
}

Settling Found(const std::vector<LaneProgress>& lanes) {
  const auto settling = FindSettling(lanes);
  EXPECT_TRUE(settling);
  return settling.value_or(Settling{});
}

TEST(Settling, NothingComesBeforeAFlatSeries) {
  const Settling settling = Found({Lane(600, Ten)});
  EXPECT_EQ(settling.state.verdict, "flat");
  EXPECT_EQ(settling.state.begin_ns, 0);
  EXPECT_FALSE(settling.from_ns);
  ASSERT_EQ(settling.state.levels.size(), 1U);
  EXPECT_NEAR(settling.state.levels[0].infer_ns_mean, 10 * kMs, 0.01 * kMs);
  ASSERT_TRUE(settling.state.drift);
  EXPECT_LT(std::abs(settling.state.drift->value), 0.005);
}

TEST(Settling, IsWhereTheLastLevelBegins) {
  for (const auto& [level, verdict] : {std::pair{&WarmsUp, "warm-up"}, std::pair{&SlowsDown, "slowdown"}}) {
    const LaneProgress lane = Lane(600, level);
    const Settling settling = Found({lane});
    EXPECT_EQ(settling.state.verdict, verdict);
    ASSERT_TRUE(settling.from_ns);
    EXPECT_EQ(*settling.from_ns, lane.infer_begins_ns[100]);
    EXPECT_EQ(settling.state.begin_ns, lane.infer_begins_ns[100] - lane.infer_begins_ns[0]);
    ASSERT_EQ(settling.state.levels.size(), 2U);
    EXPECT_EQ(settling.state.levels[1].begin_ns, settling.state.begin_ns);
  }
}

TEST(Settling, WithoutASteadyStateEverythingCounts) {
  const Settling settling = Found({Lane(600, NeverSettles)});
  EXPECT_EQ(settling.state.verdict, "no steady state");
  EXPECT_FALSE(settling.from_ns);
  EXPECT_FALSE(settling.state.drift);
  EXPECT_EQ(settling.state.levels.size(), 2U);
}

TEST(Settling, FewSamplesTellNothing) {
  const Settling settling = Found({Lane(20, WarmsUp)});
  EXPECT_EQ(settling.state.verdict, "too short");
  EXPECT_FALSE(settling.from_ns);
  EXPECT_FALSE(FindSettling(std::vector<LaneProgress>(2)));
}

TEST(Settling, OfSeveralLanesTheWorstSpeaksAndTheLastIsWaitedFor) {
  const LaneProgress late = Lane(600, WarmsUp, 5'030 * kMs, 2);
  const Settling warm = Found({Lane(600, WarmsUp), Lane(600, Ten), late});
  EXPECT_EQ(warm.state.verdict, "warm-up");
  ASSERT_TRUE(warm.from_ns);
  EXPECT_EQ(*warm.from_ns, late.infer_begins_ns[100]);
  EXPECT_EQ(warm.state.begin_ns, late.infer_begins_ns[100] - 5'000 * kMs);

  const Settling unsettled = Found({late, Lane(600, NeverSettles), Lane(600, SlowsDown)});
  EXPECT_EQ(unsettled.state.verdict, "no steady state");
  EXPECT_FALSE(unsettled.from_ns);
}

// Frames that are left out are told, by the report and by long_warm_up, of a warm-up and a slowdown only.
TEST(Settling, ALaneTooShortToJudgeDoesNotHideAnothersWarmUp) {
  const Settling settling = Found({Lane(20, Ten), Lane(600, WarmsUp)});
  EXPECT_EQ(settling.state.verdict, "warm-up");
  EXPECT_TRUE(settling.from_ns);
  EXPECT_EQ(Found({Lane(20, Ten), Lane(600, Ten)}).state.verdict, "too short");
}

// A creep too slow for changepoints within it, and the run's only trouble.
TEST(Settling, ADriftIsMeasured) {
  const Settling settling = Found({Lane(600, [](size_t i) { return 10 + 0.0004 * static_cast<double>(i); })});
  ASSERT_TRUE(settling.state.drift) << settling.state.verdict;
  EXPECT_GT(settling.state.drift->value, 0);
  EXPECT_GT(*settling.state.drift->low, 0);
}

// Batches of two frames through one lane, as records.
RecordScan Records(const LaneProgress& lane) {
  return [&lane](const RecordVisitor& visit) {
    for (size_t i = 0; i < lane.infer_begins_ns.size(); ++i) {
      const int64_t begin_ns = lane.infer_begins_ns[i];
      const int64_t end_ns = begin_ns + static_cast<int64_t>(lane.infer_durations_ns[i]);
      for (int position = 0; position < 2; ++position) {
        RequestRecord record;
        record.batch_id = i;
        record.batch_size = 2;
        record.batch_position = position;
        record.at(Moment::kCompleted) = end_ns;
        const StageSpan spans[] = {
            {.key = {StageId::kAcquire}, .begin_ns = begin_ns - 2, .end_ns = begin_ns - 1},
            {.key = {StageId::kInfer}, .begin_ns = begin_ns, .end_ns = end_ns}};
        visit(record, spans);
      }
    }
    return OkStatus();
  };
}

TEST(SummarizeSettled, FiguresAreOfTheSteadyPart) {
  const LaneProgress lane = Lane(600, WarmsUp);
  const auto summary = SummarizeSettled(Records(lane));
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->frames, 1'000);
  EXPECT_EQ(summary->batches, 500);
  EXPECT_EQ(summary->outcomes.at("ok"), 1'200);
  ASSERT_TRUE(summary->steady_state);
  EXPECT_EQ(summary->steady_state->frames_left_out, 200);
  EXPECT_LT(summary->latency.max_ns, 11 * kMs);
  EXPECT_LT(summary->stages.at(0).latency.max_ns, 11 * kMs);
  EXPECT_NEAR(summary->throughput_per_s.value, 2 / 0.011, 1);
}

TEST(SummarizeSettled, ASteadyRunIsScannedOnceAndLeavesOutNothing) {
  const LaneProgress lane = Lane(600, Ten);
  int scans = 0;
  const auto summary = SummarizeSettled([&](const RecordVisitor& visit) {
    ++scans;
    return Records(lane)(visit);
  });
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(scans, 1);
  EXPECT_EQ(summary->frames, 1'200);
  EXPECT_EQ(summary->steady_state->frames_left_out, 0);
}

TEST(SummarizeSettled, LoadGensBoundStandsBesideThePercentiles) {
  const LaneProgress lane = Lane(600, Ten);
  const auto summary = SummarizeSettled(Records(lane));
  ASSERT_TRUE(summary.ok());
  ASSERT_TRUE(summary->latency.early_stopping_ns.contains(990));
  EXPECT_FALSE(summary->latency.early_stopping_ns.contains(999)) << "1,200 requests are too few";
  EXPECT_GE(summary->latency.early_stopping_ns.at(990), summary->latency.percentiles_ns.at(990).value);
  EXPECT_TRUE(summary->stages.at(0).latency.early_stopping_ns.empty());
}

TEST(SummarizeSettled, RecordsThatCanNotBeReadAreAnError) {
  const auto summary = SummarizeSettled(
      [](const RecordVisitor&) { return Status(Error(ErrorKind::kUnavailable, "the disk is gone")); });
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().message(), "the disk is gone");
}

}  // namespace
}  // namespace sightline::analyze
