// Whether one build, model or machine is slower than another, and by how much.
//
// Effect size: the ratio new / old of a figure that each launch has one of (its steady median, say), with a
// 95 % interval over launches, as Kalibera and Jones ask for in place of a bare test (ISMM 2013). Launches
// measured in turn, one of each side per round, are compared round by round: what a drifting machine does to
// a round it does to both sides. Sides measured apart are compared as two groups, and nothing can tell a
// slower build from a slower afternoon. Ratio and interval come from ranks of the logarithms (rank_shift.h),
// which a disturbed launch does not blow up (one of 12 or more rounds); from Student's t (across_launches.h)
// where there are fewer than 6 rounds, or 4 launches a side.
//
// Verdict: `slower` (`faster`) takes an interval on one side of no change and a ratio beyond the noise
// threshold; `no change` an interval within the threshold on both sides (equivalence, Schuirmann, J.
// Pharmacokinetics and Biopharmaceutics 1987); all else is `undecided`: more launches would tell.
//
// Under dependence: samples inside a launch only make its figure less exact, which the spread of launches
// shows. Dependence between launches is what rounds take out; within a round the order has to be random or to
// alternate, or a steady drift would favour the side that always comes first.
//
// How many launches: 15 on each side. Then bench/compare_bench finds a slowdown of 3 % in 80 % or more of
// comparisons even when launches differ by 2 %, or by 1 % with one in twenty disturbed; 10 are enough on a
// quieter machine. With fewer than 5 hardly anything can be decided.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/stats/interval.h"

namespace sightline::stats {

inline constexpr int kDefaultLaunches = 15;  // of each side

enum class ChangeVerdict { kSlower, kFaster, kNoChange, kUndecided };

// "slower", "faster", "no change", "undecided".
std::string_view ToString(ChangeVerdict verdict);

enum class Pairing {
  kByRound,  // of rounds in which both sides have a figure: equally many, in the order of rounds
  kNone,     // measured apart
};

struct ComparisonOptions {
  double threshold = 0.01;  // relative: what is taken for noise whatever its interval; > 0
};

struct Comparison {
  ChangeVerdict verdict = ChangeVerdict::kUndecided;
  double ratio = 0;                  // new / old: 1.03 is 3 % slower
  std::optional<Interval> interval;  // of the ratio; absent with fewer than two launches on a side
  // Chance of a ratio as far from 1 when nothing has changed, two-sided, by Student's t (ranks of few
  // launches know only a few chances, none small enough for CorrectForMany); 1 without an interval.
  double p_value = 1;
  // How many launches of each side would narrow the interval to the threshold, if they spread as these do; 0
  // without an interval. At most 1,000.
  int64_t launches_needed = 0;
};

// Figures of times: larger is slower; all > 0, at least one on each side.
Comparison Compare(std::span<const double> before, std::span<const double> after, Pairing pairing,
                   const ComparisonOptions& options = {});

// Of many comparisons made at once one in twenty would be an alarm about nothing. Turns `slower` and `faster`
// into `undecided` where it does not stand Holm's correction ("A simple sequentially rejective multiple test
// procedure", Scandinavian J. of Statistics 1979): then the chance of any false alarm is 5 %. One alone
// stays.
void CorrectForMany(std::span<Comparison> comparisons);

}  // namespace sightline::stats
