#include "src/stats/randomness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace sightline::stats {
namespace {

// From 1; equal values share the mean of theirs.
std::vector<double> RanksOf(std::span<const double> samples) {
  std::vector<size_t> order(samples.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return samples[a] < samples[b]; });
  std::vector<double> ranks(samples.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && samples[order[end]] == samples[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  return ranks;
}

}  // namespace

double RankVonNeumannScore(std::span<const double> samples) {
  constexpr size_t kFewest = 3;
  if (samples.size() < kFewest) return 0;
  const std::vector<double> ranks = RanksOf(samples);
  const auto n = static_cast<double>(ranks.size());
  const double mean = (n + 1) / 2;
  double differences = 0;
  double squares = 0;
  for (size_t i = 0; i < ranks.size(); ++i) {
    squares += (ranks[i] - mean) * (ranks[i] - mean);
    if (i > 0) differences += (ranks[i] - ranks[i - 1]) * (ranks[i] - ranks[i - 1]);
  }
  if (squares == 0) return 0;
  // Bartels' variance of the ratio, exact without ties.
  const double variance = 4 * (n - 2) * (5 * n * n - 2 * n - 9) / (5 * n * (n + 1) * (n - 1) * (n - 1));
  return (differences / squares - 2) / std::sqrt(variance);
}

}  // namespace sightline::stats
