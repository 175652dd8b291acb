#include "src/base/utc.h"

#include <fmt/chrono.h>

#include <chrono>

namespace sightline {

std::string UtcNow() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace sightline
