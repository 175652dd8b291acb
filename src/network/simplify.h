// Passes that need no shapes: what in a graph computes nothing, and names.
#pragma once

#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

// Turns Constant nodes into constants.
Status RemoveConstantNodes(Draft& draft);

// Removes Identity, and Dropout as it is at inference.
void RemoveIdentities(Draft& draft);

// Calls an open dimension 0 of every input "N" (kBatchSymbol), and nothing else so. Non-positive sizes, which
// some exporters write for open, count as open.
void NameBatch(Draft& draft);

}  // namespace sightline::network
