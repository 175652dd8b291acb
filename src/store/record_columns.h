// Which columns a block of records has in storage, and how each value is predicted from what is already
// known, so that little is left to compress. One list serves writing and reading; its order is the format.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

#include "src/flow/record.h"

namespace sightline::store {

// How a column's values are stored: less the column's smallest value, or less the value before.
enum class Prediction : uint8_t { kPlain, kDelta };

// Differences wrap around, so that every value comes back whatever it is.
inline int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t WrappingSubtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

// A moment near all others of the record: the begin of its first span or, without one, its first stamp.
// Moments are stored relative to it.
inline int64_t Anchor(const RequestRecord& record, const StageSpan* first_span) {
  if (first_span != nullptr) return first_span->begin_ns;
  for (const Stamp& moment : record.moments) {
    if (moment.has_value()) return moment.value();
  }
  return 0;
}

// Columns are types with Get and Set; Set refuses (false) what no record can hold.

template <auto member>
struct NumberColumn {
  static int64_t Get(const RequestRecord& r, int64_t) { return static_cast<int64_t>(r.*member); }
  static bool Set(RequestRecord& r, int64_t, int64_t value) {
    r.*member = static_cast<std::remove_reference_t<decltype(r.*member)>>(value);
    return true;
  }
};

template <auto member, auto last>
struct EnumColumn {
  static int64_t Get(const RequestRecord& r, int64_t) { return static_cast<int64_t>(r.*member); }
  static bool Set(RequestRecord& r, int64_t, int64_t value) {
    if (value < 0 || value > static_cast<int64_t>(last)) return false;
    r.*member = static_cast<decltype(last)>(value);
    return true;
  }
};

// 0: absent. Else the value's distance from INT32_MIN, plus one.
template <auto member>
struct OptionalColumn {
  static constexpr int64_t kOffset = 1 - static_cast<int64_t>(std::numeric_limits<int32_t>::min());
  static int64_t Get(const RequestRecord& r, int64_t) {
    const std::optional<int32_t>& value = r.*member;
    return value ? *value + kOffset : 0;
  }
  static bool Set(RequestRecord& r, int64_t, int64_t value) {
    r.*member = value == 0 ? std::nullopt : std::optional(static_cast<int32_t>(value - kOffset));
    return true;
  }
};

template <auto member>
struct FloatColumn {
  static int64_t Get(const RequestRecord& r, int64_t) { return std::bit_cast<uint32_t>(r.*member); }
  static bool Set(RequestRecord& r, int64_t, int64_t value) {
    r.*member = std::bit_cast<float>(static_cast<uint32_t>(value));
    return true;
  }
};

template <int index>
struct MomentAt {
  static constexpr bool kNearAnchor = true;
  static Stamp& Of(RequestRecord& r) { return r.moments[index]; }
  static const Stamp& Of(const RequestRecord& r) { return r.moments[index]; }
};
template <auto member>
struct LoneStamp {
  static constexpr bool kNearAnchor = false;
  static Stamp& Of(RequestRecord& r) { return r.*member; }
  static const Stamp& Of(const RequestRecord& r) { return r.*member; }
};

// Whether the stamp is there comes in a column before its value's.
template <typename Access>
struct PresenceColumn {
  static int64_t Get(const RequestRecord& r, int64_t) { return Access::Of(r).has_value() ? 1 : 0; }
  static bool Set(RequestRecord& r, int64_t, int64_t value) {
    Access::Of(r) = value == 0 ? Stamp() : Stamp(0);
    return true;
  }
};
template <typename Access>
struct StampColumn {
  static int64_t Get(const RequestRecord& r, int64_t anchor) {
    const Stamp& stamp = Access::Of(r);
    if (!stamp.has_value()) return 0;
    return Access::kNearAnchor ? WrappingSubtract(stamp.value(), anchor) : stamp.value();
  }
  static bool Set(RequestRecord& r, int64_t anchor, int64_t value) {
    Stamp& stamp = Access::Of(r);
    if (stamp.has_value()) stamp = Stamp(Access::kNearAnchor ? WrappingAdd(value, anchor) : value);
    return true;
  }
};

template <typename Access, typename Visit>
constexpr void VisitStamp(Visit& visit) {
  visit(PresenceColumn<Access>(), Prediction::kPlain);
  visit(StampColumn<Access>(), Prediction::kPlain);
}

// visit(Column(), Prediction) for each column of a record, in the order of the format.
template <typename Visit>
constexpr void ForEachRecordColumn(Visit visit) {
  using R = RequestRecord;
  visit(NumberColumn<&R::request_id>(), Prediction::kDelta);
  visit(NumberColumn<&R::query_id>(), Prediction::kDelta);
  visit(NumberColumn<&R::frame_id>(), Prediction::kDelta);
  visit(NumberColumn<&R::picture>(), Prediction::kDelta);
  visit(NumberColumn<&R::batch_id>(), Prediction::kDelta);
  visit(NumberColumn<&R::instance>(), Prediction::kPlain);
  visit(NumberColumn<&R::batch_size>(), Prediction::kPlain);
  visit(NumberColumn<&R::batch_position>(), Prediction::kPlain);
  visit(EnumColumn<&R::phase, Phase::kDrain>(), Prediction::kPlain);
  visit(EnumColumn<&R::outcome, Outcome::kDropped>(), Prediction::kPlain);
  visit(EnumColumn<&R::reason, OutcomeReason::kBatch>(), Prediction::kPlain);
  visit(NumberColumn<&R::dropped_spans>(), Prediction::kPlain);
  visit(OptionalColumn<&R::candidates_before_nms>(), Prediction::kPlain);
  visit(OptionalColumn<&R::candidates_after_nms>(), Prediction::kPlain);
  visit(OptionalColumn<&R::top_class>(), Prediction::kPlain);
  visit(FloatColumn<&R::top_score>(), Prediction::kPlain);
  visit(NumberColumn<&R::bytes_up>(), Prediction::kPlain);
  visit(NumberColumn<&R::bytes_down>(), Prediction::kPlain);
  [&]<int... index>(std::integer_sequence<int, index...>) {
    (VisitStamp<MomentAt<index>>(visit), ...);
  }(std::make_integer_sequence<int, kMomentCount>());
  VisitStamp<LoneStamp<&R::clock_offset_ns>>(visit);
  VisitStamp<LoneStamp<&R::clock_offset_error_ns>>(visit);
}

// A span's key and clock in one number; false: no stage has it.
inline int64_t PackKey(const StageSpan& span) {
  return static_cast<int64_t>(span.key.stage) | static_cast<int64_t>(span.key.occurrence) << 8 |
         static_cast<int64_t>(span.key.sub_stage) << 16 | static_cast<int64_t>(span.clock) << 24;
}
inline bool UnpackKey(int64_t packed, StageSpan& span) {
  const auto byte = [packed](int index) { return static_cast<uint8_t>(packed >> (8 * index)); };
  span.key = {static_cast<StageId>(byte(0)), byte(1), byte(2)};
  span.clock = static_cast<ClockId>(byte(3));
  return packed >= 0 && packed >> 32 == 0 && byte(0) < kStageCount && byte(2) <= SL_SUB_STAGE_COLLECT &&
         byte(3) <= 1;
}

}  // namespace sightline::store
