// Time. Inside the program a moment is a std::chrono value of the steady clock; at untyped edges (C ABI,
// JSON, SQL, records) it is an int64_t named *_ns, nanoseconds of CLOCK_MONOTONIC. Policies take `now`; only
// loops hold a Clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace sightline {

using Nanoseconds = std::chrono::nanoseconds;
// libstdc++'s steady_clock is CLOCK_MONOTONIC, so stamps of plugins written in C compare with ours.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Nanoseconds>;

inline int64_t ToNs(TimePoint t) {
  return t.time_since_epoch().count();
}
inline TimePoint FromNs(int64_t ns) {
  return TimePoint(Nanoseconds(ns));
}

class Clock {
 public:
  virtual ~Clock() = default;
  // Callable from any thread.
  virtual TimePoint Now() const = 0;
  int64_t NowNs() const { return ToNs(Now()); }
};

// The machine's monotonic clock.
class SteadyClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
};

// A clock that stands still until told otherwise: for tests and simulation. Not synchronized.
class ManualClock final : public Clock {
 public:
  TimePoint Now() const override { return now_; }
  void Advance(Nanoseconds by) { now_ += by; }

 private:
  TimePoint now_{};
};

// What one clock read costs and how finely it ticks, measured over `reads` back-to-back reads. All 0 for a
// clock that stands still.
//
// Where some reads show the same moment as the one before, the clock ticks more slowly than it is read, and
// the smallest step it makes is its tick. Where every read shows a later moment, a step is the cost of a
// read, and the tick shows in what steps differ by.
struct ClockFacts {
  int64_t read_cost_ns = 0;   // median of the steps; their mean where most are 0
  int64_t resolution_ns = 0;  // the tick
};
ClockFacts MeasureClock(const Clock& clock, int reads = 10000);

}  // namespace sightline
