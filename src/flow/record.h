// The record of one request: the contract at which measuring and reading meet. One record per frame, whatever
// its way: local, remote, from a phone. schema/record.schema.json describes the same as exported columns.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "include/sightline/backend_abi.h"
#include "src/base/check.h"
#include "src/base/result.h"

namespace sightline {

// A moment in nanoseconds of its clock, or absent. Eight bytes, since a record holds many.
class Stamp {
 public:
  constexpr Stamp() = default;
  constexpr Stamp(int64_t ns) : ns_(ns) {}  // NOLINT(google-explicit-constructor): a stamp is a number
  constexpr bool has_value() const { return ns_ != kAbsent; }
  int64_t value() const {
    SIGHTLINE_CHECK(has_value());
    return ns_;
  }

 private:
  static constexpr int64_t kAbsent = std::numeric_limits<int64_t>::min();
  int64_t ns_ = kAbsent;
};

// Whose clock a stamp is of. The two are one on a single machine; otherwise the record's offset relates them.
enum class ClockId : uint8_t { kClient = 0, kServer = 1 };
std::string_view ClockName(ClockId clock);  // "client", "server"

// In the order a frame passes them; not every frame passes all.
enum class StageId : uint8_t {
  kAcquire,
  kDecode,
  kPreprocess,
  kUplink,
  kQueue,
  kBatch,  // waiting for the other frames of the batch, joining included
  kInfer,
  kPostprocess,
  kDownlink,
};
constexpr int kStageCount = 9;
std::string_view StageName(StageId stage);  // "acquire"

// Which stage, which occurrence of it (two-stage detectors infer twice), and which part of it.
struct StageKey {
  StageId stage = StageId::kAcquire;
  uint8_t occurrence = 0;  // 0: the stage occurs once; else 1, 2, ...
  uint8_t sub_stage = 0;   // 0: the whole stage; else an SlSubStage the backend stamped

  friend constexpr bool operator==(const StageKey&, const StageKey&) = default;
  // In the order a frame passes them: what occurs a second time comes behind all that occurs first (or once),
  // and the way back behind everything; a stage stands before its parts.
  friend constexpr std::strong_ordering operator<=>(const StageKey& a, const StageKey& b) {
    return a.Place() <=> b.Place();
  }

 private:
  constexpr uint32_t Place() const {
    const uint32_t way_back = stage == StageId::kDownlink ? 1 : 0;
    const uint32_t round = occurrence > 1 ? occurrence : 1;
    return way_back << 28 | round << 20 | static_cast<uint32_t>(stage) << 16 | uint32_t{occurrence} << 8 |
           sub_stage;
  }
};
// "infer", "infer#2", "infer.compute", "infer#1.host_to_device".
std::string StageKeyName(StageKey key);
std::optional<StageKey> StageKeyFromName(std::string_view name);

// When one stage, or a part of it, began and ended for one frame. Per-batch stages give every frame of the
// batch the same span.
struct StageSpan {
  StageKey key;
  ClockId clock = ClockId::kClient;
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
};

// The spans of one frame while it is on its way: fixed room, no allocation.
class StageTrace {
 public:
  static constexpr int kCapacity = 32;  // a remote two-stage detector on a device with sub-stages needs 23

  void Clear() {
    count_ = 0;
    dropped_ = 0;
  }
  // Spans beyond the capacity are counted, not kept.
  void Add(const StageSpan& span) {
    if (count_ == kCapacity) {
      ++dropped_;
      return;
    }
    spans_[static_cast<size_t>(count_++)] = span;
  }
  std::span<const StageSpan> spans() const { return {spans_.data(), static_cast<size_t>(count_)}; }
  int dropped() const { return dropped_; }

 private:
  std::array<StageSpan, kCapacity> spans_;
  int count_ = 0;
  int dropped_ = 0;
};

enum class Outcome : uint8_t { kOk, kError, kTimeout, kRefused, kDropped };
std::string_view OutcomeName(Outcome outcome);  // "ok"

// Why a frame did not come to a result.
enum class OutcomeReason : uint8_t {
  kNone,
  kBackend,
  kDecode,
  kPeer,
  kQueueFull,
  kDeadline,
  kOldest,
  kNewest,
  kSkipped,
  kSource,  // acquiring the picture failed
  kPreprocess,
  kPostprocess,  // the network's output was not usable
  kBatch,        // nothing was wrong with this frame: another one of its batch failed
};
std::string_view OutcomeReasonName(OutcomeReason reason);  // "" for kNone

// Part of a run a record belongs to. Only kMeasure counts in summaries; the others are kept for looking.
enum class Phase : uint8_t { kColdStart, kWarmUp, kMeasure, kDrain };
std::string_view PhaseName(Phase phase);

// Moments in a request's life outside of the stages. Absent where the way did not lead past them.
enum class Moment : uint8_t {
  kScheduled,       // when the scenario wanted it to start
  kReleased,        // when the generator let it go
  kSent,            // first byte handed to the network
  kServerReceived,  // server's clock
  kServerQueued,
  kServerBatched,
  kServerSent,
  kCompleted,  // result in hand
};
constexpr int kMomentCount = 8;
std::string_view MomentName(Moment moment);  // "scheduled"

struct RequestRecord {
  uint64_t request_id = 0;
  uint64_t query_id = 0;  // frames the scenario issued together (multi-stream) share one
  uint64_t frame_id = 0;
  uint64_t picture = 0;
  uint64_t batch_id = 0;
  int32_t instance = 0;
  int32_t batch_size = 0;
  int32_t batch_position = 0;
  Phase phase = Phase::kMeasure;
  Outcome outcome = Outcome::kOk;
  OutcomeReason reason = OutcomeReason::kNone;
  uint8_t dropped_spans = 0;  // spans that did not fit StageTrace
  std::array<Stamp, kMomentCount> moments;
  // Pairs of a box and a class above the score threshold; not there where the model suppresses boxes itself.
  std::optional<int32_t> candidates_before_nms;
  std::optional<int32_t> candidates_after_nms;  // detections: boxes left, all limits applied
  std::optional<int32_t> top_class;             // best class of a classification, class of the best detection
  float top_score = 0;
  int64_t bytes_up = 0;
  int64_t bytes_down = 0;
  Stamp clock_offset_ns;        // server clock minus client clock
  Stamp clock_offset_error_ns;  // half-width of what is known about it

  Stamp& at(Moment moment) { return moments[static_cast<size_t>(moment)]; }
  const Stamp& at(Moment moment) const { return moments[static_cast<size_t>(moment)]; }
};

// Where a lane's records go. Called by one thread at a time, on the hot path: it neither waits for a disk nor
// allocates in the normal case.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // At most StageTrace::kCapacity spans. Both are copied.
  virtual void Append(const RequestRecord& record, std::span<const StageSpan> spans) = 0;
  // Whether records can't be kept as they should any more (a full disk): time to end the run. Any thread.
  virtual bool failed() const { return false; }
};

// visit(record, spans) of one record; both end with the call.
using RecordVisitor = std::function<void(const RequestRecord&, std::span<const StageSpan>)>;

// Shows a run's records to a visitor, wherever they are kept: each lane's in order, lanes mixed as they may
// be. May be called again. Fails when they can't be read.
using RecordScan = std::function<Status(const RecordVisitor&)>;

// A bounded number of records with their spans, densely; about 1.5 MiB. The unit in which records are handed
// on, compressed and stored.
struct RecordBlock {
  static constexpr size_t kRows = 4096;
  static constexpr size_t kSpans = kRows * 8;

  struct Row {
    RequestRecord record;
    uint32_t first_span = 0;
    uint32_t span_count = 0;
  };
  std::vector<Row> rows;
  std::vector<StageSpan> spans;

  // Takes the memory of a full block, so that none is taken later.
  void Reserve();
  bool HasRoomFor(size_t span_count) const {
    return rows.size() < kRows && spans.size() + span_count <= kSpans;
  }
  // Only where there is room.
  void Append(const RequestRecord& record, std::span<const StageSpan> record_spans) {
    rows.push_back({record, static_cast<uint32_t>(spans.size()), static_cast<uint32_t>(record_spans.size())});
    spans.insert(spans.end(), record_spans.begin(), record_spans.end());
  }
  void Clear() {
    rows.clear();
    spans.clear();
  }
  template <typename Visitor>
  void ForEach(const Visitor& visit) const {
    for (const Row& row : rows) {
      visit(row.record, std::span<const StageSpan>(spans.data() + row.first_span, row.span_count));
    }
  }
};

// Records of one lane with their spans, in memory. Memory is taken a block at a time, never per record;
// nothing moves once written. One writer; readers after it has finished.
class RecordLog final : public RecordSink {
 public:
  RecordLog();
  void Append(const RequestRecord& record, std::span<const StageSpan> spans) override;

  size_t size() const { return size_; }
  // Bytes one record with `spans` spans takes.
  static constexpr size_t BytesPerRecord(size_t spans) {
    return sizeof(RecordBlock::Row) + spans * sizeof(StageSpan);
  }

  // visit(const RequestRecord&, std::span<const StageSpan>) for each record, in the order written.
  template <typename Visitor>
  void ForEach(const Visitor& visit) const {
    for (const RecordBlock& block : blocks_) block.ForEach(visit);
  }

 private:
  void AddBlock() { blocks_.emplace_back().Reserve(); }

  std::vector<RecordBlock> blocks_;
  size_t size_ = 0;
};

}  // namespace sightline
