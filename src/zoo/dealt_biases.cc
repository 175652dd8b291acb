#include "src/zoo/dealt_biases.h"

#include <cmath>
#include <utility>

#include "src/base/check.h"
#include "src/base/random.h"

namespace sightline::zoo {

double NormalQuantile(double probability) {
  if (probability < 0.5) return -NormalQuantile(1 - probability);
  const double t = std::sqrt(-2 * std::log(1 - probability));
  const double numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const double denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return std::round((t - numerator / denominator) * 1000) / 1000;
}

std::vector<double> NormalStrata(size_t n) {
  std::vector<double> strata(n);
  for (size_t i = 0; i < n; ++i)
    strata[i] = NormalQuantile((static_cast<double>(i) + 0.5) / static_cast<double>(n));
  return strata;
}

std::vector<float> DealtBiases(std::span<const ChannelAim> aims, size_t block, uint64_t seed) {
  SIGHTLINE_CHECK(aims.size() % block == 0);
  SplitMix64 generator(seed);
  std::vector<float> biases;
  for (size_t first = 0; first < aims.size(); first += block) {
    const std::span<const ChannelAim> of_anchor = aims.subspan(first, block);
    size_t dealt = 0;
    for (const ChannelAim& aim : of_anchor) dealt += aim.bias_deviation > 0 ? 1 : 0;
    std::vector<double> hand = NormalStrata(dealt);
    for (size_t i = dealt; i > 1; --i) std::swap(hand[i - 1], hand[generator.Next() % i]);
    for (const ChannelAim& aim : of_anchor) {
      double bias = aim.mean;
      if (aim.bias_deviation > 0) {
        bias += aim.bias_deviation * hand.back();
        hand.pop_back();
      }
      biases.push_back(static_cast<float>(bias));
    }
  }
  return biases;
}

}  // namespace sightline::zoo
