// Two ways of doing the same work, timed in turn in one run, so that drift of the machine hits both alike.
#pragma once

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/stats/quantile.h"

namespace sightline::bench {

struct Ratio {
  double median_a_ns = 0;
  double median_b_ns = 0;
  double ratio = 0;  // median over pairs of a / b
  double low = 0;    // its 95 % confidence interval
  double high = 0;
  int pairs = 0;
};

// Runs a, b, b, a, a, b, ... `pairs` times each and compares the two of each pair. Pairs are enough for an
// interval of the median (6) at least.
inline Ratio CompareInterleaved(const std::function<void()>& a, const std::function<void()>& b, int pairs) {
  const SteadyClock clock;
  std::vector<double> a_ns;
  std::vector<double> b_ns;
  std::vector<double> ratios;
  const auto timed = [&](const std::function<void()>& body) {
    const int64_t begin_ns = clock.NowNs();
    body();
    return static_cast<double>(clock.NowNs() - begin_ns);
  };
  for (int i = 0; i < pairs; ++i) {
    const bool a_first = i % 2 == 0;
    const double first = timed(a_first ? a : b);
    const double second = timed(a_first ? b : a);
    a_ns.push_back(a_first ? first : second);
    b_ns.push_back(a_first ? second : first);
    ratios.push_back(a_ns.back() / b_ns.back());
  }
  const auto median = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return stats::SortedQuantile(values, 0.5);
  };
  const double half[] = {0.5};
  const stats::Quantile quantile = stats::EstimateQuantiles(ratios, half)[0];
  Ratio result{.median_a_ns = median(a_ns), .median_b_ns = median(b_ns), .pairs = pairs};
  if (!quantile.estimate) return result;  // too few pairs: no ratio, no verdict but "not met"
  result.ratio = quantile.estimate->value;
  result.low = quantile.estimate->interval.low;
  result.high = quantile.estimate->interval.high;
  return result;
}

// Prints one line and says whether the upper bound of the ratio stays within `limit`.
inline bool Judge(const std::string& what, const Ratio& r, double limit) {
  const bool met = r.ratio > 0 && r.high <= limit;
  std::printf("%-44s %9.3f ms / %9.3f ms = %.4f [%.4f, %.4f] over %d pairs, limit %.2f: %s\n", what.c_str(),
              r.median_a_ns / 1e6, r.median_b_ns / 1e6, r.ratio, r.low, r.high, r.pairs, limit,
              met ? "met" : "NOT MET");
  return met;
}

}  // namespace sightline::bench
