// Mean and variance of a series that is given by its values one by one, without a copy of it.
#pragma once

#include <cstddef>

namespace sightline::stats {

struct Spread {
  double mean = 0;
  double variance = 0;  // divided by the count; exactly 0 where the values are equal but for rounding
};

// Of value(0) .. value(count - 1), count >= 1.
template <typename Value>
Spread SpreadOf(size_t count, Value value) {
  constexpr double kNoVariance = 1e-24;  // of the mean squared: rounding leaves a constant series about eps^2
  Spread spread;
  for (size_t i = 0; i < count; ++i) spread.mean += value(i);
  spread.mean /= static_cast<double>(count);
  for (size_t i = 0; i < count; ++i) spread.variance += (value(i) - spread.mean) * (value(i) - spread.mean);
  spread.variance /= static_cast<double>(count);
  if (spread.variance <= kNoVariance * spread.mean * spread.mean) spread.variance = 0;
  return spread;
}

}  // namespace sightline::stats
