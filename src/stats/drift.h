// Whether a series that counts as steady still creeps: a heating machine, a leak, a neighbour who comes and
// goes.
//
// Slope: the median of the slopes between all pairs (Theil 1950; Sen, "Estimates of the regression
// coefficient based on Kendall's tau", JASA 1968), which neither outliers nor skewness move. Interval: Sen's,
// the pair slopes whose ranks lie z sqrt(Var S) around the middle, S being Kendall's (Mann 1945), Var S = n
// (n - 1) (2 n + 5) / 18 for independent values. With dependent ones Var S grows as the variance of a mean
// does (Yue and Wang, "The Mann-Kendall test modified by effective sample size", Water Resources Management
// 2004): it is multiplied by the inflation (dependence.h) of what the slope leaves of the series, and z
// becomes Student's t at the effective count less 2.
//
// Long series are averaged in groups to at most 256 means first, which bounds the time (32,640 pairs) and
// takes most of the dependence away.
#pragma once

#include <optional>
#include <span>

#include "src/stats/interval.h"

namespace sightline::stats {

struct Drift {
  // From the first to the last sample, relative to the median: 0.02 is 2 % slower at the end.
  double change = 0;
  Interval interval;  // of the change
  double effective_count = 0;
};

// `samples`: the steady part, in the order of time. Absent when they are worth fewer than 20 independent
// ones, or their median is 0.
std::optional<Drift> EstimateDrift(std::span<const double> samples);

// Worth a finding: a drift that is no chance, and whose size is at least `threshold` (relative).
bool Drifts(const Drift& drift, double threshold);

}  // namespace sightline::stats
