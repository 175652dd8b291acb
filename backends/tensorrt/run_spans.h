// GPU times on the host's clock.
#pragma once

#include <cstdint>

namespace sightline::tensorrt {

// What CUDA events say of one run, in milliseconds since the first of them.
struct GpuTimes {
  float copied_in_ms = 0;
  float computed_ms = 0;
  float copied_out_ms = 0;
};

// Nanoseconds of CLOCK_MONOTONIC.
struct RunStamps {
  int64_t begin_ns = 0;
  int64_t copied_in_ns = 0;
  int64_t computed_ns = 0;
  int64_t end_ns = 0;
};

// Events have a clock of their own whose zero nobody knows. Of the first event the host knows that it came
// after `queued_ns`, just before the work was queued, and of the last that it came before `waited_ns`, when
// waiting for it had ended. What lies between these and is not the work itself is the driver's: the work is
// put in its middle, so that the stamps are off by at most half of that, and durations not at all. Where the
// two clocks disagree and the work seems longer than the time there was, it is shortened to fit.
RunStamps OnHostClock(const GpuTimes& times, int64_t queued_ns, int64_t waited_ns);

}  // namespace sightline::tensorrt
