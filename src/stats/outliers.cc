#include "src/stats/outliers.h"

#include <algorithm>

#include "src/stats/quantile.h"

namespace sightline::stats {
namespace {

constexpr size_t kWindow = 200;
constexpr size_t kSmallestWindow = 10;  // below it a p90 and a p10 are just the extremes
constexpr double kWidth = 3;            // in ranges from p10 to p90

struct Fence {
  double median = 0;
  double low = 0;
  double high = 0;
};

Fence FenceAround(std::vector<double> window) {
  std::sort(window.begin(), window.end());
  const double median = SortedQuantile(window, 0.5);
  const double width = kWidth * (SortedQuantile(window, 0.9) - SortedQuantile(window, 0.1));
  return {.median = median, .low = median - width, .high = median + width};
}

}  // namespace

WithoutOutliers ReplaceOutliers(std::span<const double> samples) {
  WithoutOutliers result{.samples = {samples.begin(), samples.end()}};
  const size_t window = std::min(kWindow, samples.size() / 2);
  if (window < kSmallestWindow) return result;
  const size_t step = window / 4;
  for (size_t begin = window / 2; begin < samples.size(); begin += step) {
    const size_t end = std::min(begin + step, samples.size());
    const size_t first = std::min(begin + step / 2 - window / 2, samples.size() - window);
    const auto around = samples.subspan(first, window);
    const Fence fence = FenceAround({around.begin(), around.end()});
    for (size_t i = begin; i < end; ++i) {
      if (samples[i] >= fence.low && samples[i] <= fence.high) continue;
      result.samples[i] = fence.median;
      ++result.outliers;
    }
  }
  return result;
}

}  // namespace sightline::stats
