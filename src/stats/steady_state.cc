#include "src/stats/steady_state.h"

#include <algorithm>
#include <cmath>

#include "src/stats/changepoint.h"
#include "src/stats/mean.h"
#include "src/stats/outliers.h"
#include "src/stats/series.h"

namespace sightline::stats {
namespace {

constexpr size_t kFewestSamples = 30;
constexpr double kFewestIndependent = 20;
constexpr size_t kSteadyShare = 4;  // the steady state is at least a fourth of the series
constexpr double kStandardErrors = 2;

// What a segment's mean is known to, squared.
double SquaredError(std::span<const double> samples, const Changepoints& changes) {
  Moments moments;
  for (const double mean : GroupMeans(samples, changes.group)) moments.Add(mean);
  return moments.variance() * changes.inflation / static_cast<double>(std::max<int64_t>(moments.count(), 1));
}

struct Judged {
  Segment segment;
  double squared_error = 0;
};

std::vector<Judged> Split(std::span<const double> samples, const Changepoints& changes) {
  std::vector<Judged> judged;
  size_t begin = 0;
  for (size_t i = 0; i <= changes.starts.size(); ++i) {
    const size_t end = i < changes.starts.size() ? changes.starts[i] : samples.size();
    const auto part = samples.subspan(begin, end - begin);
    Moments moments;
    for (const double sample : part) moments.Add(sample);
    judged.push_back(
        {.segment = {.begin = begin, .end = end, .mean = moments.mean(), .stddev = moments.stddev()},
         .squared_error = SquaredError(part, changes)});
    begin = end;
  }
  return judged;
}

bool Equivalent(const Judged& a, const Judged& last, double tolerance) {
  const double open = kStandardErrors * std::sqrt(a.squared_error + last.squared_error);
  return std::abs(a.segment.mean - last.segment.mean) <=
         std::max(tolerance * std::abs(last.segment.mean), open);
}

// Fills in which segments are steady and returns the first of them.
size_t MarkSteady(std::vector<Judged>& judged, double tolerance) {
  size_t first = judged.size() - 1;
  while (first > 0 && Equivalent(judged[first - 1], judged.back(), tolerance)) --first;
  for (size_t i = first; i < judged.size(); ++i) judged[i].segment.steady = true;
  return first;
}

SteadyVerdict Judge(const std::vector<Judged>& judged, size_t first, double tolerance) {
  const Segment& last = judged.back().segment;
  if (first == 0) return SteadyVerdict::kFlat;
  if (last.end - judged[first].segment.begin < last.end / kSteadyShare) return SteadyVerdict::kNoSteadyState;
  const bool slower = std::any_of(
      judged.begin(), judged.begin() + static_cast<std::ptrdiff_t>(first), [&](const Judged& earlier) {
        return earlier.segment.mean < last.mean && !Equivalent(earlier, judged.back(), tolerance);
      });
  return slower ? SteadyVerdict::kSlowdown : SteadyVerdict::kWarmUp;
}

std::vector<double> Logarithms(std::vector<double> samples) {
  if (std::any_of(samples.begin(), samples.end(), [](double x) { return x <= 0; })) return samples;
  for (double& sample : samples) sample = std::log(sample);
  return samples;
}

}  // namespace

std::string_view ToString(SteadyVerdict verdict) {
  switch (verdict) {
    case SteadyVerdict::kTooShort:
      return "too short";
    case SteadyVerdict::kFlat:
      return "flat";
    case SteadyVerdict::kWarmUp:
      return "warm-up";
    case SteadyVerdict::kSlowdown:
      return "slowdown";
    case SteadyVerdict::kNoSteadyState:
      return "no steady state";
  }
  return "";
}

SteadyState FindSteadyState(std::span<const double> samples, const SteadyStateOptions& options) {
  SteadyState state;
  if (samples.size() < kFewestSamples) return state;
  const WithoutOutliers without = ReplaceOutliers(samples);
  const Changepoints changes = FindChangepoints(Logarithms(without.samples));
  state.outliers = without.outliers;
  state.resolution = changes.group;
  const size_t groups = samples.size() / changes.group;
  if (static_cast<double>(groups) / changes.inflation < kFewestIndependent) return state;
  std::vector<Judged> judged = Split(without.samples, changes);
  const size_t first = MarkSteady(judged, options.tolerance);
  state.verdict = Judge(judged, first, options.tolerance);
  state.begin = judged[first].segment.begin;
  for (const Judged& one : judged) state.segments.push_back(one.segment);
  return state;
}

}  // namespace sightline::stats
