// Durations as people write and read them.
#pragma once

#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace sightline {

// "5s", "250ms", "2min", "1.5h", "100us", "800ns"; a bare number is seconds. Negative, empty and unknown
// units fail with a sentence naming `what` (a flag).
Result<Nanoseconds> ParseDuration(std::string_view text, std::string_view what);

// About how long, for people: "8.4 s", "75 s", "12 min", "3 h 20 min". Not below 0.
std::string DurationText(Nanoseconds duration);

}  // namespace sightline
