// Records to samples: the numbers statistics are made of.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "src/flow/record.h"
#include "src/stats/throughput.h"

namespace sightline::analyze {

// What one lane got done, for rates.
struct LaneProgress {
  stats::LaneWork work;  // from its first measured frame's acquire on; one completion per batch
  double infer_ns = 0;   // time spent in inference, summed over its batches
  int64_t infer_frames = 0;
};

// Durations are in nanoseconds and in the order of time, over all lanes, since intervals look at
// autocorrelation.
struct Samples {
  std::map<StageKey, std::vector<double>> stages;  // per-batch stages once per batch
  std::vector<double> latency;                     // own acquire to own result
  std::vector<double> latency_from_scheduled;
  std::vector<double> query_latency;  // per query all of whose frames came to a result
  std::vector<LaneProgress> lanes;
  std::map<std::string, int64_t> outcomes;  // all measured frames by outcome
  int64_t batches = 0;
  int64_t dropped_spans = 0;
};

// Looks at records of Phase::kMeasure; durations are of those with outcome ok. `frames_per_query`: of a
// scenario that issues queries of their own (multi-stream), else 0.
Samples CollectSamples(std::span<const RecordLog> lanes, int frames_per_query);

// Whether a stage runs once for a whole batch.
bool IsPerBatch(StageId stage);

}  // namespace sightline::analyze
