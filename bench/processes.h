// Made-up latencies whose percentiles are known in closed form.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include "src/base/random.h"
#include "src/stats/test_series.h"

namespace sightline::bench {

struct Process {
  std::string name;
  // `count` successive values of a stationary run.
  std::function<std::vector<double>(size_t count, uint64_t seed)> make;
  std::function<double(double p)> quantile;  // 0 < p < 1
  bool tied = false;  // whole values: an interval that ends at the truth is right more often than asked
};

inline double NormalQuantile(double p) {
  return boost::math::quantile(boost::math::normal_distribution<double>(), p);
}

inline double NextExponential(SplitMix64& random, double rate) {
  return -std::log1p(-random.NextUniform()) / rate;
}

// Waiting times of successive customers of an M/M/1 queue with service rate 1: W' = max(0, W + service -
// gap) (Lindley, 1952), begun with P(W > t) = load exp(-(1 - load) t).
inline std::vector<double> WaitingTimes(double load, size_t count, uint64_t seed) {
  SplitMix64 random(seed);
  std::vector<double> series(count);
  double waiting = random.NextUniform() < load ? NextExponential(random, 1 - load) : 0;
  for (double& value : series) {
    value = waiting;
    waiting = std::max(0.0, waiting + NextExponential(random, 1) - NextExponential(random, load));
  }
  return series;
}

// exp(sigma x) of a normal series, in hundredths: latencies about 100. `tick`: of the timer, 0 for none.
inline Process LogNormal(std::string name, double sigma, double tick) {
  const auto latency = [=](double x) {
    const double value = 100 * std::exp(sigma * x);
    return tick > 0 ? std::ceil(value / tick) * tick : value;
  };
  return {.name = std::move(name),
          .make =
              [=](size_t count, uint64_t seed) {
                std::vector<double> series = stats::Ar1(0, count, seed);
                for (double& value : series) value = latency(value);
                return series;
              },
          .quantile = [=](double p) { return latency(NormalQuantile(p)); },
          .tied = tick > 0};
}

inline Process Gaussian(std::string name, double phi) {
  return {
      .name = std::move(name),
      .make = [=](size_t count, uint64_t seed) { return stats::Ar1(phi, count, seed); },
      .quantile = NormalQuantile,
  };
}

inline Process Exponential() {
  const auto make = [](size_t count, uint64_t seed) {
    SplitMix64 random(seed);
    std::vector<double> series(count);
    for (double& value : series) value = NextExponential(random, 1);
    return series;
  };
  return {
      .name = "independent, exponential", .make = make, .quantile = [](double p) { return -std::log1p(-p); }};
}

inline Process Queue(std::string name, double load) {
  return {
      .name = std::move(name),
      .make = [=](size_t count, uint64_t seed) { return WaitingTimes(load, count, seed); },
      .quantile = [=](double p) { return std::max(0.0, std::log(load / (1 - p)) / (1 - load)); },
  };
}

inline std::vector<Process> Processes() {
  return {Gaussian("independent, normal", 0),
          LogNormal("independent, lognormal", 0.5, 0),
          Exponential(),
          LogNormal("independent, lognormal, ticks", 0.5, 1),
          Gaussian("AR(1), phi 0.5", 0.5),
          Gaussian("AR(1), phi 0.9", 0.9),
          Queue("M/M/1 waiting, load 0.5", 0.5),
          Queue("M/M/1 waiting, load 0.8", 0.8)};
}

}  // namespace sightline::bench
