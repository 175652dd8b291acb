// Records of one replicate to the figures people read.
#pragma once

#include <optional>
#include <span>

#include "src/analyze/samples.h"
#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/flow/run_result.h"

namespace sightline::analyze {

// Figures over the measured phase, each with its 95 % interval where the samples support one (src/stats).
// Rates add up over lanes, each over its own time from its first measured acquire to its last result.
// `frames_per_query`: how many frames a query has in multi-stream; 0 in the scenarios without queries of
// their own. Queries that lost a frame are left out of the query's latency.
RunSummary Summarize(std::span<const RecordLog> lanes, int frames_per_query = 0);
RunSummary Summarize(const Samples& samples);

// Samples of the steady part alone, and how inference settled.
struct SettledSamples {
  Samples samples;
  std::optional<SteadyState> state;  // absent where nothing was measured
};
Result<SettledSamples> CollectSettled(const RecordScan& records, int frames_per_query = 0);

// The same of the steady part alone, with how inference settled (settling.h); what came before is left out
// where a steady state was reached. Scans once, and a second time where something is left out.
Result<RunSummary> SummarizeSettled(const RecordScan& records, int frames_per_query = 0);

}  // namespace sightline::analyze
