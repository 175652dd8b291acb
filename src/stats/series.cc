#include "src/stats/series.h"

#include <algorithm>

#include "src/base/check.h"

namespace sightline::stats {

std::vector<double> GroupMeans(std::span<const double> samples, size_t group) {
  std::vector<double> means(samples.size() / group);
  for (size_t i = 0; i < means.size(); ++i) {
    for (const double sample : samples.subspan(i * group, group)) means[i] += sample;
    means[i] /= static_cast<double>(group);
  }
  return means;
}

size_t GroupLength(size_t count, size_t most) {
  return count == 0 ? 1 : 1 + (count - 1) / most;
}

double MedianOf(std::vector<double> values) {
  SIGHTLINE_CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<double> Detrended(std::span<const double> samples) {
  const auto n = static_cast<double>(samples.size());
  const double centre = (n - 1) / 2;
  double mean = 0;
  double product = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    mean += samples[i] / n;
    product += samples[i] * (static_cast<double>(i) - centre);
  }
  const double slope = samples.size() < 2 ? 0 : product / (n * (n * n - 1) / 12);
  std::vector<double> rest(samples.begin(), samples.end());
  for (size_t i = 0; i < rest.size(); ++i) rest[i] -= mean + slope * (static_cast<double>(i) - centre);
  return rest;
}

}  // namespace sightline::stats
