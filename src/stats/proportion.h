// The interval of a share: of runs whose interval held, of comparisons that raised an alarm.
#pragma once

#include <cstdint>

#include "src/stats/interval.h"

namespace sightline::stats {

// The 95 % score interval of the probability behind `successes` of `trials` > 0 independent trials (Wilson,
// "Probable inference, the law of succession, and statistical inference", JASA 1927; method 3 of Newcombe,
// Statistics in Medicine 1998).
Interval WilsonInterval(int64_t successes, int64_t trials);

}  // namespace sightline::stats
