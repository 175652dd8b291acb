// Two sides of a comparison to one verdict per trial, with the size of the change and its interval.
//
// Method: stats/comparison.h on the figure of each launch, for the launch is the unit of repetition. Sides
// measured in the same rounds are compared round by round; a round in which a launch of either side was lost,
// or does not support the quantity, is left out on both, so that what remains is still protected from drift.
// Throughput is compared by its reciprocal, the time of a frame, so that slower means one thing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/analyze/match_trials.h"
#include "src/flow/quantity.h"
#include "src/stats/comparison.h"

namespace sightline::analyze {

// Of throughput lower is slower, of a latency higher.
bool LowerIsSlower(Quantity quantity);

struct CompareOptions {
  Quantity quantity = Quantity::kLatencyP50;
  double threshold = 0.01;  // stats::ComparisonOptions
  stats::Pairing pairing = stats::Pairing::kNone;
};

// A warning or an error that launches of one side of a trial have.
struct FindingCount {
  std::string name;
  Severity severity = Severity::kWarning;
  std::string sentence;  // of the first launch that has it
  int launches = 0;
};

struct SideFigures {
  std::vector<double> figures;       // of the launches that are compared, in their order
  std::optional<Estimate> estimate;  // their median; of a single launch its figure with its own interval
  int launches = 0;                  // that gave a result
  int unsupported = 0;               // of those, launches whose samples don't support the quantity
  std::vector<std::string> failures;
  std::vector<FindingCount> findings;
};

struct TrialComparison {
  Factors factors;
  std::vector<Difference> differences;  // that hold for this trial but not for all
  SideFigures a;
  SideFigures b;
  int rounds_left_out = 0;
  // Absent where a side has no figure. Its ratio and interval are of the quantity, B over A.
  std::optional<stats::Comparison> comparison;
  std::string why;  // it is undecided, or can't be compared, and what to do: one sentence; "" otherwise
};

enum class Overall { kSlower, kNotCompared, kUndecided, kFaster, kNoChange };  // the first that any trial is
std::string_view ToString(Overall overall);

struct SidesComparison {
  CompareOptions options;
  std::string a;  // names of the sides
  std::string b;
  std::vector<Difference> differences;  // that hold for all trials
  std::vector<TrialComparison> trials;
  std::vector<Factors> only_a;  // trials that only one side has
  std::vector<Factors> only_b;
  int launches_left = 0;  // still to be measured: then no verdict is final

  // Trials with a verdict: with two or more, Holm's correction has been applied.
  int compared() const;
  Overall overall() const;
};

SidesComparison CompareSides(const ComparedSide& a, const ComparedSide& b, const CompareOptions& options);

}  // namespace sightline::analyze
