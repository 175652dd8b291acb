#include "src/analyze/summary.h"

#include <algorithm>
#include <limits>

#include "src/analyze/samples.h"
#include "src/analyze/settling.h"
#include "src/stats/early_stopping.h"
#include "src/stats/mean.h"
#include "src/stats/quantile.h"
#include "src/stats/throughput.h"

namespace sightline::analyze {
namespace {

constexpr double kNsPerS = 1e9;

std::vector<double> Shares() {
  std::vector<double> shares;
  for (const int per_mille : kPercentilesPerMille) shares.push_back(per_mille / 1000.0);
  return shares;
}

DurationSummary SummarizeDurations(const std::vector<double>& samples, stats::OrderStatistics& order) {
  DurationSummary summary;
  if (samples.empty()) return summary;
  const stats::MeanEstimate mean = stats::EstimateMean(samples);
  summary.count = mean.moments.count();
  summary.effective_count = mean.effective_count;
  summary.min_ns = mean.moments.min();
  summary.max_ns = mean.moments.max();
  summary.stddev_ns = mean.moments.stddev();
  summary.mean_ns.value = mean.moments.mean();
  if (mean.interval) {
    // Student's t knows nothing of what is measured; no duration is below 0.
    summary.mean_ns.low = std::max(mean.interval->low, 0.0);
    summary.mean_ns.high = mean.interval->high;
  }
  const auto quantiles = stats::EstimateQuantiles(samples, order, Shares());
  for (size_t i = 0; i < quantiles.size(); ++i) {
    const auto& estimate = quantiles[i].estimate;
    if (!estimate) continue;
    summary.percentiles_ns[kPercentilesPerMille[i]] = {estimate->value, estimate->interval.low,
                                                       estimate->interval.high};
  }
  return summary;
}

DurationSummary SummarizeDurations(const std::vector<double>& samples) {
  stats::OrderStatistics order(samples);
  return SummarizeDurations(samples, order);
}

// Of latencies that LoadGen would give a bound for.
DurationSummary SummarizeLatencies(const std::vector<double>& samples) {
  stats::OrderStatistics order(samples);
  DurationSummary summary = SummarizeDurations(samples, order);
  for (const int per_mille : kPercentilesPerMille) {
    const auto bound = stats::EarlyStoppingEstimate(order, per_mille / 1000.0);
    if (bound) summary.early_stopping_ns[per_mille] = *bound;
  }
  return summary;
}

Estimate Throughput(const std::vector<LaneProgress>& lanes) {
  std::vector<stats::LaneWork> work;
  work.reserve(lanes.size());
  for (const LaneProgress& lane : lanes) work.push_back(lane.work);
  const stats::ThroughputEstimate estimate = stats::EstimateThroughput(work);
  Estimate result{.value = estimate.per_s};
  if (estimate.interval) {
    result.low = estimate.interval->low;
    result.high = estimate.interval->high;
  }
  return result;
}

// nullopt where nothing was counted.
std::optional<CountSummary> SummarizeCounts(const std::vector<double>& samples) {
  if (samples.empty()) return std::nullopt;
  const stats::MeanEstimate mean = stats::EstimateMean(samples);
  CountSummary summary{.count = mean.moments.count(),
                       .mean = {.value = mean.moments.mean()},
                       .min = mean.moments.min(),
                       .max = mean.moments.max()};
  if (mean.interval) {
    summary.mean.low = std::max(mean.interval->low, 0.0);
    summary.mean.high = mean.interval->high;
  }
  return summary;
}

// Each lane's frames over its own time in inference, summed; the interval is that of the mean inference time.
Estimate InferThroughput(const std::vector<LaneProgress>& lanes, const std::vector<StageSummary>& stages) {
  Estimate result;
  for (const LaneProgress& lane : lanes) {
    if (lane.infer_ns > 0) result.value += static_cast<double>(lane.infer_frames) / lane.infer_ns * kNsPerS;
  }
  for (const StageSummary& stage : stages) {
    if (stage.key != StageKey{StageId::kInfer}) continue;
    const auto& [mean, low, high] = stage.latency.mean_ns;
    if (!low || !high || *low <= 0) continue;
    result.low = result.value * mean / *high;
    result.high = result.value * mean / *low;
  }
  return result;
}

double MeasuredSeconds(const std::vector<LaneProgress>& lanes) {
  int64_t begin_ns = std::numeric_limits<int64_t>::max();
  int64_t end_ns = std::numeric_limits<int64_t>::min();
  for (const LaneProgress& lane : lanes) {
    if (lane.work.completions.empty()) continue;
    begin_ns = std::min(begin_ns, lane.work.begin_ns);
    end_ns = std::max(end_ns, lane.work.completions.back().at_ns);
  }
  return end_ns > begin_ns ? static_cast<double>(end_ns - begin_ns) / kNsPerS : 0;
}

}  // namespace

RunSummary Summarize(std::span<const RecordLog> lanes, int frames_per_query) {
  return Summarize(CollectSamples(lanes, frames_per_query));
}

RunSummary Summarize(const Samples& samples) {
  RunSummary summary;
  summary.frames = static_cast<int64_t>(samples.latency.size());
  summary.batches = samples.batches;
  summary.outcomes = samples.outcomes;
  summary.dropped_spans = samples.dropped_spans;
  summary.measured_s = MeasuredSeconds(samples.lanes);
  summary.latency = SummarizeLatencies(samples.latency);
  if (!samples.latency_from_scheduled.empty()) {
    summary.latency_from_scheduled = SummarizeDurations(samples.latency_from_scheduled);
  }
  if (!samples.query_latency.empty()) summary.query_latency = SummarizeLatencies(samples.query_latency);
  for (const auto& [key, durations] : samples.stages) {
    summary.stages.push_back({.key = key, .latency = SummarizeDurations(durations)});
  }
  summary.candidates_before_nms = SummarizeCounts(samples.candidates_before_nms);
  summary.candidates_after_nms = SummarizeCounts(samples.candidates_after_nms);
  summary.unusable_outputs = samples.unusable_outputs;
  summary.throughput_per_s = Throughput(samples.lanes);
  summary.infer_throughput_per_s = InferThroughput(samples.lanes, summary.stages);
  return summary;
}

Result<SettledSamples> CollectSettled(const RecordScan& records, int frames_per_query) {
  const auto collect = [&](int64_t from_ns) -> Result<Samples> {
    SampleCollector collector(frames_per_query, from_ns);
    SIGHTLINE_RETURN_IF_ERROR(records([&](const RequestRecord& record, std::span<const StageSpan> spans) {
      collector.Add(record, spans);
    }));
    return collector.Finish();
  };
  SettledSamples settled;
  SIGHTLINE_ASSIGN_OR_RETURN(settled.samples, collect(std::numeric_limits<int64_t>::min()));
  std::optional<Settling> settling = FindSettling(settled.samples.lanes);
  if (settling && settling->from_ns) {
    settled.samples = {};  // of a long run two of these would be much memory
    SIGHTLINE_ASSIGN_OR_RETURN(settled.samples, collect(*settling->from_ns));
    settling->state.frames_left_out = settled.samples.left_out;
  }
  if (settling) settled.state = std::move(settling->state);
  return settled;
}

Result<RunSummary> SummarizeSettled(const RecordScan& records, int frames_per_query) {
  SIGHTLINE_ASSIGN_OR_RETURN(SettledSamples settled, CollectSettled(records, frames_per_query));
  RunSummary summary = Summarize(settled.samples);
  summary.steady_state = std::move(settled.state);
  return summary;
}

}  // namespace sightline::analyze
