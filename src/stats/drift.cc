#include "src/stats/drift.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/stats/dependence.h"
#include "src/stats/distributions.h"
#include "src/stats/series.h"

namespace sightline::stats {
namespace {

constexpr size_t kMostMeans = 256;
constexpr double kFewestIndependent = 20;

std::vector<double> SortedPairSlopes(std::span<const double> series) {
  std::vector<double> slopes;
  slopes.reserve(series.size() * (series.size() - 1) / 2);
  for (size_t i = 0; i < series.size(); ++i)
    for (size_t k = i + 1; k < series.size(); ++k)
      slopes.push_back((series[k] - series[i]) / static_cast<double>(k - i));
  std::sort(slopes.begin(), slopes.end());
  return slopes;
}

double Middle(std::span<const double> sorted) {
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

Dependence OfResiduals(std::vector<double> series, double slope) {
  for (size_t i = 0; i < series.size(); ++i) series[i] -= slope * static_cast<double>(i);
  return MeasureDependence(series);
}

// The slopes of ranks (N - C) / 2 and (N + C) / 2 + 1 of N, with C = t sqrt(Var S); rounded outwards.
Interval SlopeInterval(std::span<const double> sorted, size_t count, const Dependence& dependence) {
  const auto n = static_cast<double>(count);
  const double variance = n * (n - 1) * (2 * n + 5) / 18 * dependence.inflation;
  const double reach = StudentTQuantile(1 - kTail, dependence.effective_count - 2) * std::sqrt(variance);
  const auto pairs = static_cast<double>(sorted.size());
  const double low = std::floor((pairs - reach) / 2);
  const double high = std::ceil((pairs + reach) / 2) + 1;
  return {.low = sorted[static_cast<size_t>(std::clamp(low, 1.0, pairs)) - 1],
          .high = sorted[static_cast<size_t>(std::clamp(high, 1.0, pairs)) - 1]};
}

}  // namespace

std::optional<Drift> EstimateDrift(std::span<const double> samples) {
  const size_t group = GroupLength(samples.size(), kMostMeans);
  const std::vector<double> means = GroupMeans(samples, group);
  if (static_cast<double>(means.size()) < kFewestIndependent) return std::nullopt;
  const double level = std::abs(MedianOf({samples.begin(), samples.end()}));
  if (level == 0) return std::nullopt;
  const std::vector<double> slopes = SortedPairSlopes(means);
  const double slope = Middle(slopes);
  const Dependence dependence = OfResiduals(means, slope);
  if (dependence.effective_count < kFewestIndependent) return std::nullopt;
  const Interval interval = SlopeInterval(slopes, means.size(), dependence);
  const double run = static_cast<double>(samples.size() - 1) / static_cast<double>(group) / level;
  return Drift{.change = slope * run,
               .interval = {.low = interval.low * run, .high = interval.high * run},
               .effective_count = dependence.effective_count};
}

bool Drifts(const Drift& drift, double threshold) {
  const bool chance = drift.interval.low <= 0 && drift.interval.high >= 0;
  return !chance && std::abs(drift.change) >= threshold;
}

}  // namespace sightline::stats
