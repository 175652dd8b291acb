#include "src/analyze/profile.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "src/analyze/layer_groups.h"
#include "src/analyze/profile_rows.h"
#include "src/base/check.h"
#include "src/stats/quantile.h"

namespace sightline::analyze {
namespace {

std::vector<FrameworkLayer> FrameworkLayers(const ProfileSamples& samples) {
  std::vector<FrameworkLayer> layers;
  for (const LayerSeries& series : samples.layers) {
    const bool has_time =
        std::any_of(series.durations_ns.begin(), series.durations_ns.end(), [](double ns) { return ns > 0; });
    layers.push_back({series.name, series.type, has_time});
  }
  return layers;
}

// Where the interval of a median is not known, a verdict has to allow for every sample.
Range CautiousRange(const Estimate& estimate, const std::vector<double>& samples) {
  if (estimate.low && estimate.high) return RangeOf(estimate);
  const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
  return {estimate.value, *low, *high};
}

int64_t WeightBytes(const LayerGraph& graph) {
  int64_t bytes = 0;
  for (const GraphTensor& tensor : graph.tensors) bytes += tensor.weight ? tensor.bytes : 0;
  return bytes;
}

ProfileRow Finished(const TimedRow& timed, const Estimate& inference_ns) {
  ProfileRow row = timed.row;
  row.duration_ns = MedianEstimate(timed.durations_ns);
  if (inference_ns.value > 0) row.share = row.duration_ns.value / inference_ns.value;
  return row;
}

// In the order of the samples' runs.
std::vector<double> SumsOfLayers(const ProfileSamples& samples) {
  std::vector<double> sums(samples.profiled_ns.size());
  for (const LayerSeries& layer : samples.layers) AddSeries(sums, layer.durations_ns);
  return sums;
}

Estimate Difference(const Estimate& a, const Estimate& b) {
  Estimate difference{.value = a.value - b.value};
  if (!a.low || !a.high || !b.low || !b.high) return difference;
  difference.low = *a.low - *b.high;
  difference.high = *a.high - *b.low;
  return difference;
}

}  // namespace

Profile MakeProfile(const ProfileSamples& samples, const LayerGraph& graph,
                    const std::optional<Roofs>& roofs) {
  SIGHTLINE_CHECK(!samples.profiled_ns.empty() && !samples.inference_ns.empty());
  const LayerGroups groups = GroupLayers(graph, FrameworkLayers(samples));
  const std::vector<TimedRow> rows = MakeRows(samples, graph, groups.groups);
  Profile profile;
  profile.runs = static_cast<int64_t>(samples.profiled_ns.size());
  profile.inference_ns = MedianEstimate(samples.inference_ns);
  profile.profiled_ns = MedianEstimate(samples.profiled_ns);
  profile.layers_ns = MedianEstimate(SumsOfLayers(samples));
  profile.unattributed_ns = Difference(profile.inference_ns, profile.layers_ns);
  profile.roofs = roofs;
  for (const TimedRow& timed : rows) {
    ProfileRow row = Finished(timed, profile.inference_ns);
    if (roofs) {
      row.roofline =
          Judge(row.work, CautiousRange(row.duration_ns, timed.durations_ns), *roofs, WeightBytes(graph));
    }
    profile.rows.push_back(std::move(row));
  }
  for (const TimedRow& timed : SumByType(rows)) {
    profile.types.push_back(Finished(timed, profile.inference_ns));
  }
  std::sort(profile.types.begin(), profile.types.end(), [](const ProfileRow& a, const ProfileRow& b) {
    return std::tie(b.duration_ns.value, a.type) < std::tie(a.duration_ns.value, b.type);
  });
  for (const int node : groups.nodes_without_time) {
    profile.nodes_without_time.push_back(graph.nodes[static_cast<size_t>(node)].name);
  }
  return profile;
}

Estimate MedianEstimate(std::span<const double> samples) {
  SIGHTLINE_CHECK(!samples.empty());
  constexpr std::array<double, 1> kMedian = {0.5};
  stats::OrderStatistics order(samples);
  Estimate estimate{.value = order.Quantile(0.5)};
  const std::vector<stats::Quantile> quantiles = stats::EstimateQuantiles(samples, order, kMedian);
  if (const auto& median = quantiles.front().estimate) {
    estimate.low = median->interval.low;
    estimate.high = median->interval.high;
  }
  return estimate;
}

Estimate RoofEstimate(std::span<const double> rates) {
  SIGHTLINE_CHECK(!rates.empty());
  stats::OrderStatistics order(rates);
  const double best = order.Quantile(1);
  return {.value = best, .low = order.Quantile(0.9), .high = best};
}

size_t TypicalRun(const ProfileSamples& samples) {
  const std::vector<double> sums = SumsOfLayers(samples);
  SIGHTLINE_CHECK(!sums.empty());
  const double median = stats::OrderStatistics(sums).Quantile(0.5);
  return static_cast<size_t>(std::find(sums.begin(), sums.end(), median) - sums.begin());
}

}  // namespace sightline::analyze
