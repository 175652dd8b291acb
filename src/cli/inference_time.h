// How long a pipeline's inference takes, for what compares two of them.
#pragma once

#include <span>

#include "src/base/result.h"
#include "src/pipeline/pipeline.h"

namespace sightline::cli {

// Infers what the slots were prepared with once more; nanoseconds of the whole inference of their batch (of
// both networks, where a detector has two). At least one slot.
Result<double> InferAgain(pipeline::Pipeline& pipeline, std::span<pipeline::Slot* const> slots);

}  // namespace sightline::cli
