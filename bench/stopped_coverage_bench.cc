// What stopping a run at its first narrow interval does to that interval: whether 95 % intervals of stopped
// runs contain the truth in 95 % of them, and how much earlier than at 100 samples one may look. Simulated
// latencies about 100 whose median and mean are known, from independent to strongly dependent, some with slow
// frames.
//
// Usage: stopped_coverage_bench [RUNS]      exit code 1 when a limit is not met
//
// Three ways of looking, all at geometrically spaced counts: from 100 samples on; from 30 on; and as runs do,
// from 30 on but below 100 only for percentiles of samples that seem independent (stats::MayStop).
//
// Limit: runs as they do it cover in at least 93 %, or in two points less than looking from 100 on.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/processes.h"
#include "src/stats/proportion.h"
#include "src/stats/stopping.h"

namespace sightline::bench {
namespace {

constexpr double kTruth = 100;
constexpr double kGoal = 0.02;
constexpr double kLeastCoverage = 0.93;
constexpr double kMostLost = 0.02;
constexpr size_t kLongest = 20'000;
constexpr uint64_t kSeed = 5;

struct Case {
  double phi = 0;     // correlation of neighbours
  double spread = 0;  // standard deviation without the slow frames
  double slow = 0;    // share of frames that take half as long again
};

// Shifted so that what is asked for, the p-quantile or the mean, is kTruth.
std::vector<double> Latencies(const Case& c, std::optional<double> p, uint64_t seed) {
  constexpr double kSlowBy = 50;
  std::vector<double> series = stats::Ar1(c.phi, kLongest, seed);
  SplitMix64 random(SeedFor(seed, "slow"));
  // Slow frames lie above all others: the p-quantile of all is the p / (1 - slow) quantile of the others.
  const double centre = p ? c.spread * NormalQuantile(*p / (1 - c.slow)) : kSlowBy * c.slow;
  for (double& value : series) {
    value = kTruth - centre + c.spread * value + (random.NextUniform() < c.slow ? kSlowBy : 0);
  }
  return series;
}

enum class Looking { kFromTrusted, kFromFirst, kAsRuns };

struct Stopped {
  int64_t samples = 0;
  stats::Interval interval;
};

std::optional<Stopped> StopAt(Looking looking, const stats::PrecisionGoal& goal,
                              std::span<const double> all) {
  int64_t count = looking == Looking::kFromTrusted ? stats::kTrustedLook : stats::kFirstLook;
  for (; static_cast<size_t>(count) <= all.size(); count = stats::NextLook(count)) {
    const auto seen = all.first(static_cast<size_t>(count));
    const stats::Precision precision = stats::CheckPrecision(seen, goal);
    if (!precision.reached || !precision.interval) continue;
    if (looking == Looking::kAsRuns && !stats::MayStop(seen, goal)) continue;
    return Stopped{count, *precision.interval};
  }
  return std::nullopt;
}

struct Tally {
  int right = 0;
  int stopped = 0;
  double samples = 0;

  void Add(const std::optional<Stopped>& run) {
    if (!run) return;
    ++stopped;
    samples += static_cast<double>(run->samples);
    right += run->interval.low <= kTruth && kTruth <= run->interval.high ? 1 : 0;
  }
  double coverage() const { return static_cast<double>(right) / stopped; }
};

void Print(const Tally& tally) {
  if (tally.stopped == 0) {
    std::printf(" | %5s %22s", "-", "never stopped");
    return;
  }
  const stats::Interval wilson = stats::WilsonInterval(tally.right, tally.stopped);
  std::printf(" | %5.0f %5.1f [%5.1f, %5.1f]", tally.samples / tally.stopped, 100 * tally.coverage(),
              100 * wilson.low, 100 * wilson.high);
}

bool Measure(const Case& c, std::optional<double> p, int runs) {
  const stats::PrecisionGoal goal{.p = p, .half_width = kGoal};
  Tally tallies[3];
  for (int run = 0; run < runs; ++run) {
    const auto series = Latencies(c, p, SeedFor(kSeed, std::to_string(run)));
    for (const Looking looking : {Looking::kFromTrusted, Looking::kFromFirst, Looking::kAsRuns})
      tallies[static_cast<size_t>(looking)].Add(StopAt(looking, goal, series));
  }
  const std::string name = p ? "p" + std::to_string(std::lround(*p * 100)) : "mean";
  std::printf("%-6s phi %.2f +-%2.0f, slow %2.0f %%", name.c_str(), c.phi, c.spread, 100 * c.slow);
  for (const Tally& tally : tallies) Print(tally);
  const Tally& late = tallies[static_cast<size_t>(Looking::kFromTrusted)];
  const Tally& ours = tallies[static_cast<size_t>(Looking::kAsRuns)];
  const bool met =
      late.stopped == 0 || ours.coverage() >= std::min(kLeastCoverage, late.coverage() - kMostLost);
  std::printf("  %s\n", met ? "met" : "NOT MET");
  std::fflush(stdout);
  return met;
}

int Main(int runs) {
  std::printf("stopped at the first look with a half-width of %.0f %%: samples, coverage in %%\n",
              100 * kGoal);
  std::printf("%-31s | %-28s | %-28s | %s\n", "", "from 100 on", "from 30 on", "as runs do");
  bool met = true;
  for (const std::optional<double> p : {std::optional(0.5), std::optional(0.9), std::optional<double>()}) {
    for (const double phi : {0.0, 0.3, 0.5, 0.7, 0.9}) {
      for (const double spread : {1.0, 3.0, 5.0, 10.0}) met = Measure({phi, spread, 0}, p, runs) && met;
    }
    for (const double phi : {0.0, 0.5}) met = Measure({phi, 3, 0.05}, p, runs) && met;
  }
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  return sightline::bench::Main(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 2'000);
}
