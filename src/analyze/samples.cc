#include "src/analyze/samples.h"

#include <algorithm>
#include <utility>

namespace sightline::analyze {
namespace {

// A duration and when it ended.
struct Timed {
  int64_t end_ns;
  double duration_ns;
};

std::vector<double> InTimeOrder(std::vector<Timed> values) {
  std::sort(values.begin(), values.end(), [](const Timed& a, const Timed& b) { return a.end_ns < b.end_ns; });
  std::vector<double> durations;
  durations.reserve(values.size());
  for (const Timed& value : values) durations.push_back(value.duration_ns);
  return durations;
}

struct Query {
  int64_t scheduled_ns = 0;
  int64_t completed_ns = 0;
  int frames = 0;  // that came to a result
};

class Collector {
 public:
  explicit Collector(int frames_per_query) : frames_per_query_(frames_per_query) {}

  void AddLane(const RecordLog& log) {
    lane_ = LaneProgress();
    log.ForEach([&](const RequestRecord& record, std::span<const StageSpan> spans) {
      if (record.phase == Phase::kMeasure) Add(record, spans);
    });
    auto& completions = lane_.work.completions;
    std::sort(completions.begin(), completions.end(),
              [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
    samples_.lanes.push_back(std::move(lane_));
  }

  Samples Finish() {
    for (auto& [key, values] : stages_) samples_.stages[key] = InTimeOrder(std::move(values));
    samples_.latency = InTimeOrder(std::move(latency_));
    samples_.latency_from_scheduled = InTimeOrder(std::move(from_scheduled_));
    std::vector<Timed> queries;
    for (const auto& [id, query] : queries_) {
      // A query that was cut short, or that lost a frame, would seem faster than it was.
      if (query.frames < frames_per_query_) continue;
      queries.push_back({query.completed_ns, static_cast<double>(query.completed_ns - query.scheduled_ns)});
    }
    samples_.query_latency = InTimeOrder(std::move(queries));
    return std::move(samples_);
  }

 private:
  void Add(const RequestRecord& record, std::span<const StageSpan> spans) {
    ++samples_.outcomes[std::string(OutcomeName(record.outcome))];
    samples_.dropped_spans += record.dropped_spans;
    const Stamp completed = record.at(Moment::kCompleted);
    if (record.outcome != Outcome::kOk || spans.empty() || !completed.has_value()) return;
    const bool leads_batch = record.batch_position == 0;
    AddStages(record, spans, leads_batch);
    samples_.batches += leads_batch ? 1 : 0;

    const int64_t begin_ns = spans.front().begin_ns;
    const int64_t end_ns = completed.value();
    latency_.push_back({end_ns, static_cast<double>(end_ns - begin_ns)});
    AddWork(record.batch_id, begin_ns, end_ns);
    const Stamp scheduled = record.at(Moment::kScheduled);
    if (!scheduled.has_value()) return;
    from_scheduled_.push_back({end_ns, static_cast<double>(end_ns - scheduled.value())});
    if (frames_per_query_ == 0) return;
    Query& query = queries_[record.query_id];
    query.scheduled_ns = scheduled.value();
    query.completed_ns = std::max(query.completed_ns, end_ns);
    ++query.frames;
  }

  // The frames of a batch follow each other in the log.
  void AddWork(uint64_t batch_id, int64_t begin_ns, int64_t end_ns) {
    auto& [lane_begin_ns, completions] = lane_.work;
    lane_begin_ns = completions.empty() ? begin_ns : std::min(lane_begin_ns, begin_ns);
    if (completions.empty() || batch_id != last_batch_id_) completions.push_back({.at_ns = 0, .frames = 0});
    last_batch_id_ = batch_id;
    completions.back().at_ns = std::max(completions.back().at_ns, end_ns);
    ++completions.back().frames;
  }

  void AddStages(const RequestRecord& record, std::span<const StageSpan> spans, bool leads_batch) {
    for (const StageSpan& span : spans) {
      if (IsPerBatch(span.key.stage) && !leads_batch) continue;
      const auto duration_ns = static_cast<double>(span.end_ns - span.begin_ns);
      stages_[span.key].push_back({span.end_ns, duration_ns});
      if (span.key.stage == StageId::kInfer && span.key.sub_stage == 0) {
        lane_.infer_ns += duration_ns;
        lane_.infer_frames += span.key.occurrence <= 1 ? record.batch_size : 0;
      }
    }
  }

  const int frames_per_query_;
  Samples samples_;
  LaneProgress lane_;
  uint64_t last_batch_id_ = 0;
  std::map<StageKey, std::vector<Timed>> stages_;
  std::vector<Timed> latency_;
  std::vector<Timed> from_scheduled_;
  std::map<uint64_t, Query> queries_;
};

}  // namespace

bool IsPerBatch(StageId stage) {
  return stage == StageId::kInfer;
}

Samples CollectSamples(std::span<const RecordLog> lanes, int frames_per_query) {
  Collector collector(frames_per_query);
  for (const RecordLog& lane : lanes) collector.AddLane(lane);
  return collector.Finish();
}

}  // namespace sightline::analyze
