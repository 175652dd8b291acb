#include "src/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/base/check.h"
#include "src/base/random.h"
#include "src/stats/dependence.h"
#include "src/stats/distributions.h"
#include "src/stats/quantile.h"

namespace sightline::stats {
namespace {

constexpr size_t kFewestLaunches = 5;
constexpr double kFewestForNormal = 20;  // samples beyond the quantile, on its rarer side

// One launch, ready to have its quantile drawn.
class Launch {
 public:
  Launch(const std::vector<double>& samples, double p) : p_(p), sorted_(samples) {
    SIGHTLINE_CHECK(!samples.empty());
    std::sort(sorted_.begin(), sorted_.end());
    const double dependent = MeasureIndicatorDependence(samples, quantile()).effective_count;
    effective_ = std::max<int64_t>(1, std::llround(dependent));
  }

  double quantile() const { return SortedQuantile(sorted_, p_); }

  double Draw(SplitMix64& random) const {
    const double level = std::clamp(DrawLevel(random), 0.0, 1.0);
    const auto index = static_cast<size_t>(level * static_cast<double>(sorted_.size()));
    return sorted_[std::min(index, sorted_.size() - 1)];
  }

 private:
  // Which share of the launch's samples lies below the quantile of as many drawn ones.
  double DrawLevel(SplitMix64& random) const {
    const auto m = static_cast<double>(effective_);
    if (m * std::min(p_, 1 - p_) >= kFewestForNormal)
      return p_ + std::sqrt(p_ * (1 - p_) / m) * random.NextGaussian();
    std::vector<double> levels(static_cast<size_t>(effective_));
    for (double& level : levels) level = random.NextUniform();
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(m * p_ * (1 - 1e-12)));
    const auto place = levels.begin() + std::max<std::ptrdiff_t>(rank, 1) - 1;
    std::nth_element(levels.begin(), place, levels.end());
    return *place;
  }

  double p_;
  std::vector<double> sorted_;
  int64_t effective_ = 1;
};

std::vector<Launch> Prepare(std::span<const std::vector<double>> launches, double p) {
  std::vector<Launch> prepared;
  prepared.reserve(launches.size());
  for (const std::vector<double>& samples : launches) prepared.emplace_back(samples, p);
  return prepared;
}

double MeanQuantile(std::span<const Launch> launches) {
  double mean = 0;
  for (const Launch& launch : launches) mean += launch.quantile() / static_cast<double>(launches.size());
  return mean;
}

double DrawMeanQuantile(std::span<const Launch> launches, SplitMix64& random) {
  double mean = 0;
  for (size_t i = 0; i < launches.size(); ++i)
    mean += launches[random.NextBelow(launches.size())].Draw(random) / static_cast<double>(launches.size());
  return mean;
}

// The level below which the expanded interval leaves its draws.
double ExpandedTail(size_t launches) {
  const auto n = static_cast<double>(launches);
  const double z = std::sqrt(n / (n - 1)) * StudentTQuantile(1 - kTail, n - 1);
  return std::erfc(z / std::numbers::sqrt2) / 2;
}

Interval IntervalOf(std::vector<double> draws, size_t launches) {
  std::sort(draws.begin(), draws.end());
  const double tail = ExpandedTail(launches);
  const auto left_out = static_cast<size_t>(tail * static_cast<double>(draws.size()));
  return {.low = draws[left_out], .high = draws[draws.size() - 1 - left_out]};
}

template <typename Draw>
std::vector<double> Resample(const BootstrapOptions& options, Draw draw) {
  SIGHTLINE_CHECK(options.resamples >= 100);
  SplitMix64 random(SeedFor(options.seed, "bootstrap"));
  std::vector<double> draws(static_cast<size_t>(options.resamples));
  for (double& value : draws) value = draw(random);
  return draws;
}

}  // namespace

std::optional<BootstrapEstimate> BootstrapQuantile(std::span<const std::vector<double>> launches, double p,
                                                   const BootstrapOptions& options) {
  if (launches.size() < kFewestLaunches) return std::nullopt;
  const std::vector<Launch> prepared = Prepare(launches, p);
  const auto draw = [&](SplitMix64& random) { return DrawMeanQuantile(prepared, random); };
  return BootstrapEstimate{.value = MeanQuantile(prepared),
                           .interval = IntervalOf(Resample(options, draw), launches.size())};
}

std::optional<BootstrapEstimate> BootstrapQuantileRatio(std::span<const std::vector<double>> numerator,
                                                        std::span<const std::vector<double>> denominator,
                                                        double p, const BootstrapOptions& options) {
  const size_t fewer = std::min(numerator.size(), denominator.size());
  if (fewer < kFewestLaunches) return std::nullopt;
  const std::vector<Launch> above = Prepare(numerator, p);
  const std::vector<Launch> below = Prepare(denominator, p);
  SIGHTLINE_CHECK(MeanQuantile(below) > 0);
  const auto draw = [&](SplitMix64& random) {
    const double mean = DrawMeanQuantile(above, random);
    return mean / DrawMeanQuantile(below, random);
  };
  return BootstrapEstimate{.value = MeanQuantile(above) / MeanQuantile(below),
                           .interval = IntervalOf(Resample(options, draw), fewer)};
}

}  // namespace sightline::stats
