#include "src/stats/throughput.h"

#include <algorithm>
#include <vector>

#include "src/base/check.h"
#include "src/stats/mean.h"

namespace sightline::stats {
namespace {

constexpr double kNsPerS = 1e9;
constexpr size_t kMostSlices = 30;
constexpr size_t kFewestSlices = 8;
constexpr size_t kCompletionsPerSlice = 4;

// Frames done in each of `slices` equal parts of [begin_ns, last completion].
std::vector<double> FramesPerSlice(std::span<const Completion> completions, int64_t begin_ns, size_t slices) {
  const auto length = static_cast<double>(completions.back().at_ns - begin_ns);
  std::vector<double> frames(slices);
  double from = 0;  // as a share of the span, in slices
  for (const Completion& completion : completions) {
    const double to = static_cast<double>(completion.at_ns - begin_ns) / length * static_cast<double>(slices);
    const auto first = std::min(static_cast<size_t>(from), slices - 1);
    const auto last = std::min(static_cast<size_t>(to), slices - 1);
    for (size_t slice = first; slice <= last; ++slice) {
      const double begin = std::max(from, static_cast<double>(slice));
      const double end = std::min(to, static_cast<double>(slice + 1));
      const double share = to > from ? (end - begin) / (to - from) : (slice == last ? 1.0 : 0.0);
      frames[slice] += share * static_cast<double>(completion.frames);
    }
    from = to;
  }
  return frames;
}

}  // namespace

ThroughputEstimate EstimateThroughput(std::span<const Completion> completions, int64_t begin_ns,
                                      int64_t end_ns) {
  SIGHTLINE_CHECK(begin_ns < end_ns);
  double frames = 0;
  for (const Completion& completion : completions) frames += static_cast<double>(completion.frames);
  ThroughputEstimate estimate;
  estimate.per_s = frames * kNsPerS / static_cast<double>(end_ns - begin_ns);
  const size_t slices = std::min(kMostSlices, completions.size() / kCompletionsPerSlice);
  if (slices < kFewestSlices || completions.back().at_ns <= begin_ns) return estimate;

  Moments moments;
  for (const double done : FramesPerSlice(completions, begin_ns, slices)) moments.Add(done);
  // Relative to the rate over the whole window, so that the figure lies inside its interval even when the
  // window ends some time after the last completion.
  const double scale = estimate.per_s / moments.mean();
  if (const auto interval = MeanInterval(moments, static_cast<double>(slices))) {
    estimate.interval = Interval{.low = interval->low * scale, .high = interval->high * scale};
  }
  return estimate;
}

}  // namespace sightline::stats
