// Made-up series with known truths, for the tests of this room.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "src/base/random.h"

namespace sightline::stats {

// A stationary AR(1) series of standard normal values: x' = phi x + sqrt(1 - phi^2) noise. Its mean is worth
// n (1 - phi) / (1 + phi) independent samples.
inline std::vector<double> Ar1(double phi, size_t count, uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<double> series(count);
  double state = random.NextGaussian();
  const double innovation = std::sqrt(1 - phi * phi);
  for (double& value : series) {
    value = state;
    state = phi * state + innovation * random.NextGaussian();
  }
  return series;
}

}  // namespace sightline::stats
