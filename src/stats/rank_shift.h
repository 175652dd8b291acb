// By how much figures lie apart, without assuming a distribution: one disturbed launch among ten moves a mean
// and blows up its interval; it hardly moves these.
//
// Method: Hodges and Lehmann, "Estimates of location based on rank tests" (Annals of Mathematical Statistics
// 1963), with the intervals that belong to Wilcoxon's signed-rank and rank-sum tests (Hollander, Wolfe and
// Chicken, "Nonparametric statistical methods", ch. 3 and 4). Exact for up to 50 figures a side, by the
// normal approximation beyond. With normal figures they take 5 % more of them than Student's t for the same
// width. Differences of pairs have to be symmetrical about their middle, as those of launches in random order
// are when nothing has changed; two independent sides have to differ by a shift.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/stats/interval.h"

namespace sightline::stats {

struct Shift {
  double shift = 0;
  std::optional<Interval> interval;  // at least 95 %; absent when so few figures can't give one
};

// The middle of differences, at least one: the median of the means of all pairs of them, each with itself
// included. An interval takes 6.
Shift SignedRankShift(std::span<const double> differences);

// How far `a` lies above `b`, at least one each: the median of all differences between the two. An interval
// takes e.g. 4 and 4.
Shift RankSumShift(std::span<const double> a, std::span<const double> b);

// The largest k such that Wilcoxon's statistic of `count` differences, or Mann and Whitney's of `a` and `b`
// figures, is below k in at most 2.5 % when nothing has changed; 0 when there is none.
int64_t SignedRankCritical(int64_t count);
int64_t RankSumCritical(int64_t a, int64_t b);

}  // namespace sightline::stats
