#include "src/analyze/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "src/stats/stopping.h"

namespace sightline::analyze {
namespace {

// Thresholds. A median moves by less than its own interval below these on the machines this was tried on;
// they are limits for a warning, not corrections.
constexpr double kStealWarning = 0.01;
constexpr double kOtherCpuWarning = 0.05;
constexpr double kFrequencyDropWarning = 0.05;
constexpr double kWideInterval = 0.05;  // longer side of an interval against its figure
constexpr int64_t kClockStepsPerStage = 100;

struct Context {
  const RunResult& result;
  bool task_assumed;
};

// A check gives the sentence, or nothing when all is well.
using Check = std::optional<std::string> (*)(const Context&);

double Percent(double fraction) {
  return fraction * 100;
}

std::optional<std::string> Stolen(const Context& c) {
  const auto steal = c.result.disturbance.steal_fraction;
  if (!steal || *steal < kStealWarning) return std::nullopt;
  return fmt::format(
      "the hypervisor gave {:.1f} % of this machine's core time to others; latencies include it",
      Percent(*steal));
}

std::optional<std::string> Contended(const Context& c) {
  const auto other = c.result.disturbance.other_cpu_fraction;
  if (!other || *other < kOtherCpuWarning) return std::nullopt;
  return fmt::format("other processes used {:.1f} % of the allowed cores' time; stop them or --pin the run",
                     Percent(*other));
}

std::optional<std::string> Throttled(const Context& c) {
  const Disturbance& d = c.result.disturbance;
  if (const int64_t times = d.throttle_count.value_or(0); times > 0) {
    return fmt::format("the processor lowered its clock for heat {} times", times);
  }
  if (d.frequency_begin_mhz && d.frequency_end_mhz &&
      *d.frequency_end_mhz < *d.frequency_begin_mhz * (1 - kFrequencyDropWarning)) {
    return fmt::format("the clock fell from {:.0f} to {:.0f} MHz during the run", *d.frequency_begin_mhz,
                       *d.frequency_end_mhz);
  }
  return std::nullopt;
}

std::optional<std::string> QuotaExhausted(const Context& c) {
  const auto count = c.result.disturbance.cgroup_throttle_count;
  if (!count || *count == 0) return std::nullopt;
  return fmt::format("the container's CPU quota ran out in {} periods, and threads stood still meanwhile",
                     *count);
}

std::optional<std::string> Swapped(const Context& c) {
  const Disturbance& d = c.result.disturbance;
  const int64_t pages = d.swap_in_pages.value_or(0) + d.swap_out_pages.value_or(0);
  if (pages == 0) return std::nullopt;
  return fmt::format("the machine moved {} pages to or from swap during the run", pages);
}

// The longer side of the interval against the figure, as tables show it; nullopt where there is none.
std::optional<double> Side(const Estimate& estimate) {
  if (!estimate.low || !estimate.high) return std::nullopt;
  return stats::RelativeHalfWidth(estimate.value, {.low = *estimate.low, .high = *estimate.high});
}

std::optional<std::string> FewSamples(const Context& c) {
  const DurationSummary& latency = c.result.summary.latency;
  if (c.result.summary.frames == 0) return std::nullopt;
  const auto median = latency.percentiles_ns.find(500);
  if (median == latency.percentiles_ns.end()) {
    return fmt::format(
        "{} frames worth {:.0f} independent ones are too few for an interval of the median; measure "
        "longer (--duration)",
        latency.count, latency.effective_count);
  }
  const double of_median = Side(median->second).value_or(0);
  const Estimate& rate = c.result.summary.throughput_per_s;
  if (rate.value > 0 && !rate.low) {
    return std::string(
        "the batches are too few, or depend too much on each other, for an interval of the throughput; "
        "measure longer (--duration)");
  }
  const double of_rate = Side(rate).value_or(0);
  std::string known;
  if (of_median > kWideInterval) known = fmt::format("the median latency to ±{:.0f} %", Percent(of_median));
  if (of_rate > kWideInterval) {
    known += fmt::format("{}the throughput to ±{:.0f} %", known.empty() ? "" : " and ", Percent(of_rate));
  }
  if (known.empty()) return std::nullopt;
  return fmt::format("this run tells {} only; measure longer (--duration)", known);
}

std::optional<std::string> NothingMeasured(const Context& c) {
  if (c.result.summary.frames > 0) return std::nullopt;
  return std::string("no frame was measured to its end");
}

// Judged by all that was measured: a look that was due after the cap finds what it finds here.
std::optional<std::string> PrecisionNotReached(const Context& c) {
  const std::optional<StopGoal> goal = GoalOf(c.result.manifest);
  if (!goal || c.result.goal_reached.value_or(false) || c.result.partial) return std::nullopt;
  const std::optional<Estimate> figure = FigureOf(c.result.summary, goal->quantity);
  const std::optional<double> reached = figure ? Side(*figure) : std::nullopt;
  if (reached && *reached <= goal->half_width) return std::nullopt;
  return fmt::format("{} {}; ±{:.3g} % was asked for; measure longer (--duration, --iterations)",
                     QuantityName(goal->quantity),
                     reached ? fmt::format("is known to ±{:.3g} % only", Percent(*reached))
                             : std::string("has no interval yet"),
                     Percent(goal->half_width));
}

std::optional<std::string> TimerResolution(const Context& c) {
  const RunManifest& m = c.result.manifest;
  for (const StageSummary& stage : c.result.summary.stages) {
    if (stage.key.stage != StageId::kInfer || stage.key.sub_stage != 0) continue;
    const int64_t step_ns = std::max(m.clock_resolution_ns, m.clock_read_cost_ns);
    if (stage.latency.mean_ns.value < static_cast<double>(kClockStepsPerStage * step_ns)) {
      return fmt::format("inference takes {:.0f} ns; the clock ticks every {} ns and reading it costs {} ns",
                         stage.latency.mean_ns.value, m.clock_resolution_ns, m.clock_read_cost_ns);
    }
  }
  return std::nullopt;
}

std::optional<std::string> MoreThreadsThanCores(const Context& c) {
  const RunManifest& m = c.result.manifest;
  // What was asked for counts too: a framework may start no more threads than there are cores.
  const int each = std::max({m.backend.intra_threads, m.trial.threads.value_or(0), 1});
  const int threads = each * m.trial.instances;
  const int cores = static_cast<int>(m.machine.allowed_cores.size());
  if (cores == 0 || threads <= cores) return std::nullopt;
  return fmt::format("{} instances x {} threads share {} cores", m.trial.instances, each, cores);
}

std::optional<std::string> PrecisionDiffers(const Context& c) {
  const RunManifest& m = c.result.manifest;
  const std::string asked(DataTypeName(m.trial.precision));
  if (asked == m.backend.precision_run) return std::nullopt;
  return fmt::format("{} was asked for and {} ran", asked, m.backend.precision_run);
}

std::optional<std::string> PreprocessingAssumed(const Context& c) {
  if (!c.task_assumed) return std::nullopt;
  return "nobody described this model's preprocessing; assumed: " + c.result.manifest.model.preprocess;
}

std::optional<std::string> FramesFailed(const Context& c) {
  int64_t failed = 0;
  for (const auto& [outcome, count] : c.result.summary.outcomes) failed += outcome == "ok" ? 0 : count;
  if (failed == 0) return std::nullopt;
  return fmt::format("{} frames did not come to a result", failed);
}

std::optional<std::string> StampsDropped(const Context& c) {
  const int64_t dropped = c.result.summary.dropped_spans;
  if (dropped == 0) return std::nullopt;
  return fmt::format("{} stamps found no room in their frame's record, so the last stages are incomplete",
                     dropped);
}

struct Rule {
  std::string_view name;
  Severity severity;
  Check check;
};

// Worst first.
constexpr Rule kRules[] = {
    {"nothing_measured", Severity::kError, NothingMeasured},
    {"frames_failed", Severity::kError, FramesFailed},
    {"swapped", Severity::kError, Swapped},
    {"precision_differs", Severity::kWarning, PrecisionDiffers},
    {"throttled", Severity::kWarning, Throttled},
    {"quota_exhausted", Severity::kWarning, QuotaExhausted},
    {"stolen_cpu", Severity::kWarning, Stolen},
    {"contended", Severity::kWarning, Contended},
    {"stamps_dropped", Severity::kWarning, StampsDropped},
    {"precision_not_reached", Severity::kWarning, PrecisionNotReached},
    {"few_samples", Severity::kWarning, FewSamples},
    {"timer_resolution", Severity::kWarning, TimerResolution},
    {"more_threads_than_cores", Severity::kInfo, MoreThreadsThanCores},
    {"preprocessing_assumed", Severity::kInfo, PreprocessingAssumed},
};

}  // namespace

std::vector<Finding> FindProblems(const RunResult& result, bool task_assumed) {
  const Context context{result, task_assumed};
  std::vector<Finding> findings;
  for (const Rule& rule : kRules) {
    if (auto sentence = rule.check(context)) {
      findings.push_back({std::string(rule.name), rule.severity, std::move(*sentence)});
    }
  }
  return findings;
}

std::vector<std::string_view> FindingNames() {
  std::vector<std::string_view> names;
  for (const Rule& rule : kRules) names.push_back(rule.name);
  return names;
}

}  // namespace sightline::analyze
