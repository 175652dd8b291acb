#include "src/analyze/launch_components.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/analyze/summary.h"
#include "src/store/result_json.h"

namespace sightline::analyze {
namespace {

constexpr double kNsPerS = 1e9;
constexpr size_t kFewestFrames = 2;  // for a variance

void AddCosts(const std::vector<LaunchSamples>& launches, LaunchComponents& components) {
  double besides_s = 0;
  double measured_s = 0;
  double frames = 0;
  for (const LaunchSamples& launch : launches) {
    besides_s += launch.wall_s - launch.measured_s;
    measured_s += launch.measured_s;
    frames += static_cast<double>(launch.latency_ns.size());
  }
  components.launch_cost_s = std::max(besides_s, 0.0) / static_cast<double>(launches.size());
  components.frame_cost_s = measured_s / frames;
}

void AddShares(LaunchComponents& components) {
  if (!components.variance || components.variance->launch_means <= 0) return;
  const stats::VarianceComponents& variance = *components.variance;
  const double between = variance.between / variance.launch_means;
  components.between = between;
  components.within = 1 - between;
  // Only where both took time at all.
  if (components.launch_cost_s <= 0 || components.frame_cost_s <= 0) return;
  components.worthwhile_frames =
      stats::WorthwhileSamples(variance, components.launch_cost_s, components.frame_cost_s);
}

Result<LaunchSamples> ReadLaunch(store::StudyStore& store, const ReplicateInfo& replicate) {
  SIGHTLINE_ASSIGN_OR_RETURN(
      const RunResult result,
      store::ResultFromJson(replicate.result_json, fmt::format("replicate {}", replicate.id)));
  const RecordScan scan = [&](const RecordVisitor& visit) {
    return store.ForEachRecord(replicate.id, visit).status();
  };
  auto settled = CollectSettled(scan);
  if (!settled.ok()) return settled.error().WithContext(fmt::format("replicate {}", replicate.id));
  return LaunchSamples{.latency_ns = std::move(settled->samples.latency),
                       .measured_s = result.summary.measured_s,
                       .wall_s = static_cast<double>(replicate.wall_ns) / kNsPerS};
}

}  // namespace

LaunchComponents ComponentsOf(std::vector<LaunchSamples> launches) {
  std::erase_if(launches, [](const auto& launch) { return launch.latency_ns.size() < kFewestFrames; });
  LaunchComponents components{.launches = static_cast<int64_t>(launches.size())};
  if (launches.size() < 2) return components;
  AddCosts(launches, components);
  std::vector<std::vector<double>> samples;
  samples.reserve(launches.size());
  for (LaunchSamples& launch : launches) samples.push_back(std::move(launch.latency_ns));
  components.variance = stats::EstimateComponents(samples);
  AddShares(components);
  return components;
}

Result<std::vector<LaunchComponents>> StudyComponents(store::StudyStore& store,
                                                      const StudyContents& contents) {
  std::vector<LaunchComponents> components;
  components.reserve(contents.trials.size());
  for (const TrialInfo& trial : contents.trials) {
    std::vector<LaunchSamples> launches;
    for (const ReplicateInfo& replicate : contents.replicates) {
      if (replicate.trial_id != trial.id || replicate.status != ReplicateStatus::kDone) continue;
      SIGHTLINE_ASSIGN_OR_RETURN(LaunchSamples launch, ReadLaunch(store, replicate));
      launches.push_back(std::move(launch));
    }
    components.push_back(ComponentsOf(std::move(launches)));
  }
  return components;
}

}  // namespace sightline::analyze
