#include "src/stats/proportion.h"

#include <cmath>

#include "src/base/check.h"

namespace sightline::stats {

Interval WilsonInterval(int64_t successes, int64_t trials) {
  SIGHTLINE_CHECK(trials > 0 && successes >= 0 && successes <= trials);
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double z2 = kNormalQuantile * kNormalQuantile;
  const double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half = std::sqrt(share * (1 - share) * z2 / n + z2 * z2 / (4 * n * n)) / (1 + z2 / n);
  return {.low = middle - half, .high = middle + half};
}

}  // namespace sightline::stats
