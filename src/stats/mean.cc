#include "src/stats/mean.h"

#include <algorithm>
#include <cmath>

#include "src/stats/dependence.h"
#include "src/stats/distributions.h"

namespace sightline::stats {

void Moments::Add(double sample) {
  ++count_;
  const double deviation = sample - mean_;
  mean_ += deviation / static_cast<double>(count_);
  squares_ += deviation * (sample - mean_);
  min_ = count_ == 1 ? sample : std::min(min_, sample);
  max_ = count_ == 1 ? sample : std::max(max_, sample);
}

double Moments::variance() const {
  return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
}
double Moments::stddev() const {
  return std::sqrt(variance());
}

MeanEstimate EstimateMean(std::span<const double> samples) {
  MeanEstimate estimate;
  for (const double sample : samples) estimate.moments.Add(sample);
  estimate.effective_count = MeasureDependence(samples).effective_count;
  estimate.interval = MeanInterval(estimate.moments, estimate.effective_count);
  return estimate;
}

std::optional<Interval> MeanInterval(const Moments& moments, double effective_count) {
  if (moments.count() < 2 || effective_count < 2) return std::nullopt;
  const double half =
      StudentTQuantile(1 - kTail, effective_count - 1) * moments.stddev() / std::sqrt(effective_count);
  return Interval{.low = moments.mean() - half, .high = moments.mean() + half};
}

}  // namespace sightline::stats
