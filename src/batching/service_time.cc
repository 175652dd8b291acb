#include "src/batching/service_time.h"

#include <algorithm>
#include <cmath>

#include "src/base/check.h"

namespace sightline::batching {
namespace {

constexpr double kMeanGain = 1.0 / 8;
constexpr double kDeviationGain = 1.0 / 4;
constexpr double kDeviations = 3;

}  // namespace

void ServiceTime::Observe(int frames, int64_t took_ns) {
  SIGHTLINE_CHECK(frames >= 1 && frames <= static_cast<int>(seen_.size()));
  Seen& seen = seen_[static_cast<size_t>(frames - 1)];
  const auto took = static_cast<double>(took_ns);
  // Of the first few the plain mean: the first run of a size is often much slower than the rest.
  const double gain = std::max(kMeanGain, 1.0 / static_cast<double>(++seen.count));
  if (seen.count > 1) {
    const double deviation_gain = std::max(kDeviationGain, 1.0 / static_cast<double>(seen.count - 1));
    seen.deviation_ns += deviation_gain * (std::abs(took - seen.mean_ns) - seen.deviation_ns);
  }
  seen.mean_ns += gain * (took - seen.mean_ns);
  seen.last = ++inferences_;
}

int ServiceTime::Nearest(int from, int step) const {
  for (int frames = from; frames >= 1 && frames <= static_cast<int>(seen_.size()); frames += step) {
    if (Known(frames)) return frames;
  }
  return 0;
}

int ServiceTime::largest_seen() const {
  return Nearest(static_cast<int>(seen_.size()), -1);
}

template <typename Value>
std::optional<double> ServiceTime::OnLine(int frames, const Value& value) const {
  if (Known(frames)) return value(at(frames));
  int low = Nearest(frames - 1, -1);
  int high = Nearest(frames + 1, +1);
  if (low == 0 && high == 0) return std::nullopt;
  if (low == 0) {
    // Smaller than all that was seen: at most as long as the smallest, which is enough to know.
    return value(at(high));
  }
  if (high == 0) {
    high = low;
    low = Nearest(high - 1, -1);
    const double in_proportion = value(at(high)) * frames / high;
    if (low == 0) return in_proportion;
    const double slope = (value(at(high)) - value(at(low))) / (high - low);
    return std::clamp(value(at(high)) + slope * (frames - high), value(at(high)), in_proportion);
  }
  const double share = static_cast<double>(frames - low) / (high - low);
  return value(at(low)) + share * (value(at(high)) - value(at(low)));
}

std::optional<double> ServiceTime::Mean(int frames) const {
  return OnLine(frames, [](const Seen& seen) { return seen.mean_ns; });
}

std::optional<double> ServiceTime::Upper(int frames, double inferences) const {
  const double deviations = kDeviations * std::sqrt(inferences);
  return OnLine(frames,
                [&](const Seen& seen) { return inferences * seen.mean_ns + deviations * seen.deviation_ns; });
}

}  // namespace sightline::batching
