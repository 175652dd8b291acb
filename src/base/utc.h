// Wall-clock time as it is written down; never for measuring.
#pragma once

#include <string>

namespace sightline {

// Now, UTC, ISO 8601 with seconds: "2026-11-24T23:11:53Z".
std::string UtcNow();

}  // namespace sightline
