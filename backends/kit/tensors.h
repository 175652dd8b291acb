// Holds the tensors of a run to what the engine said it wants.
#pragma once

#include <span>

#include "backends/kit/info.h"
#include "backends/kit/status.h"
#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// Number, type, rank, dims, memory kind, alignment, size and data pointer of every tensor against `info`. A
// SL_DIM_BATCH takes 1..max_batch, the same for all tensors that have it. A SL_DIM_DYNAMIC takes anything
// positive in an input; in an output it is not looked at, nor is the size of such an output's memory. The
// error is one sentence naming the tensor. Allocates nothing when everything is right.
Status CheckTensors(const EngineInfo& info, int max_batch, std::span<const SlTensor> inputs,
                    std::span<const SlTensor> outputs);

}  // namespace sightline::kit
