#include "src/flow/run_result.h"

namespace sightline {

std::string PercentileName(int per_mille) {
  std::string name = "p" + std::to_string(per_mille / 10);
  if (per_mille % 10 != 0) name += "_" + std::to_string(per_mille % 10);
  return name;
}

std::string_view SeverityName(Severity severity) {
  constexpr std::string_view kNames[] = {"info", "warning", "error"};
  return kNames[static_cast<size_t>(severity)];
}

std::optional<StopGoal> GoalOf(const RunManifest& manifest) {
  return manifest.limits ? manifest.limits->stop_when : std::nullopt;
}

std::optional<Estimate> FigureOf(const RunSummary& summary, Quantity quantity) {
  if (quantity == Quantity::kThroughput) {
    return summary.throughput_per_s.value > 0 ? std::optional(summary.throughput_per_s) : std::nullopt;
  }
  if (const auto per_mille = PerMilleOf(quantity)) {
    const auto found = summary.latency.percentiles_ns.find(*per_mille);
    return found == summary.latency.percentiles_ns.end() ? std::nullopt : std::optional(found->second);
  }
  return summary.latency.count > 0 ? std::optional(summary.latency.mean_ns) : std::nullopt;
}

}  // namespace sightline
