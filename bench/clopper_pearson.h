// The exact interval of a share, for alarms that are counted. Clopper and Pearson, "The use of confidence or
// fiducial limits" (Biometrika 1934): 95 %, two-sided.
#pragma once

#include <boost/math/distributions/beta.hpp>

namespace sightline::bench {

inline double UpperBound(int hits, int count) {
  if (hits == count) return 1;
  return boost::math::quantile(boost::math::beta_distribution<double>(hits + 1, count - hits), 0.975);
}

inline double LowerBound(int hits, int count) {
  if (hits == 0) return 0;
  return boost::math::quantile(boost::math::beta_distribution<double>(hits, count - hits + 1), 0.025);
}

}  // namespace sightline::bench
