#include "src/stats/changepoint.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/base/check.h"
#include "src/stats/dependence.h"
#include "src/stats/series.h"

namespace sightline::stats {
namespace {

constexpr size_t kMostGroups = 2048;
constexpr size_t kFewestStretches = 3;
constexpr size_t kMostStretches = 16;
constexpr size_t kStretchLength = 100;  // where the series is long enough for more than the fewest stretches
constexpr size_t kShort = 300;          // its stretches are too short to tell all of the dependence
constexpr double kFullPenaltyCount = 500;
constexpr double kLeastPenaltyShare = 0.4;
constexpr double kGainFactor = 4;
constexpr double kFloorShare = 0.01;        // of the variance that successive values differ by
constexpr double kFloorOfLevel = 1e-10;     // of the squared level, for series that hardly ever change
constexpr double kMedianOfSquare = 0.4549;  // of a standard normal value

// The least variance worth believing in. Half the mean squared difference of neighbours is the variance of
// independent values; the median in place of the mean leaves out the few differences that span a change.
// And nothing is known more finely than the ticks it was counted in: their least step gives them away.
double VarianceFloor(std::span<const double> series) {
  std::vector<double> squares;
  squares.reserve(series.size());
  double tick = std::numeric_limits<double>::infinity();
  for (size_t i = 1; i < series.size(); ++i) {
    squares.push_back((series[i] - series[i - 1]) * (series[i] - series[i - 1]));
    if (squares.back() > 0) tick = std::min(tick, squares.back());
  }
  const double variance = MedianOf(std::move(squares)) / 2 / kMedianOfSquare;
  const double level = MedianOf({series.begin(), series.end()});
  const double rounding = std::isinf(tick) ? 0 : tick / 12;  // the variance of what is lost in a tick
  return std::max(
      {kFloorShare * variance, kFloorOfLevel * level * level, rounding, std::numeric_limits<double>::min()});
}

// How much more a cut gains than in independent Gaussian values: where only the level wanders, and where only
// the tails are heavy.
struct Gain {
  double inflation = 1;  // of the variance of a mean
  double tails = 1;      // of the variance of a variance, (kurtosis - 1) / 2; at least 1
};

// (kurtosis - 1) / 2 of values whose mean is 0.
double TailGain(std::span<const double> centred) {
  double squares = 0;
  double fourths = 0;
  for (const double value : centred) {
    squares += value * value;
    fourths += value * value * value * value;
  }
  if (squares == 0) return 1;
  return std::max(1.0, (fourths * static_cast<double>(centred.size()) / (squares * squares) - 1) / 2);
}

Gain TypicalGain(std::span<const double> series) {
  const size_t stretches = std::clamp(series.size() / kStretchLength, kFewestStretches, kMostStretches);
  const size_t length = series.size() / stretches;
  if (length < 4) return {};  // nothing to tell a dependence by
  std::vector<double> inflations;
  std::vector<double> tails;
  for (size_t i = 0; i < stretches; ++i) {
    const std::vector<double> stretch = Detrended(series.subspan(i * length, length));
    inflations.push_back(MeasureDependence(stretch).inflation);
    tails.push_back(TailGain(stretch));
  }
  return {.inflation = MedianOf(std::move(inflations)), .tails = MedianOf(std::move(tails))};
}

// Each segment less its mean.
std::vector<double> Residuals(std::vector<double> series, std::span<const size_t> starts) {
  size_t begin = 0;
  for (size_t i = 0; i <= starts.size(); ++i) {
    const size_t end = i < starts.size() ? starts[i] : series.size();
    double mean = 0;
    for (size_t k = begin; k < end; ++k) mean += series[k] / static_cast<double>(end - begin);
    for (size_t k = begin; k < end; ++k) series[k] -= mean;
    begin = end;
  }
  return series;
}

double Penalty(size_t count, const Gain& gain, const ChangepointOptions& options) {
  const auto n = static_cast<double>(count);
  const double published =
      options.penalty_factor * std::clamp(n / kFullPenaltyCount, kLeastPenaltyShare, 1.0);
  return std::max(published, kGainFactor * std::max(gain.inflation, gain.tails)) * std::log(n);
}

// The search of PELT: the least total cost of each beginning of the series, and where its last segment
// begins.
class Search {
 public:
  Search(const SegmentCost& cost, double penalty, size_t min_length)
      : cost_(cost),
        penalty_(penalty),
        min_length_(min_length),
        least_(cost.size() + 1, std::numeric_limits<double>::infinity()),
        last_start_(cost.size() + 1, 0) {
    least_[0] = -penalty;  // as many changepoints as segments, less one
  }

  std::vector<size_t> Run() {
    for (size_t end = min_length_; end <= cost_.size(); ++end) {
      const size_t start = end - min_length_;
      if (start == 0 || start >= min_length_) candidates_.push_back({.start = start});
      Extend(end);
    }
    std::vector<size_t> starts;
    for (size_t start = last_start_[cost_.size()]; start > 0; start = last_start_[start])
      starts.push_back(start);
    std::reverse(starts.begin(), starts.end());
    return starts;
  }

 private:
  // A segment can begin at `start`, as long as it ends before `expires`.
  struct Candidate {
    size_t start = 0;
    size_t expires = std::numeric_limits<size_t>::max();
    double total = 0;
  };

  // A start that costs more than the best way to `end` costs more for ever: from `end` on one can begin anew.
  // But not before a segment from there has its least length (the original rule has no such length).
  void Extend(size_t end) {
    std::erase_if(candidates_, [&](const Candidate& candidate) { return candidate.expires <= end; });
    for (Candidate& candidate : candidates_) {
      candidate.total = least_[candidate.start] + cost_(candidate.start, end);
      if (candidate.total + penalty_ >= least_[end]) continue;
      least_[end] = candidate.total + penalty_;
      last_start_[end] = candidate.start;
    }
    for (Candidate& candidate : candidates_)
      if (candidate.total > least_[end]) candidate.expires = std::min(candidate.expires, end + min_length_);
  }

  const SegmentCost& cost_;
  double penalty_;
  size_t min_length_;
  std::vector<double> least_;
  std::vector<size_t> last_start_;
  std::vector<Candidate> candidates_;
};

}  // namespace

SegmentCost::SegmentCost(std::span<const double> series, double variance_floor)
    : floor_(variance_floor), sums_(series.size() + 1), squares_(series.size() + 1) {
  SIGHTLINE_CHECK(variance_floor > 0);
  double mean = 0;
  for (const double value : series) mean += value / static_cast<double>(series.size());
  for (size_t i = 0; i < series.size(); ++i) {
    sums_[i + 1] = sums_[i] + (series[i] - mean);
    squares_[i + 1] = squares_[i] + (series[i] - mean) * (series[i] - mean);
  }
}

// The likelihood is greatest at the variance of the stretch, or at the floor when that is larger.
double SegmentCost::operator()(size_t begin, size_t end) const {
  const auto n = static_cast<double>(end - begin);
  const double sum = sums_[end] - sums_[begin];
  const double variance = std::max((squares_[end] - squares_[begin] - sum * sum / n) / n, 0.0);
  const double fitted = std::max(variance, floor_);
  return n * (std::log(fitted) + variance / fitted);
}

std::vector<size_t> Pelt(const SegmentCost& cost, double penalty, size_t min_length) {
  SIGHTLINE_CHECK(penalty >= 0 && min_length >= 1);
  if (cost.size() < 2 * min_length) return {};
  return Search(cost, penalty, min_length).Run();
}

Changepoints FindChangepoints(std::span<const double> samples, const ChangepointOptions& options) {
  Changepoints found{.group = GroupLength(samples.size(), kMostGroups)};
  const std::vector<double> means = GroupMeans(samples, found.group);
  if (means.size() < 2 * options.min_length) return found;
  Gain gain = TypicalGain(means);
  const SegmentCost cost(means, VarianceFloor(means));
  found.starts = Pelt(cost, Penalty(means.size(), gain, options), options.min_length);
  if (!found.starts.empty() && means.size() < kShort) {
    gain.inflation = std::max(gain.inflation, MeasureDependence(Residuals(means, found.starts)).inflation);
    found.starts = Pelt(cost, Penalty(means.size(), gain, options), options.min_length);
  }
  found.inflation = gain.inflation;
  for (size_t& start : found.starts) start *= found.group;
  return found;
}

}  // namespace sightline::stats
