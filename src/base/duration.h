// Durations as people write them.
#pragma once

#include <string_view>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace sightline {

// "5s", "250ms", "2min", "1.5h", "100us", "800ns"; a bare number is seconds. Negative, empty and unknown
// units fail with a sentence naming `what` (a flag).
Result<Nanoseconds> ParseDuration(std::string_view text, std::string_view what);

}  // namespace sightline
