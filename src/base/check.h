// CHECK guards states that cannot be unless the program is wrong. It stays on in release builds: a
// measurement made by a broken program is worse than none. User input never reaches a CHECK; it yields a
// Result (result.h).
#pragma once

namespace sightline {

// Prints where and what, then aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace sightline

#define SIGHTLINE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::sightline::CheckFailed(__FILE__, __LINE__, #condition))
