#include "src/study/design.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/random.h"
#include "src/study/flags.h"

namespace sightline::study {
namespace {

// For each factor, which of its levels.
using Combination = std::vector<size_t>;

bool Contains(const std::vector<std::string>& levels, const std::string& level) {
  return std::find(levels.begin(), levels.end(), level) != levels.end();
}

size_t IndexOf(const std::vector<std::string>& levels, const std::string& level) {
  return static_cast<size_t>(std::find(levels.begin(), levels.end(), level) - levels.begin());
}

// An exclusion as flags per factor and level, looked up once per combination.
class Exclusions {
 public:
  explicit Exclusions(const Plan& plan) {
    for (const Exclusion& exclusion : plan.exclude) {
      std::vector<std::vector<bool>> matches;
      for (const Factor& factor : plan.factors) matches.push_back(Matches(exclusion, factor));
      exclusions_.push_back(std::move(matches));
    }
  }

  bool Excludes(const Combination& combination) const {
    return std::any_of(exclusions_.begin(), exclusions_.end(), [&](const auto& matches) {
      for (size_t f = 0; f < combination.size(); ++f) {
        if (!matches[f][combination[f]]) return false;
      }
      return true;
    });
  }

 private:
  // Which levels of the factor an exclusion means: all, if it does not name the factor.
  static std::vector<bool> Matches(const Exclusion& exclusion, const Factor& factor) {
    std::vector<bool> matches(factor.levels.size(), true);
    for (const Factor& excluded : exclusion) {
      if (excluded.name != factor.name) continue;
      for (size_t i = 0; i < matches.size(); ++i) matches[i] = Contains(excluded.levels, factor.levels[i]);
    }
    return matches;
  }

  std::vector<std::vector<std::vector<bool>>> exclusions_;
};

Result<int64_t> CountCombinations(const Plan& plan, int64_t most) {
  int64_t count = 1;
  for (const Factor& factor : plan.factors) {
    const auto levels = static_cast<int64_t>(factor.levels.size());
    if (count > most / levels) {
      return Error(
          ErrorKind::kInvalidArgument,
          fmt::format("the factors come to more than {} combinations; leave out levels or factors, or "
                      "use another design",
                      most));
    }
    count *= levels;
  }
  return count;
}

// The combination of a number in mixed radix, the last factor lowest.
Combination CombinationOf(int64_t number, const std::vector<Factor>& factors) {
  Combination combination(factors.size());
  for (size_t f = factors.size(); f-- > 0;) {
    const auto levels = static_cast<int64_t>(factors[f].levels.size());
    combination[f] = static_cast<size_t>(number % levels);
    number /= levels;
  }
  return combination;
}

Result<std::vector<Combination>> AllCombinations(const Plan& plan, int64_t most) {
  SIGHTLINE_ASSIGN_OR_RETURN(const int64_t count, CountCombinations(plan, most));
  const Exclusions exclusions(plan);
  std::vector<Combination> combinations;
  for (int64_t number = 0; number < count; ++number) {
    Combination combination = CombinationOf(number, plan.factors);
    if (!exclusions.Excludes(combination)) combinations.push_back(std::move(combination));
  }
  return combinations;
}

// The first `random_trials` places of a Fisher-Yates shuffle, in the order of the levels again.
Result<std::vector<Combination>> RandomCombinations(const Plan& plan) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto combinations, AllCombinations(plan, kMostCombinations));
  const auto wanted = static_cast<size_t>(plan.design.random_trials);
  if (combinations.size() < wanted) {
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("random asks for {} trials, but the factors come to {} combinations; lower it, or "
                    "use design: full",
                    wanted, combinations.size()));
  }
  SplitMix64 random(SeedFor(plan.seed, "design"));
  for (size_t i = 0; i < wanted; ++i) {
    std::swap(combinations[i], combinations[i + random.NextBelow(combinations.size() - i)]);
  }
  combinations.resize(wanted);
  std::sort(combinations.begin(), combinations.end());
  return combinations;
}

Result<std::vector<Combination>> OneAtATime(const Plan& plan) {
  size_t levels = 0;
  for (const Factor& factor : plan.factors) levels += factor.levels.size();
  if (levels > static_cast<size_t>(kMostTrials)) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("the factors have more than {} levels together; leave out some", kMostTrials));
  }
  const Exclusions exclusions(plan);
  Combination base;
  for (const Factor& factor : plan.factors) {
    base.push_back(IndexOf(factor.levels, plan.design.base.at(factor.name)));
  }
  std::vector<Combination> combinations = {base};
  for (size_t f = 0; f < base.size(); ++f) {
    for (size_t level = 0; level < plan.factors[f].levels.size(); ++level) {
      if (level == base[f]) continue;
      combinations.push_back(base);
      combinations.back()[f] = level;
    }
  }
  std::erase_if(combinations, [&](const Combination& c) { return exclusions.Excludes(c); });
  return combinations;
}

Result<std::vector<Combination>> Combinations(const Plan& plan) {
  switch (plan.design.kind) {
    case DesignKind::kRandom:
      return RandomCombinations(plan);
    case DesignKind::kOneAtATime:
      return OneAtATime(plan);
    case DesignKind::kFull:
      break;
  }
  return AllCombinations(plan, kMostTrials);
}

PlannedTrial TrialOf(const Plan& plan, const std::vector<std::string>& common,
                     const Combination& combination) {
  PlannedTrial trial;
  for (size_t f = 0; f < combination.size(); ++f) {
    const Factor& factor = plan.factors[f];
    trial.factors.emplace_back(factor.name, factor.levels[combination[f]]);
    if (auto argument = ArgumentFor(factor.name, factor.levels[combination[f]])) {
      trial.arguments.push_back(std::move(*argument));
    }
  }
  trial.arguments.insert(trial.arguments.end(), common.begin(), common.end());
  return trial;
}

}  // namespace

Result<std::vector<PlannedTrial>> ExpandTrials(const Plan& plan) {
  SIGHTLINE_ASSIGN_OR_RETURN(const auto combinations, Combinations(plan));
  if (combinations.empty()) {
    return Error(ErrorKind::kInvalidArgument, "exclude leaves no trial; exclude less");
  }
  std::vector<std::string> common;
  for (const auto& [name, value] : plan.settings) {
    if (auto argument = ArgumentFor(name, value)) common.push_back(std::move(*argument));
  }
  if (plan.stop) {
    for (std::string& argument : ArgumentsFor(*plan.stop)) common.push_back(std::move(argument));
  }
  std::vector<PlannedTrial> trials;
  trials.reserve(combinations.size());
  for (const Combination& combination : combinations) trials.push_back(TrialOf(plan, common, combination));
  return trials;
}

}  // namespace sightline::study
