#include "src/analyze/compared_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/store/result_json.h"

namespace sightline::analyze {
namespace {

void SetLevel(Factors& factors, const std::string& name, const std::string& level) {
  for (auto& [key, value] : factors) {
    if (key != name) continue;
    value = level;
    return;
  }
  factors.emplace_back(name, level);
}

// What a trial without any result was to be, by its arguments as a plan makes them: "--inter-threads=2",
// "--option=layout=nhwc", "--jpeg-scaling". Words that are no factor change nothing.
Factors ConfigurationOfArguments(const std::vector<std::string>& arguments) {
  Factors factors = ConfigurationOf(TrialSpec{.input = std::string(kDefaultInput)});
  for (const std::string& argument : arguments) {
    if (!argument.starts_with("--")) continue;
    const size_t equals = argument.find('=');
    std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    std::string level = equals == std::string::npos ? "true" : argument.substr(equals + 1);
    std::replace(name.begin(), name.end(), '-', '_');
    if (name == "option") {
      const size_t second = level.find('=');
      if (second == std::string::npos) continue;
      SetLevel(factors, "option." + level.substr(0, second), level.substr(second + 1));
    } else if (LevelOf(factors, name) != nullptr) {
      SetLevel(factors, name, level);
    }
  }
  return factors;
}

Status AddReplicate(const ReplicateInfo& replicate, ComparedTrial& trial) {
  if (replicate.status == ReplicateStatus::kFailed)
    trial.failures.push_back(fmt::format("launch {}: {}", replicate.number + 1, FailureText(replicate)));
  if (replicate.status != ReplicateStatus::kDone) return OkStatus();
  SIGHTLINE_ASSIGN_OR_RETURN(
      RunResult result, store::ResultFromJson(replicate.result_json,
                                              fmt::format("the result of launch {}", replicate.number + 1)));
  trial.launches.push_back({.number = replicate.number, .result = std::move(result)});
  return OkStatus();
}

// Trials of one configuration, which a study of somebody else's making may have, become one.
void AddTrial(ComparedSide& side, ComparedTrial trial) {
  for (ComparedTrial& known : side.trials) {
    if (known.configuration != trial.configuration) continue;
    std::move(trial.launches.begin(), trial.launches.end(), std::back_inserter(known.launches));
    std::move(trial.failures.begin(), trial.failures.end(), std::back_inserter(known.failures));
    return;
  }
  side.trials.push_back(std::move(trial));
}

Result<ComparedTrial> TrialOf(const TrialInfo& info, const std::vector<ReplicateInfo>& replicates) {
  ComparedTrial trial{.configuration = {}, .arguments = info.arguments, .launches = {}, .failures = {}};
  for (const ReplicateInfo& replicate : replicates) {
    if (replicate.trial_id != info.id) continue;
    if (const Status status = AddReplicate(replicate, trial); !status.ok())
      return status.error().WithContext(FactorText(info.factors));
  }
  trial.configuration = trial.launches.empty()
                            ? ConfigurationOfArguments(info.arguments)
                            : ConfigurationOf(trial.launches.front().result.manifest.trial);
  return trial;
}

}  // namespace

ComparedSide SideOfResults(std::string name, std::vector<RunResult> results) {
  ComparedSide side{.name = std::move(name), .trials = {}};
  int number = 0;
  for (RunResult& result : results) {
    ComparedTrial trial{.configuration = ConfigurationOf(result.manifest.trial)};
    trial.launches.push_back({.number = number++, .result = std::move(result)});
    AddTrial(side, std::move(trial));
  }
  return side;
}

Result<ComparedSide> SideOfStudy(std::string name, const StudyContents& contents) {
  ComparedSide side{.name = std::move(name), .trials = {}};
  for (const TrialInfo& info : contents.trials) {
    auto trial = TrialOf(info, contents.replicates);
    if (!trial.ok()) return trial.error().WithContext(side.name);
    AddTrial(side, std::move(trial).value());
  }
  return side;
}

ComparedSide SideOfArguments(std::string name, const std::vector<std::vector<std::string>>& trials) {
  ComparedSide side{.name = std::move(name), .trials = {}};
  for (const std::vector<std::string>& arguments : trials)
    AddTrial(side, {.configuration = ConfigurationOfArguments(arguments), .arguments = arguments});
  return side;
}

bool HasSides(const StudyContents& contents) {
  return !contents.trials.empty() &&
         std::all_of(contents.trials.begin(), contents.trials.end(), [](const TrialInfo& trial) {
           const std::string* side = LevelOf(trial.factors, kSideFactor);
           return side != nullptr && (*side == kSideA || *side == kSideB);
         });
}

Result<std::pair<ComparedSide, ComparedSide>> SidesOfStudy(const StudyContents& contents) {
  StudyContents sides[2] = {{.study = contents.study}, {.study = contents.study}};
  for (const TrialInfo& trial : contents.trials) {
    sides[*LevelOf(trial.factors, kSideFactor) == kSideA ? 0 : 1].trials.push_back(trial);
  }
  for (StudyContents& side : sides) side.replicates = contents.replicates;
  SIGHTLINE_ASSIGN_OR_RETURN(ComparedSide a, SideOfStudy(std::string(kSideA), sides[0]));
  SIGHTLINE_ASSIGN_OR_RETURN(ComparedSide b, SideOfStudy(std::string(kSideB), sides[1]));
  return std::pair(std::move(a), std::move(b));
}

}  // namespace sightline::analyze
