// Seeded weights, the same bits on every machine and compiler, at about 3 ns each.
//
// A draw is the number of ones among 64 random bits (binomial: mean 32, variance 16) plus a uniform dither of
// width 1 that fills the gaps between the integers: standard normal after scaling to within 0.003 in the
// distribution function, with tails to 8 standard deviations. All of it, centring and shifting included, is
// integer arithmetic; then one conversion to float and one multiplication, each rounded as IEEE 754 says, so
// neither libm nor fused multiply-adds can change a bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "src/base/random.h"

namespace sightline::zoo {

class WeightStream {
 public:
  // No seed: all values are 0, for those who only count them.
  explicit WeightStream(std::optional<uint64_t> seed) : generator_(seed.value_or(0)), blank_(!seed) {}

  // `count` little-endian floats.
  std::string Gaussian(size_t count, double mean, double deviation);

  // `filters` x `filter_size` floats of standard deviation `deviation`; each filter sums to zero (to
  // rounding), so that it answers to differences in its input and not to a level common to all of it.
  std::string CenteredFilters(size_t filters, size_t filter_size, double deviation);

  // `count` floats uniform in [low, high); low < high.
  std::string Uniform(size_t count, double low, double high);

 private:
  SplitMix64 generator_;
  bool blank_;
};

}  // namespace sightline::zoo
