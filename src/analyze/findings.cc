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
constexpr double kDriftWarning = 0.02;      // of inference, from begin to end of its steady part
constexpr double kSubnormalWarning = 0.01;  // of all outputs
constexpr double kHandoverWarning = 0.1;    // of the time of an inference

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

// "12.3 ms".
std::string Ms(double ns) {
  return fmt::format("{:.4g} ms", ns / 1e6);
}

std::string Seconds(int64_t ns) {
  return fmt::format("{:.1f} s", static_cast<double>(ns) / 1e9);
}

const SteadyState* Settled(const Context& c, std::string_view verdict) {
  const auto& state = c.result.summary.steady_state;
  return state && state->verdict == verdict && !state->levels.empty() ? &*state : nullptr;
}

std::optional<std::string> NoSteadyState(const Context& c) {
  const SteadyState* state = Settled(c, "no steady state");
  if (state == nullptr) return std::nullopt;
  const auto [fastest, slowest] =
      std::minmax_element(state->levels.begin(), state->levels.end(),
                          [](const auto& a, const auto& b) { return a.infer_ns_mean < b.infer_ns_mean; });
  return fmt::format(
      "inference kept changing to the end, between {} and {} in {} stretches; the figures mix them: measure "
      "longer, on a machine that does nothing else",
      Ms(fastest->infer_ns_mean), Ms(slowest->infer_ns_mean), state->levels.size());
}

std::optional<std::string> Slowdown(const Context& c) {
  const SteadyState* state = Settled(c, "slowdown");
  if (state == nullptr) return std::nullopt;
  const auto fastest =
      std::min_element(state->levels.begin(), state->levels.end(),
                       [](const auto& a, const auto& b) { return a.infer_ns_mean < b.infer_ns_mean; });
  return fmt::format(
      "inference took {} at its fastest and {} from {} on; the figures are of the time from then on, {} "
      "frames "
      "before it are left out: measure longer to see whether it lasts",
      Ms(fastest->infer_ns_mean), Ms(state->levels.back().infer_ns_mean), Seconds(state->begin_ns),
      state->frames_left_out);
}

std::optional<std::string> LongWarmUp(const Context& c) {
  const SteadyState* state = Settled(c, "warm-up");
  if (state == nullptr) return std::nullopt;
  return fmt::format(
      "inference took {} at first and {} from {} on; {} frames before that are left out of the figures: a "
      "longer --warm-up saves measuring them",
      Ms(state->levels.front().infer_ns_mean), Ms(state->levels.back().infer_ns_mean),
      Seconds(state->begin_ns), state->frames_left_out);
}

std::optional<std::string> Drifting(const Context& c) {
  const auto& state = c.result.summary.steady_state;
  if (!state || !state->drift || !state->drift->low || !state->drift->high) return std::nullopt;
  const Estimate& drift = *state->drift;
  const bool chance = *drift.low <= 0 && *drift.high >= 0;
  if (chance || std::abs(drift.value) < kDriftWarning) return std::nullopt;
  return fmt::format(
      "inference became {} by {:.1f} % (95 %: {:.1f} to {:.1f} %) from begin to end, little by little",
      drift.value > 0 ? "slower" : "faster", Percent(std::abs(drift.value)),
      Percent(drift.value > 0 ? *drift.low : -*drift.high),
      Percent(drift.value > 0 ? *drift.high : -*drift.low));
}

std::optional<std::string> OutputsNotFinite(const Context& c) {
  const auto& outputs = c.result.outputs;
  if (!outputs || outputs->not_finite == 0) return std::nullopt;
  return fmt::format(
      "{} of the {} values in the first outputs are infinite or no numbers; a network that "
      "computes such may run at another speed than a working one",
      outputs->not_finite, outputs->values);
}

std::optional<std::string> OutputsConstant(const Context& c) {
  const auto& outputs = c.result.outputs;
  if (!outputs || !outputs->constant) return std::nullopt;
  return fmt::format(
      "{} different pictures gave exactly the same outputs; the network ignores its input, or "
      "its weights are no real ones",
      outputs->pictures);
}

std::optional<std::string> OutputsSubnormal(const Context& c) {
  const auto& outputs = c.result.outputs;
  if (!outputs || outputs->values == 0) return std::nullopt;
  const double share = static_cast<double>(outputs->subnormal) / static_cast<double>(outputs->values);
  if (share < kSubnormalWarning) return std::nullopt;
  return fmt::format(
      "{:.1f} % of the values in the first outputs are subnormal (denormal) numbers, which many "
      "processors compute with a hundred times more slowly",
      Percent(share));
}

// The mean time of an inference's part, or of all of it (sub_stage 0); 0 where there is none.
double MeanOfInfer(const Context& c, uint8_t sub_stage) {
  for (const StageSummary& stage : c.result.summary.stages) {
    if (stage.key.stage == StageId::kInfer && stage.key.sub_stage == sub_stage) {
      return stage.latency.mean_ns.value;
    }
  }
  return 0;
}

// What handing the tensors over and taking the results back takes of an inference.
double HandoverShare(const Context& c) {
  const double whole = MeanOfInfer(c, 0);
  return whole > 0 ? (MeanOfInfer(c, SL_SUB_STAGE_BIND) + MeanOfInfer(c, SL_SUB_STAGE_COLLECT)) / whole : 0;
}

std::optional<std::string> LayoutConversion(const Context& c) {
  const BackendFacts& backend = c.result.manifest.backend;
  if (!backend.converts_layout) return std::nullopt;
  const double share = HandoverShare(c);
  const std::string cost = share > 0
                               ? fmt::format("{:.1f} % of it is copying tensors in and out", Percent(share))
                               : std::string("what that costs is not stamped");
  return fmt::format(
      "the model wants its input as {}, which {} turns into its own layout in every inference; {}",
      backend.input_layout, backend.framework, cost);
}

std::optional<std::string> Handover(const Context& c) {
  const double share = HandoverShare(c);
  if (c.result.manifest.backend.converts_layout || share < kHandoverWarning) return std::nullopt;
  return fmt::format(
      "{:.1f} % of an inference is copying tensors into and out of the framework (infer.bind, "
      "infer.collect), not the network",
      Percent(share));
}

std::optional<std::string> RecordsWaited(const Context& c) {
  const uint64_t waits = c.result.record_waits;
  if (waits == 0) return std::nullopt;
  return fmt::format(
      "{} times a lane waited for the disk that takes its records, and measured that too; use a "
      "faster disk (--raw, TMPDIR) or fewer frames per second",
      waits);
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
    {"outputs_not_finite", Severity::kError, OutputsNotFinite},
    {"precision_differs", Severity::kWarning, PrecisionDiffers},
    {"outputs_constant", Severity::kWarning, OutputsConstant},
    {"outputs_subnormal", Severity::kWarning, OutputsSubnormal},
    {"throttled", Severity::kWarning, Throttled},
    {"quota_exhausted", Severity::kWarning, QuotaExhausted},
    {"stolen_cpu", Severity::kWarning, Stolen},
    {"contended", Severity::kWarning, Contended},
    {"no_steady_state", Severity::kWarning, NoSteadyState},
    {"slowdown", Severity::kWarning, Slowdown},
    {"drift", Severity::kWarning, Drifting},
    {"records_waited", Severity::kWarning, RecordsWaited},
    {"stamps_dropped", Severity::kWarning, StampsDropped},
    {"precision_not_reached", Severity::kWarning, PrecisionNotReached},
    {"few_samples", Severity::kWarning, FewSamples},
    {"layout_conversion", Severity::kWarning, LayoutConversion},
    {"handover", Severity::kWarning, Handover},
    {"timer_resolution", Severity::kWarning, TimerResolution},
    {"long_warm_up", Severity::kInfo, LongWarmUp},
    {"more_threads_than_cores", Severity::kInfo, MoreThreadsThanCores},
    {"preprocessing_assumed", Severity::kInfo, PreprocessingAssumed},
};

}  // namespace

std::vector<Finding> FindProblems(const RunResult& result, bool task_assumed) {
  const Context context{result, task_assumed};
  std::vector<Finding> findings;
  for (const Rule& rule : kRules) {
    if (auto sentence = rule.check(context)) {
      findings.push_back({std::string(rule.name), rule.severity, std::move(*sentence),
                          fmt::format("docs/measuring.md#{}", rule.name)});
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
