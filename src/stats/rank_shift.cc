#include "src/stats/rank_shift.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/base/check.h"

namespace sightline::stats {
namespace {

constexpr int64_t kMostForExact = 50;
constexpr double kNormalTail = 1.959963985;  // 97.5 % of a standard normal variable lie below

// The largest k for which the first k counts are at most 2.5 % of all.
int64_t Critical(const std::vector<double>& counts) {
  double total = 0;
  for (const double count : counts) total += count;
  double below = 0;
  int64_t critical = 0;
  for (const double count : counts) {
    below += count;
    if (below > kTail * total) break;
    ++critical;
  }
  return critical;
}

int64_t NormalCritical(double mean, double variance) {
  return std::max<int64_t>(0, static_cast<int64_t>(std::floor(mean - kNormalTail * std::sqrt(variance))));
}

// `critical` is the rank of the lower end among what the shift is the median of.
Shift FromSorted(const std::vector<double>& sorted, int64_t critical) {
  const size_t half = sorted.size() / 2;
  Shift shift{.shift = sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2};
  if (critical == 0) return shift;
  const auto rank = static_cast<size_t>(critical);
  shift.interval = Interval{.low = sorted[rank - 1], .high = sorted[sorted.size() - rank]};
  return shift;
}

}  // namespace

// How many subsets of the ranks 1 .. count have each sum.
int64_t SignedRankCritical(int64_t count) {
  const auto n = static_cast<double>(count);
  if (count > kMostForExact) return NormalCritical(n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24);
  std::vector<double> counts(static_cast<size_t>(count * (count + 1) / 2 + 1));
  counts[0] = 1;
  for (size_t rank = 1; rank <= static_cast<size_t>(count); ++rank)
    for (size_t sum = counts.size() - 1; sum >= rank; --sum) counts[sum] += counts[sum - rank];
  return Critical(counts);
}

// How many orders of a + b figures have each number of inversions: the coefficients of the Gaussian binomial,
// the product over i of (1 - q^(b + i)) / (1 - q^i).
int64_t RankSumCritical(int64_t a, int64_t b) {
  const auto m = static_cast<double>(a);
  const auto n = static_cast<double>(b);
  if (std::max(a, b) > kMostForExact) return NormalCritical(m * n / 2, m * n * (m + n + 1) / 12);
  std::vector<double> counts(static_cast<size_t>(a * b + 1));
  counts[0] = 1;
  for (size_t i = 1; i <= static_cast<size_t>(a); ++i) {
    const size_t up = static_cast<size_t>(b) + i;
    for (size_t u = counts.size(); u-- > up;) counts[u] -= counts[u - up];
    for (size_t u = i; u < counts.size(); ++u) counts[u] += counts[u - i];
  }
  return Critical(counts);
}

Shift SignedRankShift(std::span<const double> differences) {
  SIGHTLINE_CHECK(!differences.empty());
  std::vector<double> means;
  means.reserve(differences.size() * (differences.size() + 1) / 2);
  for (size_t i = 0; i < differences.size(); ++i)
    for (size_t k = i; k < differences.size(); ++k) means.push_back((differences[i] + differences[k]) / 2);
  std::sort(means.begin(), means.end());
  return FromSorted(means, SignedRankCritical(static_cast<int64_t>(differences.size())));
}

Shift RankSumShift(std::span<const double> a, std::span<const double> b) {
  SIGHTLINE_CHECK(!a.empty() && !b.empty());
  std::vector<double> differences;
  differences.reserve(a.size() * b.size());
  for (const double above : a)
    for (const double below : b) differences.push_back(above - below);
  std::sort(differences.begin(), differences.end());
  return FromSorted(differences,
                    RankSumCritical(static_cast<int64_t>(a.size()), static_cast<int64_t>(b.size())));
}

}  // namespace sightline::stats
