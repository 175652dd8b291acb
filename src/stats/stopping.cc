#include "src/stats/stopping.h"

#include <algorithm>
#include <cmath>

#include "src/base/check.h"
#include "src/stats/mean.h"
#include "src/stats/quantile.h"
#include "src/stats/randomness.h"

namespace sightline::stats {
namespace {

constexpr double kLeastScore = -1;  // of randomness.h: one independent series in six seems less so

struct Measured {
  int64_t samples = 0;
  double value = 0;
  std::optional<Interval> interval;
  int64_t samples_needed = 0;  // for an interval at all
};

Measured MeasureMean(std::span<const double> samples) {
  const MeanEstimate mean = EstimateMean(samples);
  return {.samples = mean.moments.count(),
          .value = mean.moments.mean(),
          .interval = mean.interval,
          .samples_needed = std::max<int64_t>(mean.moments.count() + 1, 2)};
}

Measured MeasureQuantile(std::span<const double> samples, double p) {
  const Quantile quantile = EstimateQuantiles(samples, {&p, 1}).front();
  Measured measured{.samples = static_cast<int64_t>(samples.size()),
                    .samples_needed = quantile.samples_needed};
  if (!quantile.estimate) return measured;
  measured.value = quantile.estimate->value;
  measured.interval = quantile.estimate->interval;
  return measured;
}

Measured MeasureThroughput(std::span<const LaneWork> lanes) {
  Measured measured;
  for (const LaneWork& lane : lanes) measured.samples += static_cast<int64_t>(lane.completions.size());
  const ThroughputEstimate estimate = EstimateThroughput(lanes);
  measured.value = estimate.per_s;
  measured.interval = estimate.interval;
  measured.samples_needed = std::max<int64_t>(measured.samples + 1, 2);
  return measured;
}

Precision PrecisionOf(const Measured& measured, double half_width) {
  SIGHTLINE_CHECK(half_width > 0);
  Precision precision{.samples_needed = measured.samples_needed};
  if (!measured.interval) return precision;
  precision.value = measured.value;
  precision.interval = measured.interval;
  precision.half_width = RelativeHalfWidth(measured.value, *measured.interval);
  if (!precision.half_width) return precision;
  precision.reached = *precision.half_width <= half_width;
  const double ratio = *precision.half_width / half_width;
  const auto count = static_cast<double>(measured.samples);
  // Bounded, so that a hopeless goal doesn't overflow.
  const double needed = std::min(std::ceil(count * std::max(ratio * ratio, 1.0)), 1e18);
  precision.samples_needed = static_cast<int64_t>(needed);
  return precision;
}

}  // namespace

std::optional<double> RelativeHalfWidth(double value, const Interval& interval) {
  if (value == 0) return std::nullopt;
  return std::max(interval.high - value, value - interval.low) / std::abs(value);
}

Precision CheckPrecision(std::span<const double> samples, const PrecisionGoal& goal) {
  return PrecisionOf(goal.p ? MeasureQuantile(samples, *goal.p) : MeasureMean(samples), goal.half_width);
}

Precision CheckThroughput(std::span<const LaneWork> lanes, double half_width) {
  return PrecisionOf(MeasureThroughput(lanes), half_width);
}

bool MayStop(std::span<const double> samples, const PrecisionGoal& goal) {
  const auto count = static_cast<int64_t>(samples.size());
  if (count >= kTrustedLook) return true;
  return goal.p && count >= kFirstLook && RankVonNeumannScore(samples) >= kLeastScore;
}

int64_t FirstLook(int64_t period) {
  return std::clamp(period, kFirstLook, kTrustedLook);
}

int64_t NextLook(int64_t count) {
  if (count < kFirstLook) return kFirstLook;
  const auto next = static_cast<int64_t>(std::ceil(static_cast<double>(count) * kLookGrowth));
  // The first one that needs no conditions is not to be missed by a few.
  return count < kTrustedLook ? std::min(next, kTrustedLook) : next;
}

}  // namespace sightline::stats
