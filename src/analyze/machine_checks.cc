#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "src/analyze/finding_checks.h"

namespace sightline::analyze {
namespace {

// Thresholds: limits for a warning, not corrections. A median moves by less than its own interval below
// these on the machines this was tried on.
constexpr double kStealWarning = 0.01;
constexpr double kOtherCpuWarning = 0.05;
constexpr double kFrequencyDropWarning = 0.05;
constexpr int64_t kClockStepsPerStage = 100;

}  // namespace

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

std::optional<std::string> RecordsWaited(const Context& c) {
  const uint64_t waits = c.result.record_waits;
  if (waits == 0) return std::nullopt;
  return fmt::format(
      "{} times a lane waited for the disk that takes its records, and measured that too; use a "
      "faster disk (--raw, TMPDIR) or fewer frames per second",
      waits);
}

}  // namespace sightline::analyze
