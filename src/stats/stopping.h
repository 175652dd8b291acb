// Whether a run has measured enough: the interval of a percentile, of the mean or of the throughput, made
// from the samples so far, is as narrow as was asked for.
//
// Looking again and again and stopping at the first good look prefers the moments at which the spread happens
// to be estimated too small, so intervals of stopped runs cover the truth a little less often than 95 %. In
// the limit of narrow intervals nothing is lost (Chow and Robbins, "On the asymptotic theory of fixed-width
// sequential confidence intervals for the mean", 1965; for dependent series Glynn and Whitt, "The asymptotic
// validity of sequential stopping rules for stochastic simulations", 1992). What is lost before it depends on
// how early and how often one looks: so the first look belongs after some samples, and the next ones at
// geometrically spaced counts, each kLookGrowth times the last.
//
// How early: what lasts for tens of samples, or comes once in twenty, can't be seen in fewer than a hundred,
// and makes early intervals too narrow. But a percentile's interval assumes no distribution, so where samples
// follow each other like independent ones (randomness.h, within one standard error) thirty tell what they
// seem to. So a look at fewer than kTrustedLook samples ends a run only for a percentile, and only then.
// bench/run coverage measures what is left of 95 % with these numbers (docs/performance.md): of medians and
// p90 what is left when looking from 100 samples on, to a point or two. Without the two conditions it would
// be 85 % of medians where neighbours are strongly dependent, and 76 % of means where one frame in twenty is
// slow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/stats/interval.h"
#include "src/stats/throughput.h"

namespace sightline::stats {

// Looks at 30, 38, 48, 60, 75, 94, 100, 125, ... samples: ten looks for each factor of ten.
constexpr int64_t kFirstLook = 30;
constexpr double kLookGrowth = 1.25;
constexpr int64_t kTrustedLook = 100;

struct PrecisionGoal {
  std::optional<double> p;   // the percentile, 0 < p < 1; nullopt: the mean
  double half_width = 0.02;  // of the interval, as a share of the value; above 0
};

struct Precision {
  bool reached = false;
  double value = 0;  // of the quantity so far; 0 as long as there is no interval
  std::optional<Interval> interval;
  // The longer side of the interval as a share of the value: "within so much either way". Absent as long as
  // there is no interval, or the value is 0.
  std::optional<double> half_width;
  // About how many samples as dependent as these it takes, by the square-root law; at least those there are
  // once the goal is reached.
  int64_t samples_needed = 0;
};

// The longer side of `interval` about `value`, as a share of |value|; nullopt when the value is 0.
std::optional<double> RelativeHalfWidth(double value, const Interval& interval);

// `samples` in the order of time, all from the steady part of the run. As costly as EstimateQuantiles.
Precision CheckPrecision(std::span<const double> samples, const PrecisionGoal& goal);

// The same of the rate at which `lanes` complete frames (throughput.h): samples are completions, of all lanes
// together.
Precision CheckThroughput(std::span<const LaneWork> lanes, double half_width);

// Whether a look at these samples may end a run, should they reach `goal`.
bool MayStop(std::span<const double> samples, const PrecisionGoal& goal);

// When to look first at a series that goes through the same `period` inputs again and again, at least 1: once
// it has seen them all, since they are in the same order every time, but not later than at kTrustedLook.
int64_t FirstLook(int64_t period);

// When to look next after a look at `count` samples.
int64_t NextLook(int64_t count);

}  // namespace sightline::stats
