#include "src/stats/throughput.h"

#include <algorithm>
#include <vector>

#include "src/base/check.h"
#include "src/stats/mean.h"

namespace sightline::stats {
namespace {

constexpr double kNsPerS = 1e9;

struct LaneRate {
  double per_ns = 0;
  std::optional<double> relative_error;  // half-width of the interval over the rate
};

// What is left of each time between completions when the frames it gave are taken at the lane's mean rate:
// its mean is 0.
std::vector<double> Residuals(const LaneWork& lane, double per_ns) {
  std::vector<double> residuals;
  residuals.reserve(lane.completions.size());
  int64_t previous_ns = lane.begin_ns;
  for (const Completion& completion : lane.completions) {
    SIGHTLINE_CHECK(completion.at_ns >= previous_ns);
    residuals.push_back(static_cast<double>(completion.at_ns - previous_ns) -
                        static_cast<double>(completion.frames) / per_ns);
    previous_ns = completion.at_ns;
  }
  return residuals;
}

LaneRate RateOf(const LaneWork& lane) {
  double frames = 0;
  for (const Completion& completion : lane.completions) frames += static_cast<double>(completion.frames);
  const auto span_ns = static_cast<double>(lane.completions.back().at_ns - lane.begin_ns);
  LaneRate rate{.per_ns = frames / span_ns, .relative_error = {}};
  const MeanEstimate mean = EstimateMean(Residuals(lane, rate.per_ns));
  if (mean.interval) {
    const double half_ns = (mean.interval->high - mean.interval->low) / 2;
    rate.relative_error = half_ns * static_cast<double>(lane.completions.size()) / span_ns;
  }
  return rate;
}

}  // namespace

void AddFrame(LaneWork& work, bool same_batch, int64_t begin_ns, int64_t completed_ns) {
  const bool first = work.completions.empty();
  work.begin_ns = first ? begin_ns : std::min(work.begin_ns, begin_ns);
  if (first || !same_batch) work.completions.push_back({.at_ns = 0, .frames = 0});
  Completion& completion = work.completions.back();
  completion.at_ns = std::max(completion.at_ns, completed_ns);
  ++completion.frames;
}

ThroughputEstimate EstimateThroughput(std::span<const LaneWork> lanes) {
  ThroughputEstimate estimate;
  double low = 0;
  double high = 0;
  bool bounded = true;
  for (const LaneWork& lane : lanes) {
    if (lane.completions.empty() || lane.completions.back().at_ns <= lane.begin_ns) continue;
    const LaneRate rate = RateOf(lane);
    const double per_s = rate.per_ns * kNsPerS;
    estimate.per_s += per_s;
    // The interval is one of the time per frame: rate x mean / (mean +- error). A lower end of that time at
    // or below 0 bounds no rate.
    bounded = bounded && rate.relative_error && *rate.relative_error < 1;
    if (!bounded) continue;
    low += per_s / (1 + *rate.relative_error);
    high += per_s / (1 - *rate.relative_error);
  }
  if (bounded && estimate.per_s > 0) estimate.interval = Interval{.low = low, .high = high};
  return estimate;
}

}  // namespace sightline::stats
