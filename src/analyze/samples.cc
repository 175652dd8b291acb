#include "src/analyze/samples.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sightline::analyze {
namespace {

// A duration and when it ended.
struct Timed {
  int64_t end_ns;
  double duration_ns;
};

std::vector<double> InTimeOrder(std::vector<Timed> values) {
  // What ended together is in one order too, however lanes were mixed.
  const auto earlier = [](const Timed& x, const Timed& y) {
    return std::tie(x.end_ns, x.duration_ns) < std::tie(y.end_ns, y.duration_ns);
  };
  // A single lane's are in order already.
  if (!std::is_sorted(values.begin(), values.end(), earlier))
    std::sort(values.begin(), values.end(), earlier);
  std::vector<double> durations;
  durations.reserve(values.size());
  for (const Timed& value : values) durations.push_back(value.duration_ns);
  return durations;
}

// One query, or what one lane did of it.
struct Query {
  uint64_t id = 0;
  int64_t scheduled_ns = 0;
  int64_t completed_ns = 0;
  int64_t batches = 0;
};

// Whole queries, by id, from what each lane did of them.
std::vector<Query> Joined(std::vector<Query> parts) {
  const auto before = [](const Query& a, const Query& b) { return a.id < b.id; };
  if (!std::is_sorted(parts.begin(), parts.end(), before)) std::sort(parts.begin(), parts.end(), before);
  std::vector<Query> queries;
  for (const Query& part : parts) {
    if (queries.empty() || queries.back().id != part.id) {
      queries.push_back(part);
      continue;
    }
    queries.back().completed_ns = std::max(queries.back().completed_ns, part.completed_ns);
    queries.back().batches += part.batches;
  }
  return queries;
}

}  // namespace

class SampleCollector::Collector {
 public:
  // `lane` counts from 0.
  void Add(size_t lane, const RequestRecord& record, std::span<const StageSpan> spans) {
    if (record.phase != Phase::kMeasure) return;
    HaveLane(lane);
    AddMeasured(samples_.lanes[lane], queries_[lane], record, spans);
  }
  void HaveLane(size_t lane) {
    if (lane < samples_.lanes.size()) return;
    samples_.lanes.resize(lane + 1);
    queries_.resize(lane + 1);
  }

  Samples Finish() {
    for (LaneProgress& lane : samples_.lanes)
      std::sort(lane.completions_ns.begin(), lane.completions_ns.end());
    for (auto& [key, values] : stages_) samples_.stages[key] = InTimeOrder(std::move(values));
    samples_.latency = InTimeOrder(std::move(latency_));
    samples_.latency_from_scheduled = InTimeOrder(std::move(from_scheduled_));
    FinishQueries();
    return std::move(samples_);
  }

 private:
  void FinishQueries() {
    std::vector<Query> parts;
    for (std::vector<Query>& lane : queries_) {
      parts.insert(parts.end(), lane.begin(), lane.end());
      lane = {};
    }
    std::vector<Timed> latencies;
    bool any_large = false;
    for (const Query& query : Joined(std::move(parts))) {
      any_large = any_large || query.batches > 1;
      latencies.push_back({query.completed_ns, static_cast<double>(query.completed_ns - query.scheduled_ns)});
    }
    if (any_large) samples_.query_latency = InTimeOrder(std::move(latencies));
  }

  void AddMeasured(LaneProgress& lane, std::vector<Query>& queries, const RequestRecord& record,
                   std::span<const StageSpan> spans) {
    ++samples_.outcomes[std::string(OutcomeName(record.outcome))];
    samples_.dropped_spans += record.dropped_spans;
    const Stamp completed = record.at(Moment::kCompleted);
    if (record.outcome != Outcome::kOk || spans.empty() || !completed.has_value()) return;
    const bool leads_batch = record.batch_position == 0;
    AddStages(lane, record, spans, leads_batch);
    samples_.batches += leads_batch ? 1 : 0;

    const int64_t begin_ns = spans.front().begin_ns;
    const int64_t end_ns = completed.value();
    latency_.push_back({end_ns, static_cast<double>(end_ns - begin_ns)});
    if (lane.completions_ns.empty()) lane.begin_ns = begin_ns;
    lane.begin_ns = std::min(lane.begin_ns, begin_ns);
    lane.completions_ns.push_back(end_ns);
    const Stamp scheduled = record.at(Moment::kScheduled);
    if (!scheduled.has_value()) return;
    from_scheduled_.push_back({end_ns, static_cast<double>(end_ns - scheduled.value())});
    // A lane is done with a query before it begins the next.
    if (queries.empty() || queries.back().id != record.query_id) queries.push_back({.id = record.query_id});
    Query& query = queries.back();
    query.scheduled_ns = scheduled.value();
    query.completed_ns = std::max(query.completed_ns, end_ns);
    query.batches += leads_batch ? 1 : 0;
  }

  void AddStages(LaneProgress& lane, const RequestRecord& record, std::span<const StageSpan> spans,
                 bool leads_batch) {
    for (const StageSpan& span : spans) {
      if (IsPerBatch(span.key.stage) && !leads_batch) continue;
      const auto duration_ns = static_cast<double>(span.end_ns - span.begin_ns);
      stages_[span.key].push_back({span.end_ns, duration_ns});
      if (span.key.stage == StageId::kInfer && span.key.sub_stage == 0) {
        lane.infer_ns += duration_ns;
        lane.infer_frames += span.key.occurrence <= 1 ? record.batch_size : 0;
      }
    }
  }

  Samples samples_;
  std::map<StageKey, std::vector<Timed>> stages_;
  std::vector<Timed> latency_;
  std::vector<Timed> from_scheduled_;
  std::vector<std::vector<Query>> queries_;  // per lane
};

SampleCollector::SampleCollector() : collector_(std::make_unique<Collector>()) {}
SampleCollector::~SampleCollector() = default;

void SampleCollector::Add(const RequestRecord& record, std::span<const StageSpan> spans) {
  collector_->Add(static_cast<size_t>(std::max(record.instance, 0)), record, spans);
}

Samples SampleCollector::Finish() {
  return collector_->Finish();
}

bool IsPerBatch(StageId stage) {
  return stage == StageId::kInfer;
}

Samples CollectSamples(std::span<const RecordLog> lanes) {
  SampleCollector::Collector collector;
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    collector.HaveLane(lane);
    lanes[lane].ForEach([&](const RequestRecord& record, std::span<const StageSpan> spans) {
      collector.Add(lane, record, spans);
    });
  }
  return collector.Finish();
}

}  // namespace sightline::analyze
