// The order of the passes that turn a checked model into the normalized form network.h describes.
#pragma once

#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

// All passes. Errors name node and operator.
Status Normalize(Draft& draft);

// The last part of Normalize, for drafts that were normal and had nodes changed since: infers shapes, folds
// constants, makes pads explicit, drops what is dead and writes the shapes into the graph.
Status Renormalize(Draft& draft);

}  // namespace sightline::network
