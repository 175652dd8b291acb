// Whether a run has measured enough: the interval of a percentile, of the mean or of the throughput, made
// from the samples so far, is as narrow as was asked for.
//
// Looking again and again and stopping at the first good look prefers the moments at which the spread happens
// to be estimated too small, so intervals of stopped runs cover the truth a little less often than 95 %. In
// the limit of narrow intervals nothing is lost (Chow and Robbins, "On the asymptotic theory of fixed-width
// sequential confidence intervals for the mean", 1965; for dependent series Glynn and Whitt, "The asymptotic
// validity of sequential stopping rules for stochastic simulations", 1992). What is lost before it depends on
// how early and how often one looks: so the first look belongs after some time (a fixed one, or kFirstLook
// samples), and the next ones at geometrically spaced times, each kLookGrowth times the last. bench/run
// coverage measures what is left of 95 % with these.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/stats/interval.h"
#include "src/stats/throughput.h"

namespace sightline::stats {

// Looks at 100, 125, 157, ... samples, or at as many seconds: ten looks for each factor of ten.
constexpr int64_t kFirstLook = 100;
constexpr double kLookGrowth = 1.25;

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

// When to look next after a look at `count` samples.
int64_t NextLook(int64_t count);

}  // namespace sightline::stats
