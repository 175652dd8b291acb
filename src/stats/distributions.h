// The quantiles of named distributions that the intervals stand on, out of Boost.Math.
#pragma once

#include <cstdint>

namespace sightline::stats {

// t with P(T <= t) = p, for 0 < p < 1 and degrees of freedom > 0, which need not be whole.
double StudentTQuantile(double p, double degrees_of_freedom);

// The smallest k with P(B <= k) >= p for B ~ Binomial(n, success), for 0 < p < 1, n > 0 and 0 < success < 1.
int64_t BinomialQuantile(double p, int64_t n, double success);

// The regularized incomplete beta function I_x(a, b), for a, b > 0 and 0 <= x <= 1.
double RegularizedBeta(double a, double b, double x);

}  // namespace sightline::stats
