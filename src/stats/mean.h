// Mean, spread and extremes of samples, and the interval of the mean.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/stats/interval.h"

namespace sightline::stats {

// Kept up to date sample by sample (Welford, "Note on a method for calculating corrected sums of squares and
// products", Technometrics 1962), which does not cancel when the mean is large beside the spread.
class Moments {
 public:
  void Add(double sample);

  int64_t count() const { return count_; }
  double mean() const { return mean_; }  // 0 without samples, as min and max
  double min() const { return min_; }
  double max() const { return max_; }
  double variance() const;  // divided by count - 1; 0 with fewer than two samples
  double stddev() const;

 private:
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared deviations from the mean
  double min_ = 0;
  double max_ = 0;
};

// mean +- t stddev / sqrt(effective_count), with Student's t at effective_count - 1 degrees of freedom: the
// textbook interval when all samples are independent, wider when they are worth fewer (dependence.h). Absent
// with fewer than two samples' worth.
std::optional<Interval> MeanInterval(const Moments& moments, double effective_count);

struct MeanEstimate {
  Moments moments;
  double effective_count = 0;
  std::optional<Interval> interval;
};

// `samples` in the order of time.
MeanEstimate EstimateMean(std::span<const double> samples);

}  // namespace sightline::stats
