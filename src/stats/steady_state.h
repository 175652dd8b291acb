// Whether, and from where on, a series of latencies has settled.
//
// Classification of Barrett, Bolz-Tereick, Killick, Mount and Tratt, "Virtual machine warmup blows hot and
// cold" (OOPSLA 2017): outliers out (outliers.h), segments by changepoints (changepoint.h), and then
//   no steady state  segments within the last quarter (the paper: 500 of 2,000) differ from the last one
//   flat             all segments are equivalent to the last one
//   warm-up          none of the segments that differ is faster than the last one
//   slowdown         one of them is
// The steady state is the last segment with those before it that are equivalent, as far back as no other
// comes between.
//
// What differs from the paper:
// - Changepoints are looked for in the logarithms (when all samples are positive): latencies are skewed and
//   bounded below, and it is relative changes that matter.
// - Equivalence. The paper takes segments for equal when their means are within 1 ms, or within the variance
// of
//   the last one, for iterations of about a second. Latencies lie between microseconds and seconds, so here
//   the tolerance is relative (1 %), or what the two means leave open: 2 standard errors of their difference,
//   widened for dependence. A variance would let a noisy series hide any change.
// - Too short. Fewer than 30 samples, or samples worth fewer than 20 independent ones, show nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace sightline::stats {

enum class SteadyVerdict { kTooShort, kFlat, kWarmUp, kSlowdown, kNoSteadyState };

// "flat", "warm-up", "slowdown", "no steady state", "too short".
std::string_view ToString(SteadyVerdict verdict);

// A stretch [begin, end) of the samples between changes; its figures leave outliers out.
struct Segment {
  size_t begin = 0;
  size_t end = 0;
  double mean = 0;
  double stddev = 0;
  bool steady = false;  // part of the steady state
};

struct SteadyState {
  SteadyVerdict verdict = SteadyVerdict::kTooShort;
  // The first sample of the steady state; 0 when flat. Without a steady state, where the last segment begins;
  // 0 when too short.
  size_t begin = 0;
  std::vector<Segment> segments;  // adjacent, in the order of time, all samples; empty when too short
  size_t outliers = 0;
  size_t resolution = 1;  // segments begin at multiples of it
};

struct SteadyStateOptions {
  double tolerance = 0.01;  // relative, between the means of equivalent segments
};

// `samples`: of one lane, in the order of time; their unit does not matter. O(n).
SteadyState FindSteadyState(std::span<const double> samples, const SteadyStateOptions& options = {});

}  // namespace sightline::stats
