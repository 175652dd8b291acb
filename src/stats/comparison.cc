#include "src/stats/comparison.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/base/check.h"
#include "src/stats/across_launches.h"
#include "src/stats/distributions.h"
#include "src/stats/rank_shift.h"

namespace sightline::stats {
namespace {

std::vector<double> Logarithms(std::span<const double> figures) {
  std::vector<double> logarithms(figures.begin(), figures.end());
  for (double& figure : logarithms) figure = std::log(figure);
  return logarithms;
}

ChangeVerdict Judge(const Comparison& comparison, double threshold) {
  if (!comparison.interval) return ChangeVerdict::kUndecided;
  const auto [low, high] = *comparison.interval;
  const double slower = 1 + threshold;
  const double faster = 1 / slower;
  if (low > 1 && comparison.ratio >= slower) return ChangeVerdict::kSlower;
  if (high < 1 && comparison.ratio <= faster) return ChangeVerdict::kFaster;
  if (low >= faster && high <= slower) return ChangeVerdict::kNoChange;
  return ChangeVerdict::kUndecided;
}

// The ratio that Student's t sees, with what ranks say about it in place of mean and interval where there are
// enough launches for that.
RatioEstimate EstimateRatio(std::span<const double> before, std::span<const double> after, Pairing pairing) {
  const bool paired = pairing == Pairing::kByRound;
  RatioEstimate estimate = paired ? PairedLogRatio(after, before) : LogRatio(after, before);
  std::vector<double> old_side = Logarithms(before);
  std::vector<double> new_side = Logarithms(after);
  if (paired)
    for (size_t i = 0; i < new_side.size(); ++i) new_side[i] -= old_side[i];
  const Shift shift = paired ? SignedRankShift(new_side) : RankSumShift(new_side, old_side);
  if (!shift.interval) return estimate;
  estimate.ratio = std::exp(shift.shift);
  estimate.interval = Interval{.low = std::exp(shift.interval->low), .high = std::exp(shift.interval->high)};
  return estimate;
}

// A half-width shrinks with the square root of the launches, and with t; `launches` gave this one.
int64_t LaunchesFor(const Interval& interval, double degrees_of_freedom, size_t launches, double target) {
  const double half_width = std::log(interval.high / interval.low) / 2;
  const double spread =
      half_width * std::sqrt(static_cast<double>(launches)) / StudentTQuantile(1 - kTail, degrees_of_freedom);
  const VarianceComponents components{.mean = 1, .between = spread * spread};
  return LaunchesNeeded(components, 1, target);
}

}  // namespace

std::string_view ToString(ChangeVerdict verdict) {
  switch (verdict) {
    case ChangeVerdict::kSlower:
      return "slower";
    case ChangeVerdict::kFaster:
      return "faster";
    case ChangeVerdict::kNoChange:
      return "no change";
    case ChangeVerdict::kUndecided:
      return "undecided";
  }
  return "";
}

Comparison Compare(std::span<const double> before, std::span<const double> after, Pairing pairing,
                   const ComparisonOptions& options) {
  SIGHTLINE_CHECK(!before.empty() && !after.empty() && options.threshold > 0);
  const RatioEstimate estimate = EstimateRatio(before, after, pairing);
  Comparison comparison{.ratio = estimate.ratio, .interval = estimate.interval, .p_value = estimate.p_value};
  comparison.verdict = Judge(comparison, options.threshold);
  if (estimate.interval)
    comparison.launches_needed =
        LaunchesFor(*estimate.interval, estimate.degrees_of_freedom, std::min(before.size(), after.size()),
                    std::log1p(options.threshold));
  return comparison;
}

void CorrectForMany(std::span<Comparison> comparisons) {
  if (comparisons.size() < 2) return;
  std::vector<size_t> order(comparisons.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return comparisons[a].p_value < comparisons[b].p_value; });
  bool stands = true;
  for (size_t i = 0; i < order.size(); ++i) {
    Comparison& comparison = comparisons[order[i]];
    stands = stands && comparison.p_value * static_cast<double>(order.size() - i) <= 2 * kTail;
    const bool alarm =
        comparison.verdict == ChangeVerdict::kSlower || comparison.verdict == ChangeVerdict::kFaster;
    if (alarm && !stands) comparison.verdict = ChangeVerdict::kUndecided;
  }
}

}  // namespace sightline::stats
