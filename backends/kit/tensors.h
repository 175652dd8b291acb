// Holds the tensors of a run to what the engine said it wants.
#pragma once

#include <span>

#include "backends/kit/info.h"
#include "backends/kit/status.h"
#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// Number, type, rank, dims, memory kind, size and data pointer of every tensor against `info`. An open
// dims[0] of an input takes 1..max_batch; inputs and outputs with an open dims[0] all have the same one.
// Other open dims take anything positive. The error is one sentence naming the tensor. Allocates nothing when
// everything is right.
Status CheckTensors(const EngineInfo& info, int max_batch, std::span<const SlTensor> inputs,
                    std::span<const SlTensor> outputs);

}  // namespace sightline::kit
