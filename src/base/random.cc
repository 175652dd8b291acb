#include "src/base/random.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace sightline {

double SplitMix64::NextGaussian() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0;
  double v = 0;
  double s = 0;
  do {
    u = 2 * NextUniform() - 1;
    v = 2 * NextUniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double factor = std::sqrt(-2 * PortableLog(s) / s);
  spare_ = v * factor;
  has_spare_ = true;
  return u * factor;
}

// x = 2^e m with m in [sqrt(1/2), sqrt(2)), and log m = 2 artanh z = 2 (z + z^3 / 3 + z^5 / 5 + ...) with
// z = (m - 1) / (m + 1), |z| < 0.172: eleven terms leave less than 1e-17.
double PortableLog(double x) {
  constexpr uint64_t kMantissa = (uint64_t{1} << 52) - 1;
  constexpr uint64_t kExponentOfOne = uint64_t{1023} << 52;
  constexpr int kTerms = 11;
  const auto bits = std::bit_cast<uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  auto m = std::bit_cast<double>((bits & kMantissa) | kExponentOfOne);
  if (m > std::numbers::sqrt2) {
    m /= 2;
    ++exponent;
  }
  const double z = (m - 1) / (m + 1);
  double sum = 0;
  for (int k = kTerms - 1; k >= 0; --k) sum = sum * z * z + 1.0 / (2 * k + 1);
  return exponent * std::numbers::ln2 + 2 * z * sum;
}

uint64_t SeedFor(uint64_t root_seed, std::string_view stream) {
  uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a 64: offset basis and prime as published by Fowler, Noll, Vo
  for (const char c : stream) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3U;
  }
  return SplitMix64(root_seed ^ hash).Next();
}

}  // namespace sightline
