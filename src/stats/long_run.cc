#include "src/stats/long_run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "src/stats/distributions.h"
#include "src/stats/interval.h"
#include "src/stats/spread.h"

namespace sightline::stats {
namespace {

constexpr size_t kLongestSeries = 4096;  // longer ones are averaged in groups
constexpr double kExponent = 0.6;
constexpr size_t kFewestCosines = 6;
constexpr size_t kMostCosines = 256;  // t is within 1 % of normal
constexpr size_t kShortest = 4;       // samples that still fit a cosine
constexpr size_t kAtOnce = 8;  // cosines summed side by side: their recurrences don't wait for each other

// The means of adjacent groups of value(0) .. value(count - 1), less the mean of all; values that don't fill
// the last group are left out.
template <typename Value>
std::vector<double> CentredGroupMeans(size_t count, size_t group, Value value) {
  std::vector<double> means(count / group);
  double overall = 0;
  for (size_t i = 0; i < means.size(); ++i) {
    for (size_t k = i * group; k < (i + 1) * group; ++k) means[i] += value(k);
    means[i] /= static_cast<double>(group);
    overall += means[i] / static_cast<double>(means.size());
  }
  for (double& mean : means) mean -= overall;
  return means;
}

// Squared products with the cosines j = first .. first + kAtOnce - 1, by cos(a + d) = 2 cos(d) cos(a) -
// cos(a - d).
std::array<double, kAtOnce> SquaredProducts(const std::vector<double>& series, size_t first) {
  std::array<double, kAtOnce> twice_step{};
  std::array<double, kAtOnce> now{};
  std::array<double, kAtOnce> last{};
  std::array<double, kAtOnce> sum{};
  const auto n = static_cast<double>(series.size());
  for (size_t j = 0; j < kAtOnce; ++j) {
    const double step = std::numbers::pi * static_cast<double>(first + j) / n;
    twice_step[j] = 2 * std::cos(step);
    now[j] = last[j] = std::cos(step / 2);
  }
  for (const double x : series) {
    for (size_t j = 0; j < kAtOnce; ++j) {
      sum[j] += x * now[j];
      const double next = twice_step[j] * now[j] - last[j];
      last[j] = now[j];
      now[j] = next;
    }
  }
  for (double& s : sum) s *= s * 2 / n;
  return sum;
}

struct Found {
  double inflation = 1;
  size_t cosines = 0;
};

// `variance`: of one value; `group`: values in each of `series`.
Found MeasureCosines(const std::vector<double>& series, double variance, size_t group) {
  const size_t most = std::min(kMostCosines, series.size() / 2);
  size_t wanted = std::min(kFewestCosines, most);
  std::array<double, kAtOnce> products{};
  double sum = 0;
  for (size_t used = 0;;) {
    for (; used < wanted; ++used) {
      if (used % kAtOnce == 0) products = SquaredProducts(series, used + 1);
      sum += products[used % kAtOnce];
    }
    const double inflation = sum / static_cast<double>(used) * static_cast<double>(group) / variance;
    const double effective = static_cast<double>(series.size() * group) / std::max(inflation, 1.0);
    wanted = std::min({static_cast<size_t>(std::pow(effective, kExponent)), 2 * used, most});
    if (wanted <= used) return {.inflation = inflation, .cosines = used};
  }
}

LongRun Independent(size_t count) {
  const auto n = static_cast<double>(count);
  return {.effective_count = n, .freedom = static_cast<double>(kMostCosines)};
}

// `rarer`: share of the samples that tell about the dependence; 1 when all do.
template <typename Value>
LongRun Measure(size_t count, double rarer, Value value) {
  if (count < kShortest) return Independent(count);
  const double variance = SpreadOf(count, value).variance;
  if (variance == 0) return Independent(count);
  const size_t group = 1 + (count - 1) / kLongestSeries;
  const Found found = MeasureCosines(CentredGroupMeans(count, group, value), variance, group);
  const auto n = static_cast<double>(count);
  LongRun long_run;
  long_run.inflation = std::clamp(found.inflation, 1.0, n);
  long_run.effective_count = n / long_run.inflation;
  const double clusters = rarer < 1 ? (1 - 1 / long_run.inflation) / (long_run.effective_count * rarer) : 0;
  long_run.freedom = 2 / (2 / static_cast<double>(found.cosines) + clusters);
  const double widening = StudentTQuantile(1 - kTail, long_run.freedom) / kNormalQuantile;
  long_run.cautious_inflation = std::clamp(found.inflation * widening * widening, 1.0, n);
  return long_run;
}

}  // namespace

LongRun MeasureLongRun(std::span<const double> samples) {
  return Measure(samples.size(), 1, [&](size_t i) { return samples[i]; });
}

LongRun MeasureIndicatorLongRun(std::span<const double> samples, double threshold) {
  const auto is_below = [&](size_t i) { return samples[i] <= threshold ? 1.0 : 0.0; };
  if (samples.empty()) return Independent(0);
  const double below = SpreadOf(samples.size(), is_below).mean;
  return Measure(samples.size(), std::min(below, 1 - below), is_below);
}

}  // namespace sightline::stats
