// The first inferences of a replicate, before it warms up.
#pragma once

#include <cstdint>

#include "src/base/result.h"
#include "src/flow/run_result.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// One batch through the pipeline, all slots; how long its inference took, in nanoseconds.
Result<int64_t> FirstInference(pipeline::Pipeline& pipeline);

// After FirstInference: what the network's outputs look like. Of a single picture no one can say whether
// pictures make a difference, so where they all were the same one, and `pictures` says that there are more,
// another batch is run.
Result<OutputFacts> LookAtFirstOutputs(pipeline::Pipeline& pipeline, int64_t pictures);

}  // namespace sightline::cli
