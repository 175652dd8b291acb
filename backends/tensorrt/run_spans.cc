#include "backends/tensorrt/run_spans.h"

#include <algorithm>

namespace sightline::tensorrt {

RunStamps OnHostClock(const GpuTimes& times, int64_t queued_ns, int64_t waited_ns) {
  constexpr double kNsPerMs = 1e6;
  const double room = static_cast<double>(std::max<int64_t>(waited_ns - queued_ns, 0));
  const double work = static_cast<double>(times.copied_out_ms) * kNsPerMs;
  const double scale = work > room ? room / work : 1;
  const double begin = (room - work * scale) / 2;
  const auto at = [&](float ms) {
    const double offset = begin + static_cast<double>(ms) * kNsPerMs * scale;
    return queued_ns + static_cast<int64_t>(std::clamp(offset, 0.0, room));
  };
  return {at(0), at(times.copied_in_ms), at(times.computed_ms), at(times.copied_out_ms)};
}

}  // namespace sightline::tensorrt
