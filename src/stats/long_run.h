// How many independent samples a series of dependent ones is worth, without a model of the dependence: for
// the intervals of percentiles, which have to hold for queues too. dependence.h answers the same by fitting
// an autoregression: closer in a short stretch of a series that is one, but it finds 86 % of the variance of
// the share of a queue's waiting times below their median at 80 % load and, in 60 samples, dependence that
// isn't there.
//
// Method: the equal-weighted cosine estimate of the long-run variance, the mean of the squared products of
// the series with its B slowest cosines, sqrt(2 / n) sum_t x_t cos(pi j (t - 1/2) / n), j = 1 .. B (Phillips,
// "HAC estimation by automated regression", Econometric Theory 2005; Mueller, "A theory of robust long-run
// variance estimation", Journal of Econometrics 2007; recommended by Lazarus, Lewis, Stock and Watson, "HAR
// inference: recommendations for practice", JBES 2018). It assumes no model of the dependence, and the mean
// over its estimated standard error is Student's t with B degrees of freedom, so an interval can pay for not
// knowing the variance.
//
// B: those authors let it grow with n^(2/3). What n counts for is the effective count m, so here B is
// m^(3/5), a little fewer since queues forget more slowly than their autoregressions, found going from few
// cosines to many. Correlation that lasts for n / 2m samples bends the spectrum below the B-th cosine by
// 1/3 (pi B / 2m)^2, 1 % at m = 400. Six cosines at least, so that a series that drifts all the way is worth
// some six samples. Long series are first averaged in adjacent groups of equal length, which leaves the
// long-run variance of the mean as it is and bounds the time to O(n).
#pragma once

#include <cstddef>
#include <span>

namespace sightline::stats {

struct LongRun {
  // The variance of the mean of the samples over what it would be were they independent; at least 1: negative
  // dependence is not credited, since a short series shows it by chance.
  double inflation = 1;
  double effective_count = 0;  // count / inflation
  // Degrees of freedom of `inflation`: its relative standard error is sqrt(2 / freedom).
  double freedom = 1;
  // `inflation` times (t / z)^2, the squared ratio of the 97.5 % quantiles of Student's t (with `freedom`)
  // and of the normal distribution, and at least 1: what an interval that treats it as known has to be made
  // with.
  double cautious_inflation = 1;
};

// `samples` in the order of time. A constant series, and one of fewer than four, has inflation 1.
LongRun MeasureLongRun(std::span<const double> samples);

// The same for the series 1{sample <= threshold}: what the interval of a percentile depends on. What comes
// in clusters tells less than its count: with k = effective count x share of the rarer side and cluster sizes
// as of a geometric distribution, the ratio estimate sum S^2 / sum S of the inflation adds 1 / k to the
// squared relative error (delta method); here (1 - 1 / inflation) / k, nothing for independent samples.
LongRun MeasureIndicatorLongRun(std::span<const double> samples, double threshold);

}  // namespace sightline::stats
