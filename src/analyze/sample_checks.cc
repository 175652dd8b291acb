#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "src/analyze/finding_checks.h"
#include "src/stats/stopping.h"

namespace sightline::analyze {
namespace {

// Thresholds: limits for a warning.
constexpr double kWideInterval = 0.05;  // longer side of an interval against its figure
constexpr double kDriftWarning = 0.02;  // of inference, from begin to end of its steady part

// The longer side of the interval against the figure, as tables show it; nullopt where there is none.
std::optional<double> Side(const Estimate& estimate) {
  if (!estimate.low || !estimate.high) return std::nullopt;
  return stats::RelativeHalfWidth(estimate.value, {.low = *estimate.low, .high = *estimate.high});
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

}  // namespace

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

// Judged by the figures: a look that was due after the cap finds what it finds here, and the rule looked at
// frames too that are left out of them since inference settled later.
std::optional<std::string> PrecisionNotReached(const Context& c) {
  const std::optional<StopGoal> goal = GoalOf(c.result.manifest);
  const auto& settling = c.result.summary.steady_state;
  const bool left_out = settling && settling->frames_left_out > 0;
  const bool stopped = c.result.goal_reached.value_or(false);
  if (!goal || (stopped && !left_out) || c.result.partial) return std::nullopt;
  const std::optional<Estimate> figure = FigureOf(c.result.summary, goal->quantity);
  const std::optional<double> reached = figure ? Side(*figure) : std::nullopt;
  if (reached && *reached <= goal->half_width) return std::nullopt;
  const std::string_view advice =
      stopped ? "frames before inference settled had seemed enough: warm up longer (--warm-up)"
              : "measure longer (--duration, --iterations)";
  return fmt::format("{} {}; ±{:.3g} % was asked for; {}", QuantityName(goal->quantity),
                     reached ? fmt::format("is known to ±{:.3g} % only", Percent(*reached))
                             : std::string("has no interval yet"),
                     Percent(goal->half_width), advice);
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

}  // namespace sightline::analyze
