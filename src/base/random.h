// Seeded random numbers whose bytes do not depend on the standard library: the same seed gives the same weights,
// arrivals and resamples on every machine and compiler.
//
// Generator: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014; constants
// from Vigna's public-domain splitmix64.c). Gaussian: sum of 12 uniforms would be cheap but has no tails, so the
// Marsaglia polar method is used ("A convenient method for generating normal variables", SIAM Review 1964), with
// log and sqrt evaluated in double and the result rounded to float by the caller: correctly rounded sqrt is
// guaranteed by IEEE 754; log may differ in the last bit between libms, which float rounding hides except with
// probability about 1e-8 per value. See random_test.cc, which pins the first values.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace sightline {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // Uniform in [0, 1), 53 bits.
  double NextUniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  // Uniform in [0, bound), bound > 0, without modulo bias worth naming (Lemire's multiply-shift).
  uint64_t NextBelow(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }
  // Standard normal.
  double NextGaussian() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double u = 0, v = 0, s = 0;
    do {
      u = 2 * NextUniform() - 1;
      v = 2 * NextUniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double factor = std::sqrt(-2 * std::log(s) / s);
    spare_ = v * factor;
    has_spare_ = true;
    return u * factor;
  }

 private:
  uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

// A seed for a named stream (FNV-1a of the name mixed into the root seed): separate streams never share state.
uint64_t SeedFor(uint64_t root_seed, std::string_view stream);

}  // namespace sightline
