// A network as a profile sees it.
#pragma once

#include "src/analyze/layer_graph.h"
#include "src/base/result.h"
#include "src/network/network.h"

namespace sightline::cli {

// Nodes, what they read and write and what that costs, all at a batch of `batch`.
Result<analyze::LayerGraph> LayersOf(const network::Network& network, int batch);

}  // namespace sightline::cli
