// exp and what follows from it, for plain loops that the compiler turns into vector instructions: no table,
// no branch, no library call. Since the project compiles without contraction (cmake/sightline_targets.cmake)
// they give the same bits on every machine, and so do detections.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sightline::postprocess {

// Arguments beyond are taken as these; both results are normal and finite.
inline constexpr float kExpLowest = -87;
inline constexpr float kExpHighest = 88;

// e^x, within 2 units in the last place: x = n ln 2 + r, and a polynomial in r (Cephes expf, S. Moshier).
inline float Exp(float x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
  x = x < kExpLowest ? kExpLowest : x;
  x = x > kExpHighest ? kExpHighest : x;
  const float rounded = x * kLog2E + kRounder;
  const float n = rounded - kRounder;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const int32_t exponent = std::bit_cast<int32_t>(rounded) - std::bit_cast<int32_t>(kRounder);
  return p * std::bit_cast<float>((exponent + 127) << 23);
}

inline float Sigmoid(float x) {
  return 1.0F / (1.0F + Exp(-x));
}

// Where Sigmoid passes `share`: infinite at 0 and 1.
inline float Logit(float share) {
  if (share <= 0) return -std::numeric_limits<float>::infinity();
  if (share >= 1) return std::numeric_limits<float>::infinity();
  return static_cast<float>(std::log(static_cast<double>(share) / (1.0 - static_cast<double>(share))));
}

// By its bits, which loops compare faster than the number.
inline bool IsFiniteBits(float x) {
  return (std::bit_cast<uint32_t>(x) & 0x7FFFFFFFU) < 0x7F800000U;
}

}  // namespace sightline::postprocess
