// What several launches of one configuration say together. Each launch of a process draws its luck anew
// (where memory lies, which core, what else runs), and no number of iterations inside one launch can show how
// much that matters: the launch is the unit of repetition.
//
// Method: Kalibera and Jones, "Rigorous benchmarking in reasonable time" (ISMM 2013), for two levels,
// launches over samples.
// - Mean and interval: Student's t over the launches' own figures, n - 1 degrees of freedom (their section
// 6).
// - Variance components: T1^2, the mean variance within launches; T2^2, between launches, is the variance of
//   the launches' means less what the samples within them leave open, T1^2 over their number (as corrected by
//   the authors after publication). Here that number is the effective one (dependence.h).
// - Dimensioning: with a cost of a launch and of a sample, sqrt(cost ratio T1^2 / T2^2) samples per launch
// are
//   worth it; more samples narrow the interval less than the same time spent on another launch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/stats/interval.h"

namespace sightline::stats {

struct LaunchesEstimate {
  double mean = 0;  // of the launches' figures
  double stddev = 0;
  int64_t launches = 0;
  std::optional<Interval> interval;  // absent with fewer than two launches
};

// `figures`: one per launch, e.g. each launch's median.
LaunchesEstimate EstimateAcrossLaunches(std::span<const double> figures);

struct VarianceComponents {
  double mean = 0;          // of the launches' means
  double within = 0;        // T1^2
  double between = 0;       // T2^2, 0 where the samples within explain all of the difference
  double inflation = 1;     // mean over launches: n samples of a launch are worth n / inflation
  double launch_means = 0;  // S2^2, the variance of the launches' means
};

// `launches`: each launch's steady samples, in the order of time. Absent with fewer than two launches, or one
// that has fewer than two samples. Launches may differ in length.
std::optional<VarianceComponents> EstimateComponents(std::span<const std::vector<double>> launches);

// How many samples a launch is worth, given what starting one costs (start-up, load, warm-up) and what a
// sample costs, in one unit, both > 0; at least 2. Absent when launches don't differ: then one launch is
// enough.
std::optional<int64_t> WorthwhileSamples(const VarianceComponents& components, double launch_cost,
                                         double sample_cost);

// The fewest launches of `samples` >= 1 samples each whose mean has a 95 % interval of half-width `relative`
// (> 0, of the mean) or less, if the components are what they seem; at most `most` >= 2.
int64_t LaunchesNeeded(const VarianceComponents& components, int64_t samples, double relative,
                       int64_t most = 1000);

struct RatioEstimate {
  double ratio = 0;  // numerator over denominator
  std::optional<Interval> interval;
  double degrees_of_freedom = 0;  // of the interval's t
  double p_value = 1;             // two-sided, that the ratio is 1
};

// Of means of launches' figures (all > 0) measured independently of each other, by Fieller's theorem ("Some
// problems in interval estimation", J. Royal Statistical Society B 1954) as Kalibera and Jones, "Quantifying
// performance changes with effect size confidence intervals" (University of Kent, 2012), use it; degrees of
// freedom by Welch and Satterthwaite. No interval with fewer than two launches on a side, or when the
// denominator can't be told from 0.
RatioEstimate FiellerRatio(std::span<const double> numerator, std::span<const double> denominator);

// The same ratio of geometric means, from the logarithms: symmetrical for slower and faster, and always with
// an interval when both sides have two launches. Welch's t.
RatioEstimate LogRatio(std::span<const double> numerator, std::span<const double> denominator);

// The same for figures in pairs (launches of the same round): Student's t over the logarithms of their
// ratios, which leaves out whatever both sides of a round have in common, such as a drifting machine.
RatioEstimate PairedLogRatio(std::span<const double> numerator, std::span<const double> denominator);

}  // namespace sightline::stats
