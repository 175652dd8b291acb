#include "src/stats/dependence.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/stats/spread.h"

namespace sightline::stats {
namespace {

constexpr size_t kLongestSeries = 4096;  // longer ones are averaged in groups, which bounds the time to O(n)
constexpr double kOrdersPerDecade = 10;  // highest order: 10 log10 n, the default of R's ar()

// Variance and autocovariances of a series at lags 0 .. highest order, divided by n as Yule-Walker needs for
// a stationary fit.
std::vector<double> Autocovariances(std::span<const double> series, size_t highest_lag) {
  double mean = 0;
  for (const double x : series) mean += x;
  mean /= static_cast<double>(series.size());
  std::vector<double> centred(series.begin(), series.end());
  for (double& x : centred) x -= mean;
  std::vector<double> covariances(highest_lag + 1);
  for (size_t lag = 0; lag <= highest_lag; ++lag) {
    double sum = 0;
    for (size_t i = lag; i < centred.size(); ++i) sum += centred[i] * centred[i - lag];
    covariances[lag] = sum / static_cast<double>(series.size());
  }
  return covariances;
}

// Long-run variance over variance: fits autoregressions of every order by the Levinson-Durbin recursion and
// takes the one with the least AIC.
double LongRunRatio(std::span<const double> covariances, size_t count) {
  const double n = static_cast<double>(count);
  std::vector<double> phi;
  double innovation = covariances[0];
  double ratio = 1;
  double best_aic = n * std::log(innovation);
  for (size_t order = 1; order < covariances.size(); ++order) {
    double unexplained = covariances[order];
    for (size_t i = 0; i + 1 < order; ++i) unexplained -= phi[i] * covariances[order - 1 - i];
    const double reflection = unexplained / innovation;
    std::vector<double> next(order);
    for (size_t i = 0; i + 1 < order; ++i) next[i] = phi[i] - reflection * phi[order - 2 - i];
    next[order - 1] = reflection;
    phi = std::move(next);
    innovation *= 1 - reflection * reflection;
    if (!(innovation > covariances[0] * 1e-12))
      break;  // a perfectly predictable series: no order beyond this one
    const double aic = n * std::log(innovation) + 2 * static_cast<double>(order);
    if (aic >= best_aic) continue;
    best_aic = aic;
    double gain = 1;
    for (const double coefficient : phi) gain -= coefficient;
    ratio = innovation / (gain * gain) / covariances[0];
  }
  return ratio;
}

// The means of adjacent groups of value(0) .. value(count - 1); values that don't fill the last group are
// left out.
template <typename Value>
std::vector<double> GroupMeans(size_t count, size_t group, Value value) {
  std::vector<double> means(count / group);
  for (size_t i = 0; i < means.size(); ++i) {
    for (size_t k = i * group; k < (i + 1) * group; ++k) means[i] += value(k);
    means[i] /= static_cast<double>(group);
  }
  return means;
}

// Long-run variance over variance of value(0) .. value(count - 1), count >= 2, not below 1 and not above
// count.
template <typename Value>
double MeasureInflation(size_t count, Value value) {
  const double variance = SpreadOf(count, value).variance;
  const size_t group = 1 + (count - 1) / kLongestSeries;
  const std::vector<double> series = GroupMeans(count, group, value);
  const auto highest_order = static_cast<size_t>(kOrdersPerDecade * std::log10(series.size()));
  const std::vector<double> covariances = Autocovariances(series, std::min(highest_order, series.size() / 4));
  if (variance == 0 || covariances[0] <= 0) return 1;
  const double group_ratio = covariances[0] * static_cast<double>(group) / variance;
  return std::clamp(LongRunRatio(covariances, series.size()) * group_ratio, 1.0, static_cast<double>(count));
}

// `share`: of the effective count, how much tells about the dependence.
Dependence UpperEstimate(size_t count, double inflation, double share) {
  const auto n = static_cast<double>(count);
  const double standard_error = 2 / std::sqrt(n / inflation * share);  // relative
  Dependence dependence;
  dependence.inflation = std::min(1 + (inflation - 1) * (1 + standard_error), n);
  dependence.effective_count = n / dependence.inflation;
  return dependence;
}

}  // namespace

Dependence MeasureDependence(std::span<const double> samples) {
  if (samples.size() < 2) return {.inflation = 1, .effective_count = static_cast<double>(samples.size())};
  const double inflation = MeasureInflation(samples.size(), [&](size_t i) { return samples[i]; });
  return UpperEstimate(samples.size(), inflation, 1);
}

Dependence MeasureIndicatorDependence(std::span<const double> samples, double threshold) {
  if (samples.size() < 2) return {.inflation = 1, .effective_count = static_cast<double>(samples.size())};
  const auto is_below = [&](size_t i) { return samples[i] <= threshold ? 1.0 : 0.0; };
  const double below = SpreadOf(samples.size(), is_below).mean;
  const double rarer = std::min(below, 1 - below);
  if (rarer == 0) return {.inflation = 1, .effective_count = static_cast<double>(samples.size())};
  return UpperEstimate(samples.size(), MeasureInflation(samples.size(), is_below), rarer);
}

}  // namespace sightline::stats
