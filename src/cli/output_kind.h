// Whether a classifier nobody described gives probabilities or logits.
#pragma once

#include <span>

#include "include/sightline/backend_abi.h"
#include "src/flow/task.h"

namespace sightline::cli {

// From the network: probabilities when output 0 is a Softmax, possibly brought into another shape or type;
// else logits. A LogSoftmax counts as logits, which its values are.
OutputKind OutputKindOf(const SlGraph& graph);

// From one picture's scores, for files the host can't read: probabilities when all lie in [0, 1] and sum to 1
// within 1e-3.
OutputKind OutputKindOf(std::span<const float> scores);

}  // namespace sightline::cli
