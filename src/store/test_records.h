// Records for the tests of the store: seeded, and with every field in use.
#pragma once

#include <cstring>
#include <random>
#include <vector>

#include "src/flow/record.h"

namespace sightline::store::testing {

struct OwnedRecord {
  RequestRecord record;
  std::vector<StageSpan> spans;
};

// What a lane writes: stages one after the other, times that grow.
inline OwnedRecord TypicalRecord(std::mt19937_64& random, uint64_t id, int32_t instance = 0) {
  OwnedRecord owned;
  RequestRecord& r = owned.record;
  r.request_id = r.query_id = r.batch_id = id;
  r.frame_id = id;
  r.picture = id % 7;
  r.instance = instance;
  r.batch_size = 1;
  r.top_class = static_cast<int32_t>(random() % 1000);
  r.top_score = static_cast<float>(random() % 1000) / 1000;
  r.phase = id < 3 ? Phase::kWarmUp : Phase::kMeasure;
  int64_t now_ns = 1'000'000'000'000 + static_cast<int64_t>(id) * 20'000'000;
  r.at(Moment::kScheduled) = now_ns;
  r.at(Moment::kReleased) = now_ns + 100;
  for (int s = 0; s < 8; ++s) {
    StageSpan span{.key = {.stage = static_cast<StageId>(s)}, .begin_ns = now_ns};
    now_ns += 100'000 + static_cast<int64_t>(random() % 50'000);
    span.end_ns = now_ns;
    owned.spans.push_back(span);
  }
  r.at(Moment::kCompleted) = now_ns;
  return owned;
}

// Every field anything it can be.
inline OwnedRecord WildRecord(std::mt19937_64& random) {
  OwnedRecord owned;
  RequestRecord& r = owned.record;
  const auto number = [&] { return static_cast<int64_t>(random() >> (random() % 64)); };
  const auto stamp = [&] {
    return random() % 3 == 0 ? Stamp() : Stamp(random() % 2 == 0 ? number() : -number() - 1);
  };
  const auto optional = [&]() -> std::optional<int32_t> {
    return random() % 2 == 0 ? std::nullopt : std::optional(static_cast<int32_t>(random()));
  };
  r.request_id = random();
  r.query_id = random();
  r.frame_id = static_cast<uint64_t>(number());
  r.picture = random();
  r.batch_id = random();
  r.instance = static_cast<int32_t>(random());
  r.batch_size = static_cast<int32_t>(random());
  r.batch_position = static_cast<int32_t>(random());
  r.phase = static_cast<Phase>(random() % 4);
  r.outcome = static_cast<Outcome>(random() % 5);
  r.reason = static_cast<OutcomeReason>(random() % (static_cast<int>(OutcomeReason::kBatch) + 1));
  r.dropped_spans = static_cast<uint8_t>(random());
  for (Stamp& moment : r.moments) moment = stamp();
  r.candidates_before_nms = optional();
  r.candidates_after_nms = optional();
  r.top_class = optional();
  const auto bits = static_cast<uint32_t>(random());
  std::memcpy(&r.top_score, &bits, sizeof(bits));
  r.bytes_up = number();
  r.bytes_down = -number() - 1;
  r.clock_offset_ns = stamp();
  r.clock_offset_error_ns = stamp();
  const size_t spans = random() % (StageTrace::kCapacity + 1);
  for (size_t s = 0; s < spans; ++s) {
    owned.spans.push_back({.key = {.stage = static_cast<StageId>(random() % kStageCount),
                                   .occurrence = static_cast<uint8_t>(random()),
                                   .sub_stage = static_cast<uint8_t>(random() % (SL_SUB_STAGE_COLLECT + 1))},
                           .clock = static_cast<ClockId>(random() % 2),
                           .begin_ns = static_cast<int64_t>(random()),
                           .end_ns = static_cast<int64_t>(random())});
  }
  return owned;
}

inline bool SameStamp(const Stamp& a, const Stamp& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || a.value() == b.value());
}

// Field by field; scores bit by bit, since they may be NaN.
inline bool SameRecord(const RequestRecord& a, const RequestRecord& b) {
  bool same = a.request_id == b.request_id && a.query_id == b.query_id && a.frame_id == b.frame_id &&
              a.picture == b.picture && a.batch_id == b.batch_id && a.instance == b.instance &&
              a.batch_size == b.batch_size && a.batch_position == b.batch_position && a.phase == b.phase &&
              a.outcome == b.outcome && a.reason == b.reason && a.dropped_spans == b.dropped_spans &&
              a.candidates_before_nms == b.candidates_before_nms &&
              a.candidates_after_nms == b.candidates_after_nms && a.top_class == b.top_class &&
              std::memcmp(&a.top_score, &b.top_score, sizeof(float)) == 0 && a.bytes_up == b.bytes_up &&
              a.bytes_down == b.bytes_down && SameStamp(a.clock_offset_ns, b.clock_offset_ns) &&
              SameStamp(a.clock_offset_error_ns, b.clock_offset_error_ns);
  for (size_t i = 0; i < a.moments.size(); ++i) same = same && SameStamp(a.moments[i], b.moments[i]);
  return same;
}

inline bool SameSpans(std::span<const StageSpan> a, std::span<const StageSpan> b) {
  bool same = a.size() == b.size();
  for (size_t i = 0; same && i < a.size(); ++i) {
    same = a[i].key == b[i].key && a[i].clock == b[i].clock && a[i].begin_ns == b[i].begin_ns &&
           a[i].end_ns == b[i].end_ns;
  }
  return same;
}

inline bool Same(const OwnedRecord& a, const OwnedRecord& b) {
  return SameRecord(a.record, b.record) && SameSpans(a.spans, b.spans);
}

}  // namespace sightline::store::testing
