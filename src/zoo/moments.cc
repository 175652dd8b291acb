#include "src/zoo/moments.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace sightline::zoo {

Moments PhotographMoments(const PreprocessSpec& spec) {
  constexpr double kPixelMean = 115;
  constexpr double kPixelDeviation = 60;
  double mean = 0;
  double second = 0;
  for (size_t c = 0; c < 3; ++c) {
    const double scale = spec.scale[c];
    const double channel_mean = (kPixelMean - spec.mean[c]) * scale;
    const double deviation = kPixelDeviation * scale;
    mean += channel_mean / 3;
    second += (channel_mean * channel_mean + deviation * deviation) / 3;
  }
  return {mean, second - mean * mean};
}

// With t = mean / deviation, phi and Phi the normal density and distribution: E[relu] / s = phi(t) + t Phi(t)
// and E[relu^2] / s^2 = Phi(t) + t (phi(t) + t Phi(t)). Both factors are replaced by algebraic functions with
// the same value at 0 and the same limits, within 6 % in between where t > 0 and 12 % down to -0.5.
Moments ReluMoments(const Moments& x) {
  const double deviation = std::sqrt(x.variance);
  const double t = x.mean / deviation;
  const double first = (t + std::sqrt(t * t + 2 * std::numbers::inv_pi)) / 2;
  const double distribution = (1 + t / std::sqrt(t * t + std::numbers::pi / 2)) / 2;
  const double second = distribution + t * first;
  return {deviation * first, x.variance * (second - first * first)};
}

// x = r - n, r = max(x, 0), n = max(-x, 0), of which one is always 0.
Moments LeakyReluMoments(const Moments& x, double slope) {
  const Moments positive = ReluMoments(x);
  const Moments negative = ReluMoments({-x.mean, x.variance});
  const double mean = positive.mean - slope * negative.mean;
  return {mean, positive.second() + slope * slope * negative.second() - mean * mean};
}

// E[x^3] = m^3 + 3 m v of a symmetric x. Its kurtosis is 3 where x is normal; the values of deep layers have
// more that is far out, which a hard swish lets grow: 4 keeps MobileNetV3's layers at their size.
Moments HardSwishMoments(const Moments& x) {
  const double m = x.mean;
  const double v = x.variance;
  const double third = m * m * m + 3 * m * v;
  const double fourth = m * m * m * m + 6 * m * m * v + 4 * v * v;
  const double mean = x.second() / 6 + m / 2;
  return {mean, fourth / 36 + third / 6 + x.second() / 4 - mean * mean};
}

// Fitted to what OpenCV computes on photographs. Neighbours are alike near the input and less so later; these
// are the middle: of 9 independent normal values the largest lies 1.49 deviations up, of 4 1.03.
Moments MaxPoolMoments(const Moments& x, int window) {
  if (window == 1) return x;
  const double rise = window >= 9 ? 1.0 : 0.6;
  const double spread = window >= 9 ? 1.4 : 1.25;
  return {x.mean + rise * std::sqrt(x.variance), x.variance * spread};
}

// Neighbours are correlated: variance falls about as the square root of their number.
Moments AveragePoolMoments(const Moments& x, int window) {
  return {x.mean, x.variance / std::sqrt(static_cast<double>(window))};
}

Moments AddMoments(const Moments& a, const Moments& b) {
  return {a.mean + b.mean, a.variance + b.variance};
}

Moments MixMoments(std::span<const Moments> parts, std::span<const int> weights) {
  double total = 0;
  double mean = 0;
  double second = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    total += weights[i];
    mean += weights[i] * parts[i].mean;
    second += weights[i] * parts[i].second();
  }
  mean /= total;
  return {mean, second / total - mean * mean};
}

}  // namespace sightline::zoo
