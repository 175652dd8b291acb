#include "src/stats/quantile.h"

#include <algorithm>
#include <cmath>

#include "src/base/check.h"
#include "src/stats/distributions.h"
#include "src/stats/long_run.h"

namespace sightline::stats {
namespace {

// Ranks among `independent` samples, stretched to the same expected level among `count` (the expected level
// of rank r of m is r / (m + 1)), moved by `shift` and rounded outwards.
Ranks Stretch(const Ranks& ranks, int64_t independent, int64_t count, double shift) {
  const double factor = static_cast<double>(count + 1) / static_cast<double>(independent + 1);
  const auto low = static_cast<int64_t>(std::floor(static_cast<double>(ranks.low) * factor + shift));
  const auto high = static_cast<int64_t>(std::ceil(static_cast<double>(ranks.high) * factor + shift));
  return {.low = std::clamp<int64_t>(low, 1, count), .high = std::clamp<int64_t>(high, 1, count)};
}

// What ranks move by because the inflation was estimated from the same clusters, see the header.
double ClusterShift(const LongRun& long_run, double p) {
  return (long_run.inflation - 1) * (2 * p - 1) * (2 * kNormalQuantile * kNormalQuantile + 1) / 6;
}

// `elsewhere`: inflation seen in other parts of the distribution.
Quantile EstimateQuantile(std::span<const double> samples, OrderStatistics& order, double p,
                          double elsewhere) {
  const auto count = static_cast<int64_t>(samples.size());
  const double value = order.Quantile(p);
  const LongRun long_run = MeasureIndicatorLongRun(samples, value);
  Quantile quantile{.p = p, .effective_count = long_run.effective_count};
  quantile.samples_needed =
      static_cast<int64_t>(std::ceil(static_cast<double>(SamplesForQuantile(p)) *
                                     std::max(long_run.cautious_inflation, elsewhere) * kBinaryRounding));
  if (count < quantile.samples_needed) return quantile;
  const auto independent = std::max(
      static_cast<int64_t>(static_cast<double>(count) / long_run.cautious_inflation), SamplesForQuantile(p));
  const std::optional<Ranks> ranks = QuantileRanks(independent, p);
  if (!ranks) return quantile;
  const Ranks stretched = Stretch(*ranks, independent, count, ClusterShift(long_run, p));
  quantile.estimate = {.value = value,
                       .interval = {.low = order.At(stretched.low), .high = order.At(stretched.high)}};
  return quantile;
}

}  // namespace

std::optional<Ranks> QuantileRanks(int64_t count, double p) {
  if (count < SamplesForQuantile(p)) return std::nullopt;
  return Ranks{.low = BinomialQuantile(kTail, count, p), .high = BinomialQuantile(1 - kTail, count, p) + 1};
}

int64_t SamplesForQuantile(double p) {
  SIGHTLINE_CHECK(p > 0 && p < 1);
  // All samples on one side of the quantile has to be less likely than the tail.
  return static_cast<int64_t>(std::ceil(std::log(kTail) / std::log(std::max(p, 1 - p))));
}

double SortedQuantile(std::span<const double> sorted, double p) {
  SIGHTLINE_CHECK(!sorted.empty() && p > 0 && p <= 1);
  return sorted[static_cast<size_t>(QuantileRank(static_cast<int64_t>(sorted.size()), p)) - 1];
}

std::vector<Quantile> EstimateQuantiles(std::span<const double> samples, std::span<const double> ps) {
  OrderStatistics order(samples);
  return EstimateQuantiles(samples, order, ps);
}

std::vector<Quantile> EstimateQuantiles(std::span<const double> samples, OrderStatistics& order,
                                        std::span<const double> ps) {
  std::vector<Quantile> quantiles;
  quantiles.reserve(ps.size());
  if (samples.empty()) {
    for (const double p : ps) quantiles.push_back({.p = p, .samples_needed = SamplesForQuantile(p)});
    return quantiles;
  }
  SIGHTLINE_CHECK(order.count() == static_cast<int64_t>(samples.size()));
  const double elsewhere = std::max(MeasureLongRun(samples).inflation,
                                    MeasureIndicatorLongRun(samples, order.Quantile(0.5)).inflation);
  for (const double p : ps) quantiles.push_back(EstimateQuantile(samples, order, p, elsewhere));
  return quantiles;
}

}  // namespace sightline::stats
