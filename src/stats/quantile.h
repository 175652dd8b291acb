// Percentiles with confidence intervals that assume no distribution and no independence.
//
// Definition: the p-quantile of n samples is the smallest sample x with at least a share p of all samples <=
// x, i.e. sorted[ceil(n p) - 1] (type 1 of Hyndman and Fan, "Sample quantiles in statistical packages",
// 1996): always a value that was really measured, as LoadGen reports it.
//
// Interval: for independent samples the order statistics l and u around the quantile whose ranks leave out at
// most 2.5 % of the Binomial(n, p) on each side (Conover, "Practical nonparametric statistics", ch. 3; Hahn
// and Meeker, "Statistical intervals", ch. 5). For dependent ones, whether a sample lies below the quantile
// is a dependent sequence of zeros and ones; the ranks are taken for the number of independent samples this
// sequence is worth (dependence.h) and stretched back to the n at hand.
//
// Minimum-sample rule: the interval has to exist, i.e. its upper rank be at most the effective count. With
// independent samples p50 takes 6, p90 36, p99 368 and p99.9 3688 of them (p^n <= 2.5 %).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/stats/interval.h"

namespace sightline::stats {

// Ranks count from 1.
struct Ranks {
  int64_t low = 0;
  int64_t high = 0;
};

// The ranks that bound the p-quantile of `count` independent samples with 95 % confidence, 0 < p < 1; nullopt
// when there are too few of them.
std::optional<Ranks> QuantileRanks(int64_t count, double p);

// The fewest independent samples for which QuantileRanks has an answer.
int64_t SamplesForQuantile(double p);

// The p-quantile of samples in ascending order, at least one, 0 < p <= 1.
double SortedQuantile(std::span<const double> sorted, double p);

struct QuantileEstimate {
  double value = 0;
  Interval interval;
};

struct Quantile {
  double p = 0;
  // Absent when the samples are too few, or too dependent, for an interval.
  std::optional<QuantileEstimate> estimate;
  double effective_count = 0;
  // How many samples as dependent as these it takes. An extrapolation from what was seen.
  int64_t samples_needed = 0;
};

// One answer for each of `ps` (0 < p < 1). `samples` in the order of time. Copies and sorts them once.
std::vector<Quantile> EstimateQuantiles(std::span<const double> samples, std::span<const double> ps);

}  // namespace sightline::stats
