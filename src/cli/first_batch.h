// The first inferences of a replicate, before it warms up.
#pragma once

#include <cstdint>

#include "src/base/result.h"
#include "src/flow/run_result.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

struct FirstBatch {
  int64_t infer_ns = 0;
  Status results;  // an error: the outputs were not usable
};

// One batch through the pipeline, all slots.
Result<FirstBatch> RunFirstBatch(pipeline::Pipeline& pipeline);

// After RunFirstBatch: what the network's outputs look like. Of a single picture no one can say whether
// pictures make a difference, so where they all were the same one, and `pictures` says that there are more,
// another batch is run.
Result<OutputFacts> LookAtFirstOutputs(pipeline::Pipeline& pipeline, int64_t pictures);

}  // namespace sightline::cli
