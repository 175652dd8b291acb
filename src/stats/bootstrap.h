// Intervals across launches by resampling, for figures whose launches are not spread as Student's t wants it.
//
// Method: hierarchical bootstrap (Kalibera and Jones, "Quantifying performance changes with effect size
// confidence intervals", University of Kent, 2012): launches are drawn with replacement, and within each
// drawn launch its samples. The p-quantile of m samples drawn from n is an order statistic of m uniform
// values looked up in the sorted samples (Maritz and Jarrett, "A note on estimating the variance of the
// sample median", JASA 1978), so nothing is copied or sorted again; m is the effective count (dependence.h),
// which makes dependent samples vary as much as they do. Launches already show what their samples leave open,
// and resampling both levels counts it twice: the interval errs to the wide side, little where a launch has
// many samples.
//
// A percentile interval of n launches is too narrow by sqrt((n - 1) / n) and the ratio of normal and
// Student's t quantiles; its levels are moved out by as much (Hesterberg, "What teachers should know about
// the bootstrap", The American Statistician 2015, "expanded percentile interval").
//
// Draws: SplitMix64 seeded for the stream "bootstrap" (src/base/random.h): the same seed, the same interval.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/stats/interval.h"

namespace sightline::stats {

struct BootstrapOptions {
  uint64_t seed = 1;
  int resamples = 2000;  // at least 100
};

struct BootstrapEstimate {
  double value = 0;
  Interval interval;
};

// The mean over launches of each launch's p-quantile, 0 < p < 1. `launches`: each launch's steady samples, in
// the order of time, at least one in each. Absent with fewer than 5 launches.
std::optional<BootstrapEstimate> BootstrapQuantile(std::span<const std::vector<double>> launches, double p,
                                                   const BootstrapOptions& options = {});

// The ratio of two such means, launches of both sides drawn independently; samples > 0.
std::optional<BootstrapEstimate> BootstrapQuantileRatio(std::span<const std::vector<double>> numerator,
                                                        std::span<const std::vector<double>> denominator,
                                                        double p, const BootstrapOptions& options = {});

}  // namespace sightline::stats
