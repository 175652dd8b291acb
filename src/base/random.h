// Seeded random numbers whose bits depend on nothing but the seed: the same seed gives the same weights,
// arrivals and resamples on every machine, compiler and standard library.
//
// Generator: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014;
// constants from Vigna's public-domain splitmix64.c), integers only. Gaussian: the Marsaglia polar method ("A
// convenient method for generating normal variables", SIAM Review 1964). IEEE 754 rounds + - * / and sqrt
// exactly, so these agree everywhere as long as the compiler does not fuse a multiply with an add (the build
// says -ffp-contract=off); the logarithm of a standard library is not exact, so PortableLog stands in for it.
// random_test.cc pins the first values. Weights come from a faster source, src/zoo/weights.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace sightline {

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // Uniform in [0, 1), 53 bits.
  double NextUniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  // Uniform in [0, bound), bound > 0, without modulo bias worth naming (Lemire's multiply-shift).
  uint64_t NextBelow(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<Uint128>(Next()) * bound) >> 64);
  }
  // Standard normal.
  double NextGaussian();

 private:
  __extension__ using Uint128 = unsigned __int128;

  uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

// Natural logarithm of a positive, normal number, within 2 units in the last place (near 1: 1e-17 absolute),
// from exactly rounded operations only.
double PortableLog(double x);

// A seed for a named stream (FNV-1a of the name mixed into the root seed): separate streams never share
// state.
uint64_t SeedFor(uint64_t root_seed, std::string_view stream);

}  // namespace sightline
