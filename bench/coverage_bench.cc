// Whether 95 % intervals of percentiles contain the truth in 95 % of runs, and how much wider they are than
// need be: simulated series with known percentiles, independent, autocorrelated and of a queue.
//
// Usage: coverage_bench [RUNS]      exit code 1 when a limit is not met
//
// Contains the truth: both the p-quantile and its limit from above lie inside. They differ only where p is
// the very edge of an atom, as for p50 of waiting times at load 0.5, half of which are 0: [0, 0] contains the
// quantile, but no value above it, however near. (By the quantile alone an interval there can't miss from
// below, and is right in 97.5 % of runs if it is made for 95 %.)
//
// Oracle: the middle 95 % of the sample percentile itself over other runs of the same process. What it is
// that wide, nobody who has one run can know.
//
// Limits, at 10,000 samples: of the runs that got an interval 93 - 97 % contain the truth (at least 93 %
// where samples are tied), the mean width is at most 1.5 times the oracle's; where most runs are refused,
// wrong intervals are at most 5 % of all runs. Smaller counts are shown without a limit.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "bench/processes.h"
#include "src/stats/proportion.h"
#include "src/stats/quantile.h"

namespace sightline::bench {
namespace {

constexpr size_t kCounts[] = {10'000, 1'000, 200, 60};
constexpr size_t kJudgedCount = 10'000;
constexpr double kLeastCoverage = 0.93;
constexpr double kMostCoverage = 0.97;
constexpr double kMostWidth = 1.5;
constexpr double kMostWrong = 0.05;
constexpr int kOracleRunsPerRun = 2;
constexpr uint64_t kSeed = 4;
const std::vector<double> kPercentiles = {0.5, 0.9, 0.99};

struct Tally {
  int runs = 0;
  int refused = 0;
  int below = 0;  // the whole interval lies below the truth
  int above = 0;
  int edge = 0;      // contains the quantile, but not its limit from above
  double width = 0;  // summed
  double oracle_width = 0;

  int given() const { return runs - refused; }
  int right() const { return given() - below - above - edge; }
  double coverage() const { return static_cast<double>(right()) / given(); }
  double relative_width() const { return width / given() / oracle_width; }

  void Add(const std::optional<stats::QuantileEstimate>& estimate, double truth, double next) {
    ++runs;
    if (!estimate) {
      ++refused;
      return;
    }
    width += estimate->interval.high - estimate->interval.low;
    below += estimate->interval.high < truth ? 1 : 0;
    above += estimate->interval.low > truth ? 1 : 0;
    edge += estimate->interval.high == truth && next > truth ? 1 : 0;
  }
};

uint64_t SeedOf(const Process& process, const char* purpose, size_t count, int run) {
  return SeedFor(kSeed,
                 process.name + "/" + purpose + "/" + std::to_string(count) + "/" + std::to_string(run));
}

// The quantile a hair above p: where p is the edge of an atom it differs from an interval's end at the atom.
double LimitFromAbove(const Process& process, double p) {
  constexpr double kHair = 1e-9;
  return process.quantile(p + kHair);
}

void MeasureOracle(const Process& process, size_t count, int runs, std::vector<Tally>& tallies) {
  std::vector<std::vector<double>> values(kPercentiles.size());
  for (int run = 0; run < runs; ++run) {
    std::vector<double> series = process.make(count, SeedOf(process, "oracle", count, run));
    std::sort(series.begin(), series.end());
    for (size_t k = 0; k < kPercentiles.size(); ++k)
      values[k].push_back(stats::SortedQuantile(series, kPercentiles[k]));
  }
  for (size_t k = 0; k < kPercentiles.size(); ++k) {
    std::sort(values[k].begin(), values[k].end());
    tallies[k].oracle_width =
        stats::SortedQuantile(values[k], 1 - stats::kTail) - stats::SortedQuantile(values[k], stats::kTail);
  }
}

std::vector<Tally> Measure(const Process& process, size_t count, int runs) {
  std::vector<Tally> tallies(kPercentiles.size());
  MeasureOracle(process, count, runs * kOracleRunsPerRun, tallies);
  for (int run = 0; run < runs; ++run) {
    const auto quantiles =
        stats::EstimateQuantiles(process.make(count, SeedOf(process, "run", count, run)), kPercentiles);
    for (size_t k = 0; k < kPercentiles.size(); ++k)
      tallies[k].Add(quantiles[k].estimate, process.quantile(kPercentiles[k]),
                     LimitFromAbove(process, kPercentiles[k]));
  }
  return tallies;
}

bool Meets(const Tally& tally, bool tied) {
  const int wrong = tally.given() - tally.right();
  if (tally.given() * 2 < tally.runs) return wrong <= kMostWrong * tally.runs;
  return tally.coverage() >= kLeastCoverage && (tied || tally.coverage() <= kMostCoverage) &&
         tally.relative_width() <= kMostWidth;
}

bool Print(const Process& process, size_t count, double p, const Tally& tally) {
  std::printf("%-30s p%-3.0f %6zu %6d ", process.name.c_str(), p * 100, count, tally.refused);
  if (tally.given() > 0) {
    const stats::Interval wilson = stats::WilsonInterval(tally.right(), tally.given());
    std::printf("%6.2f [%5.2f, %5.2f] %5d %5d %8.2f", 100 * tally.coverage(), 100 * wilson.low,
                100 * wilson.high, tally.below + tally.edge, tally.above, tally.relative_width());
  } else {
    std::printf("%6s %16s %5s %5s %8s", "-", "", "-", "-", "-");
  }
  const bool met = Meets(tally, process.tied);
  std::printf("  %s\n", count != kJudgedCount ? "" : met ? "met" : "NOT MET");
  if (tally.edge > 0)
    std::printf("%-30s %.2f by the quantile alone\n", "",
                100 * tally.coverage() + 100.0 * tally.edge / tally.given());
  return met || count != kJudgedCount;
}

bool MeasureAll(size_t count, int runs) {
  bool met = true;
  std::printf("%-30s %-4s %6s %6s %6s %16s %5s %5s %8s\n", "process", "", "count", "refused", "cover",
              "95 % interval", "below", "above", "width");
  for (const Process& process : Processes()) {
    const std::vector<Tally> tallies = Measure(process, count, runs);
    for (size_t k = 0; k < kPercentiles.size(); ++k)
      met = Print(process, count, kPercentiles[k], tallies[k]) && met;
    std::fflush(stdout);
  }
  return met;
}

int Main(int runs) {
  bool met = true;
  for (const size_t count : kCounts) {
    met = MeasureAll(count, runs) && met;
    std::printf("\n");
  }
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  return sightline::bench::Main(argc > 1 ? std::max(std::atoi(argv[1]), 1) : 2'000);
}
