// From a plan to its trials.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/study/plan.h"

namespace sightline::study {

// One configuration of all factors.
struct PlannedTrial {
  std::vector<std::pair<std::string, std::string>> factors;  // in the plan's order
  std::vector<std::string> arguments;  // of `sightline run`, the word `run` not included
};

// The trials of the plan's design without those it excludes, in the order of the factors' levels, the last
// factor changing fastest; for kOneAtATime the base first. A random design draws by the plan's seed alone
// (stream "design"; base/random.h), so that it is the same on every machine. Fails, in a sentence without a
// place, when nothing is left, when fewer are left than a random design asks for, or at more than kMostTrials
// trials (random: kMostCombinations combinations).
Result<std::vector<PlannedTrial>> ExpandTrials(const Plan& plan);

}  // namespace sightline::study
