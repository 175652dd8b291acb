// Throughput with a confidence interval, from the moments at which work was completed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/stats/interval.h"

namespace sightline::stats {

// Work that came to its end together: one batch is one completion, however its frames trickle out of it,
// since the pattern inside a batch is no variation of the rate.
struct Completion {
  int64_t at_ns = 0;
  int64_t frames = 1;
};

// One lane in a closed loop: always at work, on one thing at a time, from `begin_ns` to its last completion.
struct LaneWork {
  int64_t begin_ns = 0;
  std::vector<Completion> completions;  // ascending, none before begin_ns
};

// Adds a frame that came to its result to the lane that measured it; frames of a batch follow each other.
// `same_batch`: as the frame added last, if there was one. `begin_ns`: of its own acquire.
void AddFrame(LaneWork& work, bool same_batch, int64_t begin_ns, int64_t completed_ns);

struct ThroughputEstimate {
  // Each lane's frames over its own time from begin to last completion, summed: lanes that end at different
  // moments, or all in step, lose nothing at the window's edge.
  double per_s = 0;
  // For a lane, the time from one completion to the next against the frames it gave is a ratio estimate
  // (Cochran, "Sampling techniques", ch. 2 and 6); its error is the mean of the residuals
  // time - frames / rate, with the residuals' autocorrelation counted (dependence.h). The lanes' errors are
  // added, not their squares: what slows one lane usually slows all, and this bounds the error whatever they
  // have in common. Absent when a lane has too few completions for the interval of a mean.
  std::optional<Interval> interval;
};

// A lane without completions counts for nothing.
ThroughputEstimate EstimateThroughput(std::span<const LaneWork> lanes);

}  // namespace sightline::stats
