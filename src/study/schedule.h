// In which order replicates run, and how long that will take.
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/clock.h"
#include "src/study/plan.h"

namespace sightline::study {

struct PlannedReplicate {
  int trial = 0;   // index into the trials
  int number = 0;  // which launch of the trial, from 0

  friend bool operator==(const PlannedReplicate&, const PlannedReplicate&) = default;
};

// `launches` replicates of each trial. kInterleaved: in rounds, each with every trial once in a random order
// of its own, so that a drift of the machine meets all trials alike; the order depends on the seed alone
// (stream "order", base/random.h). kAsWritten: trial by trial.
std::vector<PlannedReplicate> OrderReplicates(int trials, int launches, RunOrder order, uint64_t seed);

// For trials that are compared in pairs (0 with 1, 2 with 3, ...): rounds with every pair once, in random
// order, the two of a pair one right after the other, so that drift has as little time between them as can
// be. Which of the two comes first is random, but each is first in half of the rounds (one more or less where
// their number is odd). The order depends on the seed alone.
std::vector<PlannedReplicate> OrderPairs(int pairs, int launches, uint64_t seed);

// What is not measured yet is guessed: how long a launch takes to load its framework and model.
constexpr Nanoseconds kStartUpGuess = std::chrono::seconds(3);

// A replicate that has run: how long it took, from start to end.
struct FinishedReplicate {
  int trial = 0;
  Nanoseconds wall{};
};

// How long one launch of a trial takes. Guess = kStartUpGuess + warm-up + duration cap of the plan (10 s, the
// default of `sightline run`, when it has none). With finished replicates: of the trial's own, their mean; of
// a trial that has none, the mean of all of them. A stopping rule within launches makes the guess an upper
// bound.
class LaunchTimes {
 public:
  LaunchTimes(const Plan& plan, int trials);
  void Add(const FinishedReplicate& finished);
  Nanoseconds Of(int trial) const;
  // Of all these, one after the other.
  Nanoseconds Sum(const std::vector<PlannedReplicate>& replicates) const;

 private:
  struct Mean {
    double sum_ns = 0;
    int64_t count = 0;
  };
  Nanoseconds guess_;
  Mean all_;
  std::vector<Mean> trials_;
};

// For --dry-run: with the fewest and with the most launches the plan allows, `limits.total` taken into
// account.
struct TimeEstimate {
  Nanoseconds at_least{};
  Nanoseconds at_most{};
};
TimeEstimate EstimateTime(const Plan& plan, int trials);

}  // namespace sightline::study
