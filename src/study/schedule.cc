#include "src/study/schedule.h"

#include <algorithm>
#include <numeric>

#include "src/base/duration.h"
#include "src/base/random.h"

namespace sightline::study {
namespace {

constexpr Nanoseconds kDefaultDuration = std::chrono::seconds(10);  // of `sightline run`
constexpr Nanoseconds kDefaultWarmUp = std::chrono::seconds(1);     // the same

Nanoseconds Setting(const Plan& plan, std::string_view name, Nanoseconds otherwise) {
  for (const auto& [key, value] : plan.settings) {
    if (key != name) continue;
    const auto duration = ParseDuration(value, name);
    if (duration.ok()) return *duration;
  }
  return otherwise;
}

// Fisher and Yates' shuffle, as Durstenfeld wrote it: CACM 7 (1964), algorithm 235.
void Shuffle(std::vector<int>& items, SplitMix64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.NextBelow(i)]);
}

// At most a hundred years, so that sums stay inside int64_t.
Nanoseconds Bounded(double ns) {
  constexpr double kLongest = 100.0 * 365 * 24 * 3600e9 / 2;
  return Nanoseconds(static_cast<int64_t>(std::min(ns, kLongest)));
}

}  // namespace

std::vector<PlannedReplicate> OrderReplicates(int trials, int launches, RunOrder order, uint64_t seed) {
  std::vector<PlannedReplicate> replicates;
  replicates.reserve(static_cast<size_t>(trials) * static_cast<size_t>(launches));
  if (order == RunOrder::kAsWritten) {
    for (int trial = 0; trial < trials; ++trial) {
      for (int number = 0; number < launches; ++number) replicates.push_back({trial, number});
    }
    return replicates;
  }
  SplitMix64 random(SeedFor(seed, "order"));
  std::vector<int> round(static_cast<size_t>(trials));
  for (int number = 0; number < launches; ++number) {
    std::iota(round.begin(), round.end(), 0);
    Shuffle(round, random);
    for (const int trial : round) replicates.push_back({trial, number});
  }
  return replicates;
}

std::vector<PlannedReplicate> OrderPairs(int pairs, int launches, uint64_t seed) {
  SplitMix64 random(SeedFor(seed, "order"));
  // By pair, then round: which of the two comes first.
  std::vector<std::vector<int>> first(static_cast<size_t>(pairs));
  for (std::vector<int>& rounds : first) {
    const auto begin = static_cast<int>(random.NextBelow(2));
    for (int round = 0; round < launches; ++round) rounds.push_back((begin + round) % 2);
    Shuffle(rounds, random);
  }
  std::vector<PlannedReplicate> replicates;
  std::vector<int> order(static_cast<size_t>(pairs));
  for (int round = 0; round < launches; ++round) {
    std::iota(order.begin(), order.end(), 0);
    Shuffle(order, random);
    for (const int pair : order) {
      const int which = first[static_cast<size_t>(pair)][static_cast<size_t>(round)];
      replicates.push_back({2 * pair + which, round});
      replicates.push_back({2 * pair + 1 - which, round});
    }
  }
  return replicates;
}

LaunchTimes::LaunchTimes(const Plan& plan, int trials)
    : guess_(kStartUpGuess + Setting(plan, "warm_up", kDefaultWarmUp) +
             Setting(plan, "duration", kDefaultDuration)),
      trials_(static_cast<size_t>(trials)) {}

void LaunchTimes::Add(const FinishedReplicate& finished) {
  for (Mean* mean : {&all_, &trials_[static_cast<size_t>(finished.trial)]}) {
    mean->sum_ns += static_cast<double>(finished.wall.count());
    ++mean->count;
  }
}

Nanoseconds LaunchTimes::Of(int trial) const {
  for (const Mean& mean : {trials_[static_cast<size_t>(trial)], all_}) {
    if (mean.count > 0) return Bounded(mean.sum_ns / static_cast<double>(mean.count));
  }
  return guess_;
}

Nanoseconds LaunchTimes::Sum(const std::vector<PlannedReplicate>& replicates) const {
  double ns = 0;
  for (const PlannedReplicate& replicate : replicates) ns += static_cast<double>(Of(replicate.trial).count());
  return Bounded(ns);
}

TimeEstimate EstimateTime(const Plan& plan, int trials) {
  const auto one = static_cast<double>(LaunchTimes(plan, 1).Of(0).count());
  TimeEstimate estimate{Bounded(one * trials * plan.replicates.min),
                        Bounded(one * trials * plan.replicates.max)};
  if (plan.limits.total) {
    // The last replicate may begin just before the cap.
    const Nanoseconds most = *plan.limits.total + Bounded(one);
    estimate.at_least = std::min(estimate.at_least, most);
    estimate.at_most = std::min(estimate.at_most, most);
  }
  return estimate;
}

}  // namespace sightline::study
