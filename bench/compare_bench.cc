// How often `compare` raises a false alarm, and how often it finds a slowdown of 3 %, on synthetic sessions
// of which the truth is known: A/A comparisons on a machine that drifts, with launches that differ from each
// other and samples that depend on each other, warm up and are skewed.
//
// Usage: compare_bench [COMPARISONS]      default 1,000; exit code 1 when a limit is not met
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "bench/clopper_pearson.h"
#include "src/base/random.h"
#include "src/stats/comparison.h"
#include "src/stats/series.h"
#include "src/stats/steady_state.h"

namespace sightline::bench {
namespace {

constexpr double kFalseAlarmLimit = 0.07;  // upper end of a 95 % interval
constexpr double kPowerLimit = 0.80;
constexpr double kSlowdown = 1.03;
constexpr int kMostRounds = 20;
constexpr size_t kSamples = 200;  // of each launch

struct Machine {
  const char* name;
  double launch_spread;    // relative, of launches from each other
  double disturbed_share;  // of launches: somebody else ran, 10 % slower
  bool random_order;       // within a round; otherwise the old side always goes first
  bool gated;              // its figures have to meet the limits
};

constexpr Machine kMachines[] = {
    {"launches differ by 0.5 %", 0.005, 0, true, true},
    {"launches differ by 1 %", 0.01, 0, true, true},
    {"launches differ by 2 %", 0.02, 0, true, true},
    {"launches differ by 1 %, 5 % of them disturbed", 0.01, 0.05, true, true},
    {"launches differ by 1 %, old side always first", 0.01, 0, false, false},
};

// One launch's latencies: skewed noise of 5 % that wanders as phi says, 0.5 % of outliers, and a warm-up over
// the first 8 % of the samples.
std::vector<double> Latencies(double level, double phi, SplitMix64& random) {
  std::vector<double> samples(kSamples);
  double state = random.NextGaussian();
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = level * std::exp(0.05 * state);
    if (i < samples.size() / 12) samples[i] *= 1.3;
    if (random.NextUniform() < 0.005) samples[i] *= 2 + 3 * random.NextUniform();
    state = phi * state + std::sqrt(1 - phi * phi) * random.NextGaussian();
  }
  return samples;
}

double SteadyMedian(const std::vector<double>& samples) {
  const size_t begin = stats::FindSteadyState(samples).begin;
  return stats::MedianOf({samples.begin() + static_cast<std::ptrdiff_t>(begin), samples.end()});
}

// How slow the machine is from launch to launch: a slope of up to 5 % either way over the session, steps that
// add up, and in a fourth of the sessions a change of 4 % somewhere.
class Session {
 public:
  explicit Session(SplitMix64& random)
      : random_(random),
        slope_(0.1 * (random.NextUniform() - 0.5)),
        change_(random.NextUniform() < 0.25 ? 0.04 : 0),
        changes_at_(random.NextUniform()) {}

  double Level() {
    const double position = static_cast<double>(launches_++) / (2 * kMostRounds);
    steps_ += 0.003 * random_.NextGaussian();
    return std::exp(slope_ * position + steps_ + (position > changes_at_ ? change_ : 0));
  }

 private:
  SplitMix64& random_;
  double slope_;
  double change_;
  double changes_at_;
  double steps_ = 0;
  int launches_ = 0;
};

struct Figures {
  std::vector<double> before;
  std::vector<double> after;
};

Figures SimulateSession(const Machine& machine, uint64_t seed) {
  constexpr double kPhi[] = {0, 0.5, 0.9};
  SplitMix64 random(seed);
  const double phi = kPhi[random.NextBelow(3)];
  Session session(random);
  const auto launch = [&] {
    double level = 20e6 * session.Level() * std::exp(machine.launch_spread * random.NextGaussian());
    if (random.NextUniform() < machine.disturbed_share) level *= 1.1;
    return SteadyMedian(Latencies(level, phi, random));
  };
  Figures figures;
  for (int round = 0; round < kMostRounds; ++round) {
    const bool before_first = !machine.random_order || random.NextUniform() < 0.5;
    (before_first ? figures.before : figures.after).push_back(launch());
    (before_first ? figures.after : figures.before).push_back(launch());
  }
  return figures;
}

struct Tally {
  int alarms = 0;  // slower or faster, when nothing has changed
  int no_change = 0;
  int found = 0;  // slower, when it is
};

Tally Judge(const std::vector<Figures>& sessions, size_t rounds, stats::Pairing pairing) {
  Tally tally;
  for (const Figures& figures : sessions) {
    const auto before = std::span(figures.before).first(rounds);
    std::vector<double> after = figures.after;
    after.resize(rounds);
    const stats::ChangeVerdict same = stats::Compare(before, after, pairing).verdict;
    for (double& figure : after) figure *= kSlowdown;
    const stats::ChangeVerdict slower = stats::Compare(before, after, pairing).verdict;
    tally.alarms += same == stats::ChangeVerdict::kSlower || same == stats::ChangeVerdict::kFaster ? 1 : 0;
    tally.no_change += same == stats::ChangeVerdict::kNoChange ? 1 : 0;
    tally.found += slower == stats::ChangeVerdict::kSlower ? 1 : 0;
  }
  return tally;
}

bool Report(const std::vector<Figures>& sessions, int rounds, stats::Pairing pairing, bool gated) {
  const auto count = static_cast<double>(sessions.size());
  const Tally tally = Judge(sessions, static_cast<size_t>(rounds), pairing);
  const double upper = UpperBound(tally.alarms, static_cast<int>(sessions.size()));
  const bool met = upper <= kFalseAlarmLimit && tally.found >= kPowerLimit * count;
  const char* verdict = met ? ": met" : ": NOT MET";
  std::printf(
      "  %2d launches a side, %-9s false alarms %4.1f %% (at most %4.1f %%), no change %5.1f %%, "
      "3 %% found %5.1f %%%s\n",
      rounds, pairing == stats::Pairing::kByRound ? "by round:" : "apart:", 100 * tally.alarms / count,
      100 * upper, 100 * tally.no_change / count, 100 * tally.found / count, gated ? verdict : "");
  return met || !gated;
}

bool Measure(const Machine& machine, int comparisons) {
  std::vector<Figures> sessions;
  for (int i = 0; i < comparisons; ++i)
    sessions.push_back(SimulateSession(machine, SeedFor(static_cast<uint64_t>(i), machine.name)));
  std::printf("%s, %d comparisons\n", machine.name, comparisons);
  bool met = true;
  for (const int rounds : {5, 10, stats::kDefaultLaunches, kMostRounds}) {
    const bool gated = machine.gated && rounds == stats::kDefaultLaunches;
    met = Report(sessions, rounds, stats::Pairing::kByRound, gated) && met;
  }
  return Report(sessions, stats::kDefaultLaunches, stats::Pairing::kNone, false) && met;
}

int Main(int comparisons) {
  std::printf(
      "false-alarm limit %.0f %% (upper end of the 95 %% interval), 3 %% found in at least %.0f %%, at "
      "%d launches a side by round\n",
      100 * kFalseAlarmLimit, 100 * kPowerLimit, stats::kDefaultLaunches);
  bool met = true;
  for (const Machine& machine : kMachines) met = Measure(machine, comparisons) && met;
  return met ? 0 : 1;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  return sightline::bench::Main(argc > 1 ? std::max(std::atoi(argv[1]), 10) : 1'000);
}
