#include "src/stats/early_stopping.h"

#include "src/base/check.h"
#include "src/stats/distributions.h"

namespace sightline::stats {
namespace {

// Whether `over_latency` slow ones beside `passing` others show that fewer than 1 - p are slow.
bool Passes(int64_t passing, int64_t over_latency, double p) {
  return passing > 0 && RegularizedBeta(static_cast<double>(passing), static_cast<double>(over_latency + 1),
                                        p) < 1 - kEarlyStoppingConfidence;
}

}  // namespace

int64_t FewestPassing(int64_t over_latency, double p) {
  SIGHTLINE_CHECK(over_latency >= 0 && p > 0 && p < 1);
  int64_t fails = 0;
  int64_t passes = 1;
  while (!Passes(passes, over_latency, p)) {
    fails = passes;
    passes *= 2;
  }
  while (passes - fails > 1) {
    const int64_t middle = fails + (passes - fails) / 2;
    (Passes(middle, over_latency, p) ? passes : fails) = middle;
  }
  return passes;
}

int64_t FewestQueries(double p) {
  return FewestPassing(1, p) + 1;
}

std::optional<double> EarlyStoppingEstimate(OrderStatistics& latencies, double p) {
  const int64_t count = latencies.count();
  if (count < FewestQueries(p)) return std::nullopt;
  int64_t passes = 1;
  int64_t fails = count;
  while (fails - passes > 1) {
    const int64_t middle = passes + (fails - passes) / 2;
    (Passes(count - middle, middle, p) ? passes : fails) = middle;
  }
  return latencies.At(count - passes + 1);
}

}  // namespace sightline::stats
