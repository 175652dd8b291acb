#include "src/analyze/samples.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace sightline::analyze {
namespace {

// A duration, or a number counted, and when its frame or stage ended.
struct Timed {
  int64_t end_ns;
  double value;
};

std::vector<double> InTimeOrder(std::vector<Timed> values) {
  // What ended together is in one order too, however lanes were mixed.
  const auto earlier = [](const Timed& x, const Timed& y) {
    return std::tie(x.end_ns, x.value) < std::tie(y.end_ns, y.value);
  };
  // A single lane's are in order already.
  if (!std::is_sorted(values.begin(), values.end(), earlier))
    std::sort(values.begin(), values.end(), earlier);
  std::vector<double> ordered;
  ordered.reserve(values.size());
  for (const Timed& value : values) ordered.push_back(value.value);
  return ordered;
}

// The first, or only, inference of a batch.
bool IsWholeInference(StageKey key) {
  return key.stage == StageId::kInfer && key.sub_stage == 0 && key.occurrence <= 1;
}

// One query, or what one lane did of it.
struct Query {
  uint64_t id = 0;
  int64_t scheduled_ns = 0;
  int64_t completed_ns = 0;
  int frames = 0;  // that came to a result
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
    queries.back().frames += part.frames;
  }
  return queries;
}

}  // namespace

class SampleCollector::Collector {
 public:
  Collector(int frames_per_query, int64_t from_ns) : frames_per_query_(frames_per_query), from_ns_(from_ns) {}

  // `lane` counts from 0.
  void Add(size_t lane, const RequestRecord& record, std::span<const StageSpan> spans) {
    if (record.phase != Phase::kMeasure) return;
    HaveLane(lane);
    AddMeasured(samples_.lanes[lane], parts_[lane], record, spans);
  }
  void HaveLane(size_t lane) {
    if (lane < samples_.lanes.size()) return;
    samples_.lanes.resize(lane + 1);
    parts_.resize(lane + 1);
  }

  Samples Finish() {
    for (LaneProgress& lane : samples_.lanes) {
      auto& completions = lane.work.completions;
      std::sort(completions.begin(), completions.end(),
                [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
    }
    for (auto& [key, values] : stages_) samples_.stages[key] = InTimeOrder(std::move(values));
    samples_.latency = InTimeOrder(std::move(latency_));
    samples_.latency_from_scheduled = InTimeOrder(std::move(from_scheduled_));
    samples_.candidates_before_nms = InTimeOrder(std::move(before_nms_));
    samples_.candidates_after_nms = InTimeOrder(std::move(after_nms_));
    FinishQueries();
    return std::move(samples_);
  }

 private:
  // What is kept of a lane until its next record.
  struct Part {
    std::vector<Query> queries;
    uint64_t last_batch_id = 0;
  };

  void FinishQueries() {
    std::vector<Query> parts;
    for (Part& lane : parts_) {
      parts.insert(parts.end(), lane.queries.begin(), lane.queries.end());
      lane.queries = {};
    }
    std::vector<Timed> latencies;
    for (const Query& query : Joined(std::move(parts))) {
      // A query that was cut short, or that lost a frame, would seem faster than it was.
      if (query.frames < frames_per_query_) continue;
      latencies.push_back({query.completed_ns, static_cast<double>(query.completed_ns - query.scheduled_ns)});
    }
    samples_.query_latency = InTimeOrder(std::move(latencies));
  }

  void AddMeasured(LaneProgress& lane, Part& part, const RequestRecord& record,
                   std::span<const StageSpan> spans) {
    ++samples_.outcomes[std::string(OutcomeName(record.outcome))];
    samples_.dropped_spans += record.dropped_spans;
    if (record.reason == OutcomeReason::kPostprocess) ++samples_.unusable_outputs;
    const Stamp completed = record.at(Moment::kCompleted);
    if (record.outcome != Outcome::kOk || spans.empty() || !completed.has_value()) return;
    if (BeginsTooEarly(spans)) {
      ++samples_.left_out;
      return;
    }
    const bool leads_batch = record.batch_position == 0;
    AddStages(lane, record, spans, leads_batch);
    samples_.batches += leads_batch ? 1 : 0;

    const int64_t begin_ns = spans.front().begin_ns;
    const int64_t end_ns = completed.value();
    latency_.push_back({end_ns, static_cast<double>(end_ns - begin_ns)});
    Count(record.candidates_before_nms, end_ns, before_nms_);
    Count(record.candidates_after_nms, end_ns, after_nms_);
    stats::AddFrame(lane.work, record.batch_id == part.last_batch_id, begin_ns, end_ns);
    part.last_batch_id = record.batch_id;
    const Stamp scheduled = record.at(Moment::kScheduled);
    if (!scheduled.has_value()) return;
    from_scheduled_.push_back({end_ns, static_cast<double>(end_ns - scheduled.value())});
    if (frames_per_query_ == 0) return;
    // A lane is done with a query before it begins the next.
    std::vector<Query>& queries = part.queries;
    if (queries.empty() || queries.back().id != record.query_id) queries.push_back({.id = record.query_id});
    Query& query = queries.back();
    query.scheduled_ns = scheduled.value();
    query.completed_ns = std::max(query.completed_ns, end_ns);
    ++query.frames;
  }

  static void Count(const std::optional<int32_t>& number, int64_t end_ns, std::vector<Timed>& counts) {
    if (number) counts.push_back({end_ns, static_cast<double>(*number)});
  }

  // The frames of a batch have one inference, and so are left out together.
  bool BeginsTooEarly(std::span<const StageSpan> spans) const {
    return std::any_of(spans.begin(), spans.end(), [this](const StageSpan& span) {
      return IsWholeInference(span.key) && span.begin_ns < from_ns_;
    });
  }

  void AddStages(LaneProgress& lane, const RequestRecord& record, std::span<const StageSpan> spans,
                 bool leads_batch) {
    for (const StageSpan& span : spans) {
      if (IsPerBatch(span.key.stage) && !leads_batch) continue;
      const auto duration_ns = static_cast<double>(span.end_ns - span.begin_ns);
      stages_[span.key].push_back({span.end_ns, duration_ns});
      if (span.key.stage == StageId::kInfer && span.key.sub_stage == 0) lane.infer_ns += duration_ns;
      if (!IsWholeInference(span.key)) continue;
      lane.infer_frames += record.batch_size;
      lane.infer_begins_ns.push_back(span.begin_ns);
      lane.infer_durations_ns.push_back(duration_ns);
    }
  }

  const int frames_per_query_;
  const int64_t from_ns_;
  Samples samples_;
  std::map<StageKey, std::vector<Timed>> stages_;
  std::vector<Timed> latency_;
  std::vector<Timed> from_scheduled_;
  std::vector<Timed> before_nms_;
  std::vector<Timed> after_nms_;
  std::vector<Part> parts_;  // per lane
};

SampleCollector::SampleCollector(int frames_per_query, int64_t from_ns)
    : collector_(std::make_unique<Collector>(frames_per_query, from_ns)) {}
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

Samples CollectSamples(std::span<const RecordLog> lanes, int frames_per_query) {
  SampleCollector::Collector collector(frames_per_query, std::numeric_limits<int64_t>::min());
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    collector.HaveLane(lane);
    lanes[lane].ForEach([&](const RequestRecord& record, std::span<const StageSpan> spans) {
      collector.Add(lane, record, spans);
    });
  }
  return collector.Finish();
}

}  // namespace sightline::analyze
