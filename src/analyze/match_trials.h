// Which trial of one side belongs to which of the other, and what sets the two apart.
//
// A trial is known by the factors that vary within a side. What is the same for all trials of a side, such as
// the folder of pictures or a path of a model, is no part of it: where the sides have different ones, the
// trials are compared all the same and the difference is said. So one trial on each side are always a pair.
#pragma once

#include <string>
#include <vector>

#include "src/analyze/compared_side.h"

namespace sightline::analyze {

struct TrialPair {
  Factors factors;  // what tells it from the others; model and backend where nothing varies
  const ComparedTrial* a = nullptr;
  const ComparedTrial* b = nullptr;
};

struct Matching {
  std::vector<TrialPair> pairs;  // in the order of A's trials
  std::vector<Factors> only_a;
  std::vector<Factors> only_b;
};

// Points into the sides, which have to outlive it.
Matching MatchTrials(const ComparedSide& a, const ComparedSide& b);

// Something that is not the same on both sides and may explain a change. Of a side whose launches disagree,
// all values: "6.1.0 / 6.2.0". Empty: that side has none.
struct Difference {
  std::string name;  // "threads", "kernel"
  std::string a;
  std::string b;

  friend bool operator==(const Difference&, const Difference&) = default;
};

// In the configuration alone.
std::vector<Difference> ConfigurationDifferences(const TrialPair& pair);

// In how long was measured and warmed up, and when it ended.
std::vector<Difference> LimitDifferences(const TrialPair& pair);

// In the configuration, the limits, the machine, the builds, the framework, the input and the precision that
// was run.
std::vector<Difference> DifferencesOf(const TrialPair& pair);

}  // namespace sightline::analyze
