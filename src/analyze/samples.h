// Records to samples: the numbers statistics are made of.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
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
  // Its inferences in the order of time: when each began, and how long it took.
  std::vector<int64_t> infer_begins_ns;
  std::vector<double> infer_durations_ns;
};

// Durations are in nanoseconds and in the order of time, over all lanes, since intervals look at
// autocorrelation.
struct Samples {
  std::map<StageKey, std::vector<double>> stages;  // per-batch stages once per batch
  std::vector<double> latency;                     // own acquire to own result
  std::vector<double> latency_from_scheduled;
  std::vector<double> query_latency;          // per query all of whose frames came to a result
  std::vector<double> candidates_before_nms;  // per frame that a detection network came to a result for
  std::vector<double> candidates_after_nms;
  std::vector<LaneProgress> lanes;
  std::map<std::string, int64_t> outcomes;  // all measured frames by outcome
  int64_t batches = 0;
  int64_t dropped_spans = 0;
  int64_t unusable_outputs = 0;  // measured frames that failed in postprocess
  int64_t left_out = 0;  // measured frames of batches that began inference too early, see SampleCollector
};

// Looks at records of Phase::kMeasure; durations are of those with outcome ok. `frames_per_query`: of a
// scenario that issues queries of their own (multi-stream), else 0.
Samples CollectSamples(std::span<const RecordLog> lanes, int frames_per_query);

// The same from records that come one by one, from a file or a database: each lane's in order, lanes mixed as
// they may be. Lanes are told apart by the record's instance.
class SampleCollector {
 public:
  // `frames_per_query` as CollectSamples. Batches whose inference began before `from_ns` give no samples; the
  // outcomes of their frames are counted all the same.
  explicit SampleCollector(int frames_per_query = 0, int64_t from_ns = std::numeric_limits<int64_t>::min());
  ~SampleCollector();
  SampleCollector(const SampleCollector&) = delete;
  SampleCollector& operator=(const SampleCollector&) = delete;

  void Add(const RequestRecord& record, std::span<const StageSpan> spans);
  // Once, after the last record.
  Samples Finish();

 private:
  friend Samples CollectSamples(std::span<const RecordLog> lanes, int frames_per_query);
  class Collector;
  std::unique_ptr<Collector> collector_;
};

// Whether a stage runs once for a whole batch.
bool IsPerBatch(StageId stage);

}  // namespace sightline::analyze
