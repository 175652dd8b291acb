// Two ways of doing the same work, timed in turn in one run, so that drift of the machine hits both alike.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/stats/mean.h"
#include "src/stats/quantile.h"

namespace sightline::bench {

struct Ratio {
  double median_a_ns = 0;
  double median_b_ns = 0;
  double ratio = 0;  // mean over rounds of the round's median ratio a / b
  double low = 0;    // its 95 % confidence interval over rounds
  double high = 0;
  int rounds = 0;
  int pairs = 0;  // in each round
};

struct Effort {
  int rounds = 20;
  int pairs = 20;
  int warm_up = 5;
};

// Both sides of one round, as they stand ready to be run.
struct Sides {
  std::function<void()> a;
  std::function<void()> b;
};

inline double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return stats::SortedQuantile(values, 0.5);
}

// Where the memory of a model happens to lie makes it faster or slower for as long as it lives: so each round
// opens both sides anew, and the interval is over rounds (Kalibera & Jones, "Rigorous benchmarking in
// reasonable time", ISMM 2013). `open` is told which side to open first and is called once per round, when
// what the last call returned is gone. Within a round a and b run in turn: a b, b a, a b, ...
inline Ratio CompareInterleaved(const std::function<Sides(bool a_first)>& open, const Effort& effort) {
  const SteadyClock clock;
  std::vector<double> a_ns;
  std::vector<double> b_ns;
  std::vector<double> round_log_ratios;
  const auto timed = [&](const std::function<void()>& body) {
    const int64_t begin_ns = clock.NowNs();
    body();
    return static_cast<double>(clock.NowNs() - begin_ns);
  };
  for (int round = 0; round < effort.rounds; ++round) {
    const Sides sides = open(round % 2 == 0);
    for (int i = 0; i < effort.warm_up; ++i) {
      sides.a();
      sides.b();
    }
    std::vector<double> log_ratios;
    for (int i = 0; i < effort.pairs; ++i) {
      const bool a_first = i % 2 == 0;
      const double first = timed(a_first ? sides.a : sides.b);
      const double second = timed(a_first ? sides.b : sides.a);
      a_ns.push_back(a_first ? first : second);
      b_ns.push_back(a_first ? second : first);
      log_ratios.push_back(std::log(a_ns.back() / b_ns.back()));
    }
    round_log_ratios.push_back(MedianOf(log_ratios));
  }
  stats::Moments moments;
  for (const double value : round_log_ratios) moments.Add(value);
  Ratio result{.median_a_ns = MedianOf(a_ns),
               .median_b_ns = MedianOf(b_ns),
               .rounds = effort.rounds,
               .pairs = effort.pairs};
  const auto interval = stats::MeanInterval(moments, static_cast<double>(effort.rounds));
  if (!interval) return result;  // a single round: no interval, no verdict but "not met"
  result.ratio = std::exp(moments.mean());
  result.low = std::exp(interval->low);
  result.high = std::exp(interval->high);
  return result;
}

// Prints one line and says whether the upper bound of the ratio stays within `limit`.
inline bool Judge(const std::string& what, const Ratio& r, double limit) {
  const bool met = r.ratio > 0 && r.high <= limit;
  std::printf("%-44s %9.3f ms / %9.3f ms = %.4f [%.4f, %.4f] over %d rounds of %d pairs, limit %.2f: %s\n",
              what.c_str(), r.median_a_ns / 1e6, r.median_b_ns / 1e6, r.ratio, r.low, r.high, r.rounds,
              r.pairs, limit, met ? "met" : "NOT MET");
  return met;
}

// ROUNDS and PAIRS as the last arguments of a benchmark, from `argv[at]` on.
inline Effort EffortFrom(int argc, char** argv, int at, Effort effort) {
  if (argc > at) effort.rounds = std::max(std::atoi(argv[at]), 2);
  if (argc > at + 1) effort.pairs = std::max(std::atoi(argv[at + 1]), 1);
  return effort;
}

}  // namespace sightline::bench
