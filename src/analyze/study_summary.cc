#include "src/analyze/study_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/stats/across_launches.h"
#include "src/store/result_json.h"

namespace sightline::analyze {
namespace {

// The figures of a trial's launches.
struct Figures {
  std::vector<double> latency_ns_p50;
  std::vector<double> throughput_per_s;
};

std::optional<Estimate> AcrossLaunches(const std::vector<double>& figures) {
  if (figures.empty()) return std::nullopt;
  const stats::LaunchesEstimate launches = stats::EstimateAcrossLaunches(figures);
  Estimate estimate{.value = launches.mean};
  if (launches.interval) {
    estimate.low = std::max(launches.interval->low, 0.0);  // neither figure can be less
    estimate.high = launches.interval->high;
  }
  return estimate;
}

void AddResult(const RunResult& result, TrialSummary& trial, Figures& figures) {
  const auto& percentiles = result.summary.latency.percentiles_ns;
  if (const auto median = percentiles.find(500); median != percentiles.end()) {
    figures.latency_ns_p50.push_back(median->second.value);
  }
  if (result.summary.throughput_per_s.value > 0) {
    figures.throughput_per_s.push_back(result.summary.throughput_per_s.value);
  }
  for (const Finding& finding : result.findings) {
    if (finding.severity == Severity::kInfo) continue;
    if (std::find(trial.findings.begin(), trial.findings.end(), finding.name) == trial.findings.end()) {
      trial.findings.push_back(finding.name);
    }
  }
}

Status AddReplicate(const ReplicateInfo& replicate, TrialSummary& trial, Figures& figures) {
  switch (replicate.status) {
    case ReplicateStatus::kPlanned:
    case ReplicateStatus::kRunning:
      ++trial.planned;
      break;
    case ReplicateStatus::kAbandoned:
      ++trial.abandoned;
      break;
    case ReplicateStatus::kFailed:
      ++trial.failed;
      trial.failures.push_back({.launch = replicate.number + 1, .why = FailureText(replicate)});
      break;
    case ReplicateStatus::kDone: {
      ++trial.done;
      SIGHTLINE_ASSIGN_OR_RETURN(
          const RunResult result,
          store::ResultFromJson(replicate.result_json, fmt::format("replicate {}", replicate.id)));
      AddResult(result, trial, figures);
      break;
    }
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<TrialSummary>> SummarizeStudy(const StudyContents& contents) {
  std::map<int64_t, size_t> positions;
  std::vector<TrialSummary> trials;
  for (const TrialInfo& trial : contents.trials) {
    positions[trial.id] = trials.size();
    trials.push_back({.factors = trial.factors});
  }
  std::vector<Figures> figures(trials.size());
  for (const ReplicateInfo& replicate : contents.replicates) {
    const size_t position = positions.at(replicate.trial_id);
    SIGHTLINE_RETURN_IF_ERROR(AddReplicate(replicate, trials[position], figures[position]));
  }
  for (size_t i = 0; i < trials.size(); ++i) {
    trials[i].latency_launches = static_cast<int>(figures[i].latency_ns_p50.size());
    trials[i].throughput_launches = static_cast<int>(figures[i].throughput_per_s.size());
    trials[i].latency_ns_p50 = AcrossLaunches(figures[i].latency_ns_p50);
    trials[i].throughput_per_s = AcrossLaunches(figures[i].throughput_per_s);
  }
  return trials;
}

}  // namespace sightline::analyze
