// Single samples far from their neighbours: an interrupt, a page fault, another process for a moment. They
// say nothing about the state a machine is in, and would be segments of their own.
//
// Rule of Barrett et al., "Virtual machine warmup blows hot and cold" (OOPSLA 2017): an outlier lies further
// than 3 (p90 - p10) from the median of the 200 samples around it; the first half window is exempt, or a
// warm-up would be cut off as outliers. Here the window moves on in steps of a quarter of itself, which
// bounds the time, and is half the series when that is shorter than 400 samples.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sightline::stats {

struct WithoutOutliers {
  std::vector<double> samples;  // as many as there were: outliers have become the median around them
  size_t outliers = 0;
};

// `samples` in the order of time.
WithoutOutliers ReplaceOutliers(std::span<const double> samples);

}  // namespace sightline::stats
