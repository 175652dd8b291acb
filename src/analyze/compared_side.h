// One side of a comparison: its trials with what their launches gave, wherever they come from.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/flow/run_result.h"
#include "src/flow/study.h"
#include "src/flow/trial.h"

namespace sightline::analyze {

struct ComparedLaunch {
  int number = 0;  // which launch of the trial; of a comparison's own study: the round
  RunResult result;
};

struct ComparedTrial {
  Factors configuration;                 // every factor with its level: ConfigurationOf
  std::vector<std::string> arguments;    // of `sightline run`, as the study has them; none of result files
  std::vector<ComparedLaunch> launches;  // those with a result
  std::vector<std::string> failures;     // of the others: "launch 2: timed_out: took more than 300 s"
};

struct ComparedSide {
  std::string name;                   // as the user gave it
  std::vector<ComparedTrial> trials;  // no two of one configuration
};

// Results of single runs: those of one configuration are launches of one trial.
ComparedSide SideOfResults(std::string name, std::vector<RunResult> results);

// A study's trials; launches that are not finished are left out. Fails when a stored result can't be read.
Result<ComparedSide> SideOfStudy(std::string name, const StudyContents& contents);

// Trials that are to be measured, by the arguments of `sightline run`, in the form of a plan: "--batch=4".
ComparedSide SideOfArguments(std::string name, const std::vector<std::vector<std::string>>& trials);

// The factor that tells the sides of a comparison measured anew from each other, and its levels. A study
// whose every trial has it is such a comparison.
constexpr std::string_view kSideFactor = "side";
constexpr std::string_view kSideA = "A";
constexpr std::string_view kSideB = "B";
bool HasSides(const StudyContents& contents);

// Both sides of such a study, named "A" and "B".
Result<std::pair<ComparedSide, ComparedSide>> SidesOfStudy(const StudyContents& contents);

}  // namespace sightline::analyze
