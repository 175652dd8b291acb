// Parameters, MACs and bytes of a normalized draft; conventions in network.h.
#pragma once

#include "src/network/draft.h"
#include "src/network/network.h"

namespace sightline::network {

NetworkCost CountCost(const Draft& draft);

}  // namespace sightline::network
