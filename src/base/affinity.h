// Which cores this process may run on.
#pragma once

#include <span>
#include <vector>

#include "src/base/result.h"

namespace sightline {

// Cores the calling thread may run on, ascending.
std::vector<int> AllowedCores();

// Holds the calling thread, and every thread made by it from now on, to `cores`. Call it before a framework
// is loaded, since frameworks make their threads early. Fails naming the core that is not there or not
// allowed.
Status HoldToCores(std::span<const int> cores);

}  // namespace sightline
