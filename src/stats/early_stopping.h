// MLPerf LoadGen's early-stopping bound on a percentile, shown beside this room's own intervals (quantile.h).
//
// Of n queries t were slower than some latency and h = n - t were not. Were the true share of slow ones as
// large as 1 - p, t or fewer of them would be seen with probability I_{p - d}(h, t + 1), the regularized
// incomplete beta function; less than 1 - c of it rejects that share. So with confidence c = 99 %, and
// tolerance d = 0, the latency bounds the p-quantile from above. Source: MLCommons, "Early stopping" (the
// inference policies and LoadGen's documentation); the bound is the one-sided one of Clopper and Pearson
// ("The use of confidence or fiducial limits", Biometrika 1934).
//
// It assumes independent queries, which those of a loaded queue are not: there it holds less often than 99 %
// of the time. It is here so that figures can be laid beside LoadGen's.
#pragma once

#include <cstdint>
#include <optional>

#include "src/stats/order_statistics.h"

namespace sightline::stats {

constexpr double kEarlyStoppingConfidence = 0.99;

// The fewest queries in time that pass beside `over_latency` >= 0 slow ones, 0 < p < 1; LoadGen's
// find_min_passing.
int64_t FewestPassing(int64_t over_latency, double p);

// The fewest queries with which LoadGen gives an estimate, FewestPassing(1, p) + 1: 64 for p90, 130 for p95,
// 662 for p99 and 6,636 for p99.9.
int64_t FewestQueries(double p);

// LoadGen's estimate for SingleStream: sorted[n - t], the t-th largest latency, with the largest t for which
// FewestPassing(t, p) + t <= n: an upper bound of the p-quantile, in the unit of the samples. nullopt with
// fewer than FewestQueries(p). 0 < p < 1.
std::optional<double> EarlyStoppingEstimate(OrderStatistics& latencies, double p);

}  // namespace sightline::stats
