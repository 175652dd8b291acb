// What a lower precision gains in time: `sightline verify --precision`.
//
// Method: two engines of one process infer the same prepared pictures in turn. A round is one timed inference
// of each, which of them first alternating, so that a drift of the machine meets both alike. Before each
// timed inference comes one that is not: it takes back the caches, and outlasts the threads of the other
// engine, which go on spinning for a while. The gain is the middle of the rounds' ratios, its interval that
// of stats/comparison.h: of these rounds in this process. What another launch would give differs by more;
// `sightline compare` measures that.
#pragma once

#include <atomic>
#include <optional>

#include "src/base/result.h"
#include "src/pipeline/pipeline.h"
#include "src/stats/interval.h"

namespace sightline::cli {

struct PrecisionGain {
  double speedup = 0;                       // time in fp32 / time in the precision: 2 is twice as fast
  std::optional<stats::Interval> interval;  // absent with a single round; wide with few
  int rounds = 0;                           // fewer than asked for where the user stopped them
};

// `batch` pictures of each pipeline's source, at most its slots. Absent where no round was measured.
Result<std::optional<PrecisionGain>> MeasureGain(pipeline::Pipeline& fp32, pipeline::Pipeline& lower,
                                                 int batch, int rounds, const std::atomic<bool>& stop);

}  // namespace sightline::cli
