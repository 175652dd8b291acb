#include "src/load/run_load.h"

#include <algorithm>
#include <barrier>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "src/load/precision_judge.h"

namespace sightline::load {
namespace {

// What the lanes of one run share. The phase only ever moves forward.
class Run {
 public:
  // `issuers`: how many loops ask PhaseAt, each with its own counts.
  Run(const LoadOptions& options, const Clock& clock, const std::atomic<bool>& stop, int issuers,
      size_t lanes)
      : options_(options), clock_(clock), stop_(stop), issuers_to_warm_(issuers), begin_ns_(clock.NowNs()) {
    if (const auto& goal = options.limits.stop_when)
      judge_.emplace(*goal, options.first_look, lanes, [this] { known_.store(true); });
  }

  const LoadOptions& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  uint64_t NextBatchId() { return next_batch_id_.fetch_add(1, std::memory_order_relaxed); }
  uint64_t NextRequestId() { return next_request_id_.fetch_add(1, std::memory_order_relaxed); }

  // The phase of a batch (multi-stream: query) that begins now, on a loop that has issued `warmed` of them in
  // warm-up and `measured` since. kDrain means: don't begin it.
  Phase PhaseAt(int64_t now_ns, int64_t warmed, int64_t measured, bool& is_warm) {
    if (Ending() || known_.load(std::memory_order_relaxed)) return Phase::kDrain;
    if (!is_warm && warmed >= options_.limits.warm_up_batches &&
        now_ns - begin_ns_ >= options_.limits.warm_up.count()) {
      is_warm = true;
      // The last loop to get warm opens the measurement.
      if (issuers_to_warm_.fetch_sub(1) == 1) measure_begin_ns_.store(now_ns);
    }
    const int64_t measure_begin_ns = measure_begin_ns_.load();
    if (measure_begin_ns == 0) return Phase::kWarmUp;
    const RunLimits& limits = options_.limits;
    if ((limits.iterations && measured >= *limits.iterations) ||
        (limits.duration && now_ns - measure_begin_ns >= limits.duration->count())) {
      over_.store(true);
      return Phase::kDrain;
    }
    return Phase::kMeasure;
  }

  // Whether lanes are to end with the batch in progress.
  bool Ending() const {
    return stop_.load(std::memory_order_relaxed) || over_.load(std::memory_order_relaxed);
  }

  void Fail(const Error& error) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = error;
    over_.store(true);
  }
  std::optional<Error> error() const {
    const std::lock_guard lock(error_mutex_);
    return error_;
  }
  int64_t measure_begin_ns() const { return measure_begin_ns_.load(); }
  // Whoever has measured frames tells it, where there is a goal to reach.
  PrecisionJudge* judge() { return judge_ ? &*judge_ : nullptr; }

 private:
  const LoadOptions& options_;
  const Clock& clock_;
  const std::atomic<bool>& stop_;
  std::atomic<int> issuers_to_warm_;
  const int64_t begin_ns_;
  std::atomic<int64_t> measure_begin_ns_{0};
  std::atomic<bool> over_{false};
  std::atomic<bool> known_{false};  // stop_when is reached
  std::atomic<uint64_t> next_batch_id_{0};
  std::atomic<uint64_t> next_request_id_{0};
  mutable std::mutex error_mutex_;
  std::optional<Error> error_;
  std::optional<PrecisionJudge> judge_;  // last: its thread uses the others
};

// What the scenario says of the frames of one batch.
struct Issue {
  Phase phase = Phase::kWarmUp;
  uint64_t query_id = 0;
  int64_t scheduled_ns = 0;
};

// The stage an error came from is the last one stamped.
OutcomeReason FailedIn(const StageTrace& trace) {
  const auto spans = trace.spans();
  if (spans.empty()) return OutcomeReason::kBackend;
  switch (spans.back().key.stage) {
    case StageId::kAcquire:
      return OutcomeReason::kSource;
    case StageId::kDecode:
      return OutcomeReason::kDecode;
    case StageId::kPreprocess:
      return OutcomeReason::kPreprocess;
    case StageId::kPostprocess:
      return OutcomeReason::kPostprocess;
    default:
      return OutcomeReason::kBackend;
  }
}

void MarkFailed(pipeline::Slot& slot) {
  slot.record.outcome = Outcome::kError;
  slot.record.reason = FailedIn(slot.trace);
}

// Nothing was wrong with the frame but its company.
void MarkDropped(pipeline::Slot& slot) {
  slot.record.outcome = Outcome::kDropped;
  slot.record.reason = OutcomeReason::kBatch;
}

// One thread's work: batches through one pipeline into one sink.
class Lane {
 public:
  Lane(Run& run, pipeline::Pipeline& pipeline, RecordSink& sink, int index)
      : run_(run), pipeline_(pipeline), sink_(sink), index_(index) {
    for (int i = 0; i < run.options().batch; ++i) batch_.push_back(&pipeline.slot(i));
  }

  // Closed loop: the next batch begins when the last is complete.
  void RunClosedLoop() {
    int64_t warmed = 0;
    int64_t measured = 0;
    while (true) {
      const int64_t now_ns = run_.clock().NowNs();
      const Phase phase = run_.PhaseAt(now_ns, warmed, measured, is_warm_);
      if (phase == Phase::kDrain) return;
      // Offline: everything was there when measuring began. Otherwise a query is due when the lane is free
      // for it.
      const bool offline = run_.options().scenario == Scenario::kOffline && phase == Phase::kMeasure;
      const uint64_t batch_id = run_.NextBatchId();
      const Issue issue{phase, batch_id, offline ? run_.measure_begin_ns() : now_ns};
      if (!RunOneBatch(issue, batch_id, static_cast<int>(batch_.size()))) return;
      ++(phase == Phase::kMeasure ? measured : warmed);
    }
  }

  // `frames` frames of one query, in batches. False: the run is over.
  bool RunShare(const Issue& issue, int frames) {
    for (int done = 0; done < frames;) {
      // A query may hold any number of frames: neither Ctrl-C nor another lane's failure waits for its end.
      if (run_.Ending()) return false;
      const int count = std::min(frames - done, static_cast<int>(batch_.size()));
      if (!RunOneBatch(issue, run_.NextBatchId(), count)) return false;
      done += count;
    }
    return true;
  }

  // Of the measured frames; 0: there was none.
  int64_t last_completion_ns() const { return last_completion_ns_; }

 private:
  using Slots = std::span<pipeline::Slot* const>;

  bool RunOneBatch(const Issue& issue, uint64_t batch_id, int count) {
    const Slots slots(batch_.data(), static_cast<size_t>(count));
    size_t begun = 0;  // slots that were given a frame
    const Status status = PassThroughGuarded(slots, issue, begun);
    for (pipeline::Slot* slot : slots.first(begun)) {
      RequestRecord& record = slot->record;
      record.request_id = run_.NextRequestId();
      record.query_id = issue.query_id;
      record.batch_id = batch_id;
      record.instance = index_;
      record.phase = issue.phase;
      sink_.Append(record, slot->trace.spans());
      NoteMeasured(*slot);
    }
    PrecisionJudge* const judge = run_.judge();
    if (judge != nullptr && issue.phase == Phase::kMeasure) {
      judge->EndBatch(static_cast<size_t>(index_), last_completion_ns_ - run_.measure_begin_ns());
    }
    if (!status.ok()) run_.Fail(status.error());
    if (!sink_.failed()) return status.ok();
    run_.Fail(Error(ErrorKind::kUnavailable, "records can't be written any more"));
    return false;
  }

  void NoteMeasured(const pipeline::Slot& slot) {
    const Stamp& completed = slot.record.at(Moment::kCompleted);
    if (slot.record.phase != Phase::kMeasure || !completed.has_value()) return;
    last_completion_ns_ = std::max(last_completion_ns_, completed.value());
    if (PrecisionJudge* const judge = run_.judge()) {
      judge->Add(static_cast<size_t>(index_), {.begin_ns = slot.trace.spans().front().begin_ns,
                                               .completed_ns = completed.value(),
                                               .batch_id = slot.record.batch_id});
    }
  }

  // What a library throws (memory ran out, mostly) ends the run as an error does, and not the program with
  // all that was measured.
  Status PassThroughGuarded(Slots slots, const Issue& issue, size_t& begun) {
    try {
      return PassThrough(slots, issue, begun);
    } catch (const std::exception& error) {
      for (pipeline::Slot* slot : slots.first(begun)) MarkFailed(*slot);
      return Error(ErrorKind::kInternal, std::string("a frame could not be handled: ") + error.what());
    }
  }

  // Each slot's outcome says what became of its own frame.
  Status PassThrough(Slots slots, const Issue& issue, size_t& begun) {
    for (pipeline::Slot* slot : slots) {
      slot->Clear();
      slot->record.at(Moment::kScheduled) = issue.scheduled_ns;
      slot->record.at(Moment::kReleased) = run_.clock().NowNs();
      ++begun;
      if (const Status status = pipeline_.Prepare(*slot); !status.ok()) {
        MarkFailed(*slot);
        for (pipeline::Slot* mate : slots.first(begun - 1)) MarkDropped(*mate);
        return status;
      }
    }
    if (const Status status = pipeline_.RunBatch(slots); !status.ok()) {
      for (pipeline::Slot* slot : slots) MarkFailed(*slot);
      return status;
    }
    for (size_t i = 0; i < slots.size(); ++i) {
      if (const Status status = pipeline_.Finish(*slots[i]); !status.ok()) {
        MarkFailed(*slots[i]);
        for (pipeline::Slot* mate : slots.subspan(i + 1)) MarkDropped(*mate);
        return status;
      }
    }
    return OkStatus();
  }

  Run& run_;
  pipeline::Pipeline& pipeline_;
  RecordSink& sink_;
  const int index_;
  int64_t last_completion_ns_ = 0;
  std::vector<pipeline::Slot*> batch_;
  bool is_warm_ = false;
};

// Multi-stream: all lanes work on one query at a time. The barrier's completion step, run by one thread while
// the others wait, decides what the next query is.
class QueryLoop {
 public:
  QueryLoop(Run& run, int lane_count)
      : run_(run), lane_count_(lane_count), barrier_(lane_count, Completion{this}) {}

  void Work(Lane& lane, int index) {
    while (true) {
      barrier_.arrive_and_wait();
      if (issue_.phase == Phase::kDrain) return;
      const int frames = run_.options().frames_per_query;
      const int share = frames / lane_count_ + (index < frames % lane_count_ ? 1 : 0);
      // A failure is seen by everybody at the next barrier.
      static_cast<void>(lane.RunShare(issue_, share));
    }
  }

 private:
  struct Completion {
    QueryLoop* loop;
    void operator()() const noexcept { loop->NextQuery(); }
  };

  void NextQuery() {
    if (issued_) ++(issue_.phase == Phase::kMeasure ? measured_ : warmed_);
    issued_ = true;
    const int64_t now_ns = run_.clock().NowNs();
    issue_ = {run_.PhaseAt(now_ns, warmed_, measured_, is_warm_), next_query_id_++, now_ns};
  }

  Run& run_;
  const int lane_count_;
  Issue issue_;
  bool issued_ = false;
  bool is_warm_ = false;
  int64_t warmed_ = 0;
  int64_t measured_ = 0;
  uint64_t next_query_id_ = 0;
  std::barrier<Completion> barrier_;
};

}  // namespace

LoadOutcome RunLoad(std::span<pipeline::Pipeline* const> pipelines, const LoadOptions& options,
                    const Clock& clock, const std::atomic<bool>& stop) {
  SIGHTLINE_CHECK(!pipelines.empty() && options.batch > 0 && options.frames_per_query > 0);
  SIGHTLINE_CHECK(options.limits.duration.has_value() || options.limits.iterations.has_value());
  const int lane_count = static_cast<int>(pipelines.size());
  SIGHTLINE_CHECK(options.sinks.empty() || options.sinks.size() == pipelines.size());
  LoadOutcome outcome;
  if (options.sinks.empty()) outcome.lanes.resize(pipelines.size());
  const bool one_issuer = options.scenario == Scenario::kMultiStream;
  Run run(options, clock, stop, one_issuer ? 1 : lane_count, pipelines.size());
  QueryLoop queries(run, lane_count);
  std::vector<int64_t> last_completions_ns(pipelines.size());
  std::vector<std::thread> threads;
  threads.reserve(pipelines.size());
  for (size_t i = 0; i < pipelines.size(); ++i) {
    threads.emplace_back([&, i] {
      RecordSink& sink =
          options.sinks.empty() ? static_cast<RecordSink&>(outcome.lanes[i]) : *options.sinks[i];
      Lane lane(run, *pipelines[i], sink, static_cast<int>(i));
      if (options.scenario == Scenario::kMultiStream) {
        queries.Work(lane, static_cast<int>(i));
      } else {
        lane.RunClosedLoop();
      }
      last_completions_ns[i] = lane.last_completion_ns();
    });
  }
  for (std::thread& thread : threads) thread.join();
  outcome.goal_reached = run.judge() != nullptr && run.judge()->reached();
  outcome.error = run.error();
  outcome.interrupted = stop.load();
  outcome.measure_begin_ns = run.measure_begin_ns();
  const int64_t last_ns = *std::max_element(last_completions_ns.begin(), last_completions_ns.end());
  outcome.measure_end_ns = last_ns == 0 ? clock.NowNs() : last_ns;
  return outcome;
}

}  // namespace sightline::load
