#include "src/flow/record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sightline {
namespace {

StageSpan SpanAt(int64_t begin_ns) {
  return {.key = {.stage = StageId::kInfer}, .begin_ns = begin_ns, .end_ns = begin_ns + 5};
}

TEST(Stamp, IsAbsentUntilGivenAMoment) {
  EXPECT_FALSE(Stamp().has_value());
  EXPECT_TRUE(Stamp(0).has_value());
  EXPECT_EQ(Stamp(0).value(), 0);
  EXPECT_EQ(Stamp(-7).value(), -7);
  EXPECT_EQ(sizeof(Stamp), 8U);
}

TEST(StampDeathTest, AnAbsentMomentHasNoValue) {
  EXPECT_DEATH(static_cast<void>(Stamp().value()), "has_value");
}

TEST(StageTrace, CountsWhatItHasNoRoomFor) {
  StageTrace trace;
  for (int i = 0; i < StageTrace::kCapacity + 3; ++i) trace.Add(SpanAt(i));
  ASSERT_EQ(trace.spans().size(), static_cast<size_t>(StageTrace::kCapacity));
  EXPECT_EQ(trace.dropped(), 3);
  EXPECT_EQ(trace.spans().front().begin_ns, 0);
  EXPECT_EQ(trace.spans().back().begin_ns, StageTrace::kCapacity - 1);
  trace.Clear();
  EXPECT_TRUE(trace.spans().empty());
  EXPECT_EQ(trace.dropped(), 0);
}

TEST(StageKeyName, NamesStageOccurrenceAndPart) {
  EXPECT_EQ(StageKeyName({.stage = StageId::kInfer}), "infer");
  EXPECT_EQ(StageKeyName({.stage = StageId::kInfer, .occurrence = 2}), "infer#2");
  EXPECT_EQ(StageKeyName({.stage = StageId::kInfer, .sub_stage = SL_SUB_STAGE_COMPUTE}), "infer.compute");
  EXPECT_EQ(
      StageKeyName({.stage = StageId::kInfer, .occurrence = 1, .sub_stage = SL_SUB_STAGE_HOST_TO_DEVICE}),
      "infer#1.host_to_device");
}

TEST(StageKey, StandsInTheOrderAFramePassesIt) {
  std::vector<StageKey> keys;
  for (const char* name : {"acquire",
                           "decode",
                           "preprocess",
                           "preprocess#1",
                           "uplink",
                           "queue",
                           "batch",
                           "infer",
                           "infer.compute",
                           "infer#1",
                           "infer#1.host_to_device",
                           "infer#1.compute",
                           "postprocess",
                           "postprocess#1",
                           "preprocess#2",
                           "infer#2",
                           "infer#2.compute",
                           "postprocess#2",
                           "infer#3",
                           "downlink"})
    keys.push_back(StageKeyFromName(name).value());
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t k = 0; k < keys.size(); ++k)
      EXPECT_EQ(keys[i] < keys[k], i < k) << StageKeyName(keys[i]) << ", " << StageKeyName(keys[k]);
  }
}

TEST(Names, FollowTheOrderOfTheirEnumerations) {
  EXPECT_EQ(StageName(StageId::kAcquire), "acquire");
  EXPECT_EQ(StageName(StageId::kBatch), "batch");
  EXPECT_EQ(StageName(StageId::kDownlink), "downlink");
  EXPECT_EQ(OutcomeName(Outcome::kOk), "ok");
  EXPECT_EQ(OutcomeName(Outcome::kDropped), "dropped");
  EXPECT_EQ(OutcomeReasonName(OutcomeReason::kNone), "");
  EXPECT_EQ(OutcomeReasonName(OutcomeReason::kSkipped), "skipped");
  EXPECT_EQ(OutcomeReasonName(OutcomeReason::kBatch), "batch");
  EXPECT_EQ(ClockName(ClockId::kServer), "server");
  EXPECT_EQ(PhaseName(Phase::kColdStart), "cold_start");
  EXPECT_EQ(PhaseName(Phase::kDrain), "drain");
  EXPECT_EQ(MomentName(Moment::kScheduled), "scheduled");
  EXPECT_EQ(MomentName(Moment::kCompleted), "completed");
}

TEST(RequestRecord, MomentsAreAbsentUntilStamped) {
  RequestRecord record;
  EXPECT_FALSE(record.at(Moment::kCompleted).has_value());
  record.at(Moment::kCompleted) = 17;
  EXPECT_EQ(record.at(Moment::kCompleted).value(), 17);
  EXPECT_FALSE(record.at(Moment::kScheduled).has_value());
}

// Writes `count` records of SpanCount(i) spans each and checks that they come back in order, whole.
template <typename SpanCount>
void ExpectToComeBack(int count, SpanCount span_count) {
  RecordLog log;
  int64_t next_ns = 0;
  for (int i = 0; i < count; ++i) {
    std::vector<StageSpan> spans;
    for (int s = 0; s < span_count(i); ++s) spans.push_back(SpanAt(next_ns++));
    log.Append({.request_id = static_cast<uint64_t>(i)}, spans);
  }
  EXPECT_EQ(log.size(), static_cast<size_t>(count));
  int seen = 0;
  int64_t expected_ns = 0;
  log.ForEach([&](const RequestRecord& record, std::span<const StageSpan> spans) {
    ASSERT_EQ(record.request_id, static_cast<uint64_t>(seen));
    ASSERT_EQ(static_cast<int>(spans.size()), span_count(seen));
    for (const StageSpan& span : spans) ASSERT_EQ(span.begin_ns, expected_ns++);
    ++seen;
  });
  EXPECT_EQ(seen, count);
  EXPECT_EQ(expected_ns, next_ns);
}

TEST(StageKeyFromName, ReadsWhatStageKeyNameWrites) {
  for (int stage = 0; stage < kStageCount; ++stage) {
    for (const int occurrence : {0, 1, 2, 255}) {
      for (uint8_t sub = 0; sub <= SL_SUB_STAGE_COLLECT; ++sub) {
        const StageKey key{static_cast<StageId>(stage), static_cast<uint8_t>(occurrence), sub};
        EXPECT_EQ(StageKeyFromName(StageKeyName(key)), key) << StageKeyName(key);
      }
    }
  }
  for (const char* name :
       {"", "inference", "infer#", "infer#0", "infer#2x", "infer#256", "infer.", "infer.warp"}) {
    EXPECT_FALSE(StageKeyFromName(name).has_value()) << name;
  }
}

TEST(RecordBlock, HasRoomUntilRowsOrSpansAreFull) {
  RecordBlock rows;
  while (rows.HasRoomFor(0)) rows.Append({}, {});
  EXPECT_EQ(rows.rows.size(), RecordBlock::kRows);
  RecordBlock spans;
  const std::vector<StageSpan> many(StageTrace::kCapacity, SpanAt(0));
  while (spans.HasRoomFor(many.size())) spans.Append({}, many);
  EXPECT_EQ(spans.spans.size(), RecordBlock::kSpans);
  EXPECT_TRUE(spans.HasRoomFor(0));
  EXPECT_FALSE(spans.HasRoomFor(1));
  spans.Clear();
  EXPECT_TRUE(spans.HasRoomFor(many.size()));
}

TEST(RecordLog, StartsEmpty) {
  ExpectToComeBack(0, [](int) { return 0; });
}

TEST(RecordLog, KeepsOrderOverChunksFullOfRecords) {
  ExpectToComeBack(3 * 4096 + 1, [](int i) { return i % 3; });
}

TEST(RecordLog, KeepsOrderOverChunksFullOfSpans) {
  ExpectToComeBack(5000, [](int i) { return 1 + i % StageTrace::kCapacity; });
}

TEST(RecordLog, TakesRecordsWithoutSpansAfterAFullChunkOfSpans) {
  ExpectToComeBack(1030, [](int i) { return i < 1024 ? StageTrace::kCapacity : 0; });
}

}  // namespace
}  // namespace sightline
