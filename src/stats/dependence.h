// How many independent samples a series of dependent ones is worth. Successive latencies resemble each other
// (caches, clocks, queues), so n of them fix a mean or a percentile less well than n independent ones would,
// and an interval that ignores this is too narrow.
//
// Method: the long-run variance (2 pi times the spectral density at frequency zero) of an autoregression
// fitted by Yule-Walker, its order chosen by AIC up to 10 log10 n. Thompson, "A comparison of methods for
// computing autocorrelation time" (arXiv:1011.0175, 2010), finds this the most accurate of the usual
// estimators over short and long memory; the effective sample size of R's coda package is the same. Long
// series are first averaged in adjacent groups of equal length, which leaves the long-run variance of the
// mean as it is and lets a bounded order reach further back.
//
// One standard error is added to what exceeds 1, since an interval that is too narrow misleads and one a
// little too wide does not. For an AR(1) series, delta method on phi, the relative standard error of the
// long-run variance is 2 / sqrt(effective count); for an indicator only its rarer side counts (100
// exceedances in 10,000 samples tell as much as 100 samples do).
#pragma once

#include <cstddef>
#include <span>

namespace sightline::stats {

struct Dependence {
  // The variance of the mean of the samples over what it would be were they independent; at least 1: negative
  // dependence is not credited, since a short series shows it by chance.
  double inflation = 1;
  double effective_count = 0;  // count / inflation
};

// `samples` in the order of time. A constant or empty series has inflation 1.
Dependence MeasureDependence(std::span<const double> samples);

// The same for the series 1{sample <= threshold}: what the interval of a percentile depends on.
Dependence MeasureIndicatorDependence(std::span<const double> samples, double threshold);

}  // namespace sightline::stats
