#include "src/analyze/summary.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/analyze/samples.h"

namespace sightline::analyze {
namespace {

constexpr int64_t kMs = 1'000'000;

// A batch of `size` frames that begins at `begin_ns`: each frame takes 1 ms to acquire, one after the other,
// then all wait for the last, infer for 10 ms together, and finish 1 ms each, one after the other.
void AddBatch(RecordLog& log, int size, int64_t begin_ns, uint64_t query = 0, Phase phase = Phase::kMeasure,
              Outcome outcome = Outcome::kOk) {
  const int64_t infer_begin = begin_ns + size * kMs;
  const int64_t infer_end = infer_begin + 10 * kMs;
  for (int i = 0; i < size; ++i) {
    const int64_t acquire = begin_ns + i * kMs;
    const int64_t finish = infer_end + i * kMs;
    RequestRecord record;
    record.phase = phase;
    record.outcome = outcome;
    record.query_id = query;
    record.batch_id = static_cast<uint64_t>(begin_ns);  // unique within a lane
    record.batch_size = size;
    record.batch_position = i;
    record.at(Moment::kScheduled) = begin_ns - 5 * kMs;
    record.at(Moment::kCompleted) = finish + kMs;
    const std::vector<StageSpan> spans = {
        {.key = {StageId::kAcquire}, .begin_ns = acquire, .end_ns = acquire + kMs},
        {.key = {StageId::kBatch}, .begin_ns = acquire + kMs, .end_ns = infer_begin},
        {.key = {StageId::kInfer}, .begin_ns = infer_begin, .end_ns = infer_end},
        {.key = {StageId::kPostprocess}, .begin_ns = finish, .end_ns = finish + kMs},
    };
    log.Append(record, spans);
  }
}

const StageSummary& Stage(const RunSummary& summary, StageId id) {
  for (const StageSummary& stage : summary.stages) {
    if (stage.key == StageKey{id}) return stage;
  }
  ADD_FAILURE() << "no stage " << StageName(id);
  return summary.stages[0];
}

TEST(Summarize, StagesStandInTheOrderAFramePassesThem) {
  std::vector<RecordLog> lanes(1);
  RequestRecord record;
  std::vector<StageSpan> spans;
  for (const char* name : {"acquire", "preprocess#1", "infer#1.compute", "infer#1", "postprocess#1",
                           "preprocess#2", "infer#2", "postprocess#2"}) {
    const auto begin_ns = static_cast<int64_t>(spans.size()) * kMs;
    spans.push_back({.key = StageKeyFromName(name).value(), .begin_ns = begin_ns, .end_ns = begin_ns + kMs});
  }
  record.at(Moment::kCompleted) = spans.back().end_ns;
  lanes[0].Append(record, spans);
  std::string names;
  for (const StageSummary& stage : Summarize(lanes, 0).stages) names += StageKeyName(stage.key) + " ";
  EXPECT_EQ(names,
            "acquire preprocess#1 infer#1 infer#1.compute postprocess#1 preprocess#2 infer#2 postprocess#2 ");
}

// A query's frames are split over two lanes, whose records come in turns.
TEST(SampleCollector, GivesWhatTheLanesGiveTogether) {
  std::vector<RecordLog> lanes(2);
  SampleCollector collector(4);
  for (int i = 0; i < 20; ++i) {
    for (int32_t lane = 0; lane < 2; ++lane) {
      RecordLog one;
      AddBatch(one, 2, (i * 20 + lane * 3) * kMs, static_cast<uint64_t>(i));
      one.ForEach([&](RequestRecord record, std::span<const StageSpan> spans) {
        record.instance = lane;
        lanes[static_cast<size_t>(lane)].Append(record, spans);
        collector.Add(record, spans);
      });
    }
  }
  const Samples streamed = collector.Finish();
  const Samples kept = CollectSamples(lanes, 4);
  EXPECT_EQ(streamed.latency, kept.latency);
  EXPECT_EQ(streamed.latency_from_scheduled, kept.latency_from_scheduled);
  EXPECT_EQ(streamed.query_latency.size(), 20U);
  EXPECT_EQ(streamed.query_latency, kept.query_latency);
  EXPECT_EQ(streamed.stages, kept.stages);
  EXPECT_EQ(streamed.outcomes, kept.outcomes);
  EXPECT_EQ(streamed.batches, kept.batches);
  ASSERT_EQ(streamed.lanes.size(), 2U);
  for (size_t lane = 0; lane < 2; ++lane) {
    EXPECT_EQ(streamed.lanes[lane].work.begin_ns, kept.lanes[lane].work.begin_ns);
    const auto& completions = streamed.lanes[lane].work.completions;
    ASSERT_EQ(completions.size(), kept.lanes[lane].work.completions.size());
    for (size_t i = 0; i < completions.size(); ++i) {
      EXPECT_EQ(completions[i].at_ns, kept.lanes[lane].work.completions[i].at_ns);
      EXPECT_EQ(completions[i].frames, kept.lanes[lane].work.completions[i].frames);
    }
    EXPECT_EQ(streamed.lanes[lane].infer_ns, kept.lanes[lane].infer_ns);
  }
}

// Frames i with 10 i candidates of which i are left; one more failed in postprocess.
TEST(Summary, CountsCandidatesOfFramesWithAResult) {
  std::vector<RecordLog> lanes(1);
  for (int i = 0; i < 20; ++i) {
    RecordLog one;
    AddBatch(one, 1, i * 20 * kMs, static_cast<uint64_t>(i));
    one.ForEach([&](RequestRecord record, std::span<const StageSpan> spans) {
      record.candidates_before_nms = 10 * i;
      record.candidates_after_nms = i;
      lanes[0].Append(record, spans);
      if (i != 19) return;
      record.outcome = Outcome::kError;
      record.reason = OutcomeReason::kPostprocess;
      lanes[0].Append(record, spans);
    });
  }
  const RunSummary summary = Summarize(lanes);
  ASSERT_TRUE(summary.candidates_before_nms && summary.candidates_after_nms);
  EXPECT_EQ(summary.candidates_before_nms->count, 20);
  EXPECT_EQ(summary.candidates_before_nms->mean.value, 95);
  EXPECT_EQ(summary.candidates_before_nms->min, 0);
  EXPECT_EQ(summary.candidates_before_nms->max, 190);
  EXPECT_EQ(summary.candidates_after_nms->mean.value, 9.5);
  EXPECT_EQ(summary.unusable_outputs, 1);
}

TEST(Summary, OfAClassificationThereAreNoCandidates) {
  std::vector<RecordLog> lanes(1);
  for (int i = 0; i < 20; ++i) AddBatch(lanes[0], 2, i * 20 * kMs, static_cast<uint64_t>(i));
  EXPECT_FALSE(Summarize(lanes).candidates_before_nms.has_value());
  EXPECT_EQ(Summarize(lanes).unusable_outputs, 0);
}

TEST(Summary, LatencyIsEachFramesOwnAndInferCountsOncePerBatch) {
  std::vector<RecordLog> lanes(1);
  for (int i = 0; i < 20; ++i) AddBatch(lanes[0], 2, i * 20 * kMs, static_cast<uint64_t>(i));
  const RunSummary summary = Summarize(lanes);
  EXPECT_EQ(summary.frames, 40);
  EXPECT_EQ(summary.batches, 20);
  EXPECT_EQ(Stage(summary, StageId::kInfer).latency.count, 20);
  EXPECT_EQ(Stage(summary, StageId::kInfer).latency.mean_ns.value, 10 * kMs);
  EXPECT_EQ(Stage(summary, StageId::kAcquire).latency.count, 40);
  // Frame 0: acquired at 0, done at 2 + 10 + 1 = 13 ms. Frame 1: acquired at 1, done at 14: 13 ms too.
  EXPECT_EQ(summary.latency.min_ns, 13 * kMs);
  EXPECT_EQ(summary.latency.max_ns, 13 * kMs);
  // Frame 0 waits 1 ms for frame 1, which waits for nobody.
  EXPECT_EQ(Stage(summary, StageId::kBatch).latency.max_ns, 1 * kMs);
  EXPECT_EQ(Stage(summary, StageId::kBatch).latency.min_ns, 0);
  ASSERT_TRUE(summary.latency_from_scheduled.has_value());
  EXPECT_EQ(summary.latency_from_scheduled->min_ns, 18 * kMs);
  EXPECT_FALSE(summary.query_latency.has_value()) << "single-stream has no queries of its own";
}

TEST(Summary, RatesAreFramesOverTime) {
  std::vector<RecordLog> lanes(1);
  for (int i = 0; i < 50; ++i) AddBatch(lanes[0], 2, i * 20 * kMs);
  const RunSummary summary = Summarize(lanes);
  // 100 frames from 0 to 49 * 20 + 14 = 994 ms.
  EXPECT_NEAR(summary.measured_s, 0.994, 1e-9);
  EXPECT_NEAR(summary.throughput_per_s.value, 100 / 0.994, 1e-6);
  ASSERT_TRUE(summary.throughput_per_s.low.has_value());
  EXPECT_LE(*summary.throughput_per_s.low, summary.throughput_per_s.value);
  // 2 frames in 10 ms of inference.
  EXPECT_NEAR(summary.infer_throughput_per_s.value, 200, 1e-6);
}

TEST(Summary, RatesAddUpOverLanes) {
  std::vector<RecordLog> lanes(2);
  for (RecordLog& lane : lanes) {
    for (int i = 0; i < 50; ++i) AddBatch(lane, 2, i * 20 * kMs);
  }
  const RunSummary summary = Summarize(lanes);
  EXPECT_NEAR(summary.infer_throughput_per_s.value, 400, 1e-6);
  EXPECT_NEAR(summary.throughput_per_s.value, 200 / 0.994, 1e-6);
}

TEST(Summary, OnlyMeasuredFramesWithAResultCount) {
  std::vector<RecordLog> lanes(1);
  AddBatch(lanes[0], 1, 0, 0, Phase::kWarmUp);
  for (int i = 1; i <= 8; ++i) AddBatch(lanes[0], 1, i * 20 * kMs);
  AddBatch(lanes[0], 1, 200 * kMs, 0, Phase::kMeasure, Outcome::kError);
  const RunSummary summary = Summarize(lanes);
  EXPECT_EQ(summary.frames, 8);
  EXPECT_EQ(summary.outcomes.at("ok"), 8);
  EXPECT_EQ(summary.outcomes.at("error"), 1);
}

TEST(Summary, AQueryEndsWithItsLastFrame) {
  std::vector<RecordLog> lanes(2);
  for (uint64_t q = 0; q < 10; ++q) {
    AddBatch(lanes[0], 1, static_cast<int64_t>(q) * 50 * kMs, q);
    AddBatch(lanes[1], 2, static_cast<int64_t>(q) * 50 * kMs, q);
  }
  const RunSummary summary = Summarize(lanes, 3);
  ASSERT_TRUE(summary.query_latency.has_value());
  EXPECT_EQ(summary.query_latency->count, 10);
  // Scheduled 5 ms before; the second lane's second frame is done 2 + 10 + 2 ms after.
  EXPECT_EQ(summary.query_latency->min_ns, 19 * kMs);
}

TEST(Summary, AQueryMayBeOneBatch) {
  std::vector<RecordLog> lanes(1);
  for (uint64_t q = 0; q < 10; ++q) AddBatch(lanes[0], 2, static_cast<int64_t>(q) * 50 * kMs, q);
  const RunSummary summary = Summarize(lanes, 2);
  ASSERT_TRUE(summary.query_latency.has_value());
  EXPECT_EQ(summary.query_latency->count, 10);
}

TEST(Summary, AQueryThatLostAFrameIsNoQuery) {
  std::vector<RecordLog> lanes(1);
  AddBatch(lanes[0], 2, 0, 0);
  AddBatch(lanes[0], 1, 50 * kMs, 1);  // the run was stopped before its second frame
  AddBatch(lanes[0], 1, 100 * kMs, 2);
  AddBatch(lanes[0], 1, 120 * kMs, 2, Phase::kMeasure, Outcome::kError);
  const RunSummary summary = Summarize(lanes, 2);
  ASSERT_TRUE(summary.query_latency.has_value());
  EXPECT_EQ(summary.query_latency->count, 1);
}

// 21 batches of 4 that differ by 1 %: their frames come out one by one, which is no variation.
TEST(Summary, ThroughputsIntervalIsThatOfTheBatches) {
  std::vector<RecordLog> lanes(1);
  int64_t begin = 0;
  for (int i = 0; i < 21; ++i) {
    AddBatch(lanes[0], 4, begin);
    begin += 18 * kMs + (i % 3) * 180'000;
  }
  const Estimate rate = Summarize(lanes).throughput_per_s;
  // A batch takes 4 + 10 + 4 ms; 20 gaps of 0, 0.18 and 0.36 ms in turn.
  EXPECT_NEAR(rate.value, 84 / (21 * 0.018 + 20 * 0.00018), 0.5);
  ASSERT_TRUE(rate.low && rate.high);
  EXPECT_LT(*rate.high - *rate.low, 0.02 * rate.value);
}

TEST(Summary, LanesInStepLoseNoFrameAtTheEnd) {
  std::vector<RecordLog> lanes(4);
  for (uint64_t q = 0; q < 8; ++q) {
    for (RecordLog& lane : lanes) AddBatch(lane, 1, static_cast<int64_t>(q) * 12 * kMs, q);
  }
  EXPECT_NEAR(Summarize(lanes, 4).throughput_per_s.value, 4 / 0.012, 1e-6);
}

TEST(Summary, AMeanIsNeverBelowZero) {
  std::vector<RecordLog> lanes(1);
  RequestRecord record;
  record.batch_size = 1;
  for (const int64_t duration : {1, 1, 1, 1000}) {
    record.at(Moment::kCompleted) = duration;
    const StageSpan span{.key = {StageId::kInfer}, .begin_ns = 0, .end_ns = duration};
    lanes[0].Append(record, {&span, 1});
  }
  const Estimate mean = Summarize(lanes).latency.mean_ns;
  ASSERT_TRUE(mean.low);
  EXPECT_EQ(*mean.low, 0);
}

TEST(Summary, FewSamplesGiveNoPercentiles) {
  std::vector<RecordLog> lanes(1);
  for (int i = 0; i < 5; ++i) AddBatch(lanes[0], 1, i * 20 * kMs);
  const RunSummary summary = Summarize(lanes);
  EXPECT_TRUE(summary.latency.percentiles_ns.empty());
  EXPECT_GT(summary.latency.mean_ns.value, 0);
}

TEST(Summary, NothingMeasuredIsNoFigure) {
  const RunSummary summary = Summarize(std::vector<RecordLog>(2));
  EXPECT_EQ(summary.frames, 0);
  EXPECT_TRUE(summary.stages.empty());
  EXPECT_EQ(summary.throughput_per_s.value, 0);
}

}  // namespace
}  // namespace sightline::analyze
