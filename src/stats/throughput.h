// Throughput with a confidence interval, from the moments at which work was completed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/stats/interval.h"

namespace sightline::stats {

struct Completion {
  int64_t at_ns = 0;
  int64_t frames = 1;  // completed at this moment
};

struct ThroughputEstimate {
  double per_s = 0;  // all frames over the whole window
  // Batch means: the window is cut into up to 30 slices of equal length (Schmeiser, "Batch size effects in
  // the analysis of simulation output", Operations Research 1982: more add little), each with four
  // completions or more, and the slices' rates are taken for independent: Student's t. Honest as long as
  // dependence fades within a slice, whatever the pattern inside it (batches finishing frame by frame,
  // instances in step). Work counts as done evenly between one completion and the next. Absent when there are
  // too few completions for 8 slices.
  std::optional<Interval> interval;
};

// `completions` in ascending order, all inside [begin_ns, end_ns], begin_ns < end_ns.
ThroughputEstimate EstimateThroughput(std::span<const Completion> completions, int64_t begin_ns,
                                      int64_t end_ns);

}  // namespace sightline::stats
