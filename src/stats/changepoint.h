// Where a series changes its mean or its spread.
//
// Method: PELT (Killick, Fearnhead, Eckley, "Optimal detection of changepoints with a linear computational
// cost", JASA 2012): the exact minimum of the segments' costs plus a penalty per changepoint, with every
// start that can't be optimal any more dropped. Cost of a segment: -2 log likelihood of a Gaussian with its
// own mean and variance. The variance may not be fitted below a floor (1 % of the variance that successive
// samples differ by, and the rounding of the clock), or a few equal ticks would be infinitely likely.
//
// Penalty: 15 log n for each changepoint, as Barrett, Bolz-Tereick, Killick, Mount and Tratt, "Virtual
// machine warmup blows hot and cold" (OOPSLA 2017), for series of 500 or more. It is far above what
// independent Gaussian values need (3 log n for two parameters and a place), which keeps mild dependence from
// being cut to pieces, and would hide shifts of seven standard errors in short series; there the factor falls
// with n down to
// 6. What the factor does not cover is measured: a cut gains `inflation` times as much where the level
// wanders (dependence.h), and (kurtosis - 1) / 2 times as much where tails are heavy, so the penalty is never
// below 4 times the larger of the two times log n. Both are medians over 3 to 16 stretches of the series,
// each without its own linear trend, so that the few stretches with a changepoint don't count; short series
// with cuts are cut anew with the inflation of what the segments leave.
//
// Long series are first averaged in adjacent groups of equal length, so that at most 2,048 means remain and
// the time is O(n) whatever the data (where nothing changes PELT is quadratic in what it is given). A
// changepoint then lies on a multiple of the group's length: every 489th sample of 1,000,000.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sightline::stats {

// -2 log likelihood of a stretch of a series as a Gaussian of its own mean and variance, but for n log 2 pi.
class SegmentCost {
 public:
  // `variance_floor` > 0, in the unit of the samples squared: the least variance that may be fitted.
  SegmentCost(std::span<const double> series, double variance_floor);

  size_t size() const { return sums_.size() - 1; }
  // Of series[begin, end), begin < end.
  double operator()(size_t begin, size_t end) const;

 private:
  double floor_;
  std::vector<double> sums_;     // of the first k values less the mean of all
  std::vector<double> squares_;  // of the same, squared
};

// The first indices of all segments but the first, ascending, that minimize the sum of the costs plus
// `penalty` >= 0 for each; no segment is shorter than `min_length` >= 1.
std::vector<size_t> Pelt(const SegmentCost& cost, double penalty, size_t min_length);

struct ChangepointOptions {
  double penalty_factor = 15;  // times log n, for 500 groups or more
  size_t min_length = 5;       // of a segment, in groups
};

struct Changepoints {
  // Indices of samples, ascending, each the first of a new segment; empty when nothing changes.
  std::vector<size_t> starts;
  size_t group = 1;      // samples averaged into one: the resolution of the starts
  double inflation = 1;  // of the variance of a mean of groups, away from changes, by their dependence
};

// `samples` in the order of time, outliers already out (steady_state.h). Too few or constant ones have no
// changepoint.
Changepoints FindChangepoints(std::span<const double> samples, const ChangepointOptions& options = {});

}  // namespace sightline::stats
