// Drives pipelines: releases queries as a scenario wants them, one lane (thread) per pipeline, through
// warm-up and measurement, and keeps a record of every frame.
//
// Lanes stay busy from the first warm-up batch to the end; a batch belongs to the phase in which it began.
// Measuring starts when every lane has warmed up and ends when the first lane reaches a limit, so that all
// measured batches ran beside the same number of others.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/flow/trial.h"
#include "src/pipeline/pipeline.h"
#include "src/stats/stopping.h"

namespace sightline::load {

struct LoadOptions {
  Scenario scenario = Scenario::kSingleStream;
  int batch = 1;
  int frames_per_query = 8;  // multi-stream
  RunLimits limits;          // at least one of duration and iterations; stop_when beside them
  int64_t first_look =
      stats::kTrustedLook;  // of limits.stop_when: after so many frames; see stats::FirstLook
  // Where records go, one sink per pipeline, each used by one thread; owned by the caller. Empty: they are
  // kept in LoadOutcome::lanes, in memory that grows with the run. One that fails ends the run.
  std::span<RecordSink* const> sinks;
};

struct LoadOutcome {
  std::vector<RecordLog> lanes;  // one per pipeline; empty when the records went to LoadOptions::sinks
  int64_t measure_begin_ns = 0;  // when the last lane had warmed up; 0: it never came to that
  int64_t measure_end_ns =
      0;                      // when the last measured frame was complete or, without any, when the run ended
  bool goal_reached = false;  // limits.stop_when ended the run
  std::optional<Error> error;  // the first failure; it ended the run, records up to it are kept
  bool interrupted = false;    // `stop` was set
};

// Blocks until done. Every pipeline has at least `batch` slots. `stop` may be set at any time, from a signal
// handler too; lanes end with the batch in progress, inside a query too. `duration`, `iterations` and
// `stop_when` are looked at between queries: to cut the last one short would favour short ones.
LoadOutcome RunLoad(std::span<pipeline::Pipeline* const> pipelines, const LoadOptions& options,
                    const Clock& clock, const std::atomic<bool>& stop);

}  // namespace sightline::load
