#include "src/stats/order_statistics.h"

#include <algorithm>
#include <cmath>

#include "src/base/check.h"

namespace sightline::stats {
double OrderStatistics::At(int64_t rank) {
  SIGHTLINE_CHECK(rank >= 1 && rank <= count());
  const int64_t position = rank - 1;
  const auto next = placed_.lower_bound(position);
  if (next == placed_.end() || *next != position) {
    const int64_t begin = next == placed_.begin() ? 0 : *std::prev(next) + 1;
    const int64_t end = next == placed_.end() ? count() : *next;
    std::nth_element(values_.begin() + begin, values_.begin() + position, values_.begin() + end);
    placed_.insert(next, position);
  }
  return values_[static_cast<size_t>(position)];
}

double OrderStatistics::Quantile(double p) {
  return At(QuantileRank(count(), p));
}

int64_t QuantileRank(int64_t count, double p) {
  SIGHTLINE_CHECK(count > 0 && p > 0 && p <= 1);
  const double rank = std::ceil(static_cast<double>(count) * p * kBinaryRounding);
  return static_cast<int64_t>(std::max(rank, 1.0));
}

}  // namespace sightline::stats
