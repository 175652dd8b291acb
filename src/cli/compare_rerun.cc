#include "src/cli/compare_rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "src/base/duration.h"
#include "src/base/text.h"
#include "src/cli/study_session.h"
#include "src/store/files.h"
#include "src/study/plan.h"
#include "src/study/run_launcher.h"
#include "src/study/trial_arguments.h"

namespace sightline::cli {
namespace {

using analyze::ComparedSide;
using analyze::ComparedTrial;
using analyze::TrialPair;
using study::PlannedTrial;

Error Wrong(std::string message) {
  return Error(ErrorKind::kInvalidArgument, std::move(message));
}

Result<study::Plan> ReadPlan(const std::string& file) {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::string text, store::ReadFile(file));
  return study::ParsePlan(text, file);
}

// The trials of two builds, which only the user can name.
Result<std::vector<std::vector<std::string>>> NamedTrials(const RerunOptions& options) {
  std::vector<std::vector<std::string>> trials;
  if (options.plan_file.empty() == options.words.empty()) {
    return Wrong(
        "two builds need trials to be compared on: --plan PLAN, or the arguments of `sightline run` after "
        "--, "
        "one of the two");
  }
  if (!options.words.empty()) {
    SIGHTLINE_ASSIGN_OR_RETURN(std::vector<std::string> arguments, study::NormalizedArguments(options.words));
    trials.push_back(std::move(arguments));
    return trials;
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const study::Plan plan, ReadPlan(options.plan_file));
  SIGHTLINE_ASSIGN_OR_RETURN(const std::vector<PlannedTrial> planned, study::ExpandTrials(plan));
  for (const PlannedTrial& trial : planned) trials.push_back(trial.arguments);
  return trials;
}

// With the arguments that measure each trial again, for as long as asked.
ComparedSide Repeatable(ComparedSide side, const std::string& duration) {
  for (ComparedTrial& trial : side.trials) {
    if (trial.arguments.empty() && !trial.launches.empty())
      trial.arguments = study::ArgumentsToRepeat(trial.launches.front().result.manifest);
    if (!duration.empty()) trial.arguments = study::WithDuration(std::move(trial.arguments), duration);
  }
  return side;
}

bool SameProgram(const std::string& a, const std::string& b) {
  std::error_code ignored;
  const auto this_program = ThisProgram();
  const auto path = [&](const std::string& program) {
    return program.empty() && this_program.ok() ? *this_program : program;
  };
  return std::filesystem::equivalent(path(a), path(b), ignored);
}

// Whether somebody named one thing twice, and so asked for a comparison of it with itself.
bool NamedTwice(const CompareSource& a, const CompareSource& b) {
  if (a.study && b.study) return a.study->study.uuid == b.study->study.uuid;
  return a.side.name == b.side.name;
}

// What sets two sides apart that --rerun can't bring back: all that is neither configuration nor limits.
std::vector<std::string> WhatIsLost(const TrialPair& pair) {
  const std::vector<analyze::Difference> limits = LimitDifferences(pair);
  std::vector<std::string> names;
  for (const analyze::Difference& difference : DifferencesOf(pair)) {
    if (std::find(limits.begin(), limits.end(), difference) == limits.end()) names.push_back(difference.name);
  }
  return names;
}

// Where the user did not ask for a comparison of a thing with itself, it must not come to one: it would say
// "no change" whatever B is.
Status CheckNotItself(const CompareTerms& terms, const std::vector<TrialPair>& pairs) {
  const auto same = [](const TrialPair& pair) { return ConfigurationDifferences(pair).empty(); };
  if (!SameProgram(terms.a.program, terms.b.program) || !std::all_of(pairs.begin(), pairs.end(), same))
    return OkStatus();
  if (!terms.a.program.empty() || !terms.b.program.empty()) {
    return Wrong(
        "both sides would be measured by the same program with the same arguments; name the build of the "
        "other side, an executable `sightline`, too");
  }
  const std::string alike =
      "it would measure both alike, by this program on this machine; name builds, executables `sightline`, "
      "as A and B";
  if (const std::vector<std::string> lost = WhatIsLost(pairs.front()); !lost.empty()) {
    return Wrong(fmt::format("A and B differ in {}, which --rerun can't bring back: {}", Join(lost), alike));
  }
  const auto same_arguments = [](const TrialPair& pair) { return pair.a->arguments == pair.b->arguments; };
  if (!std::all_of(pairs.begin(), pairs.end(), same_arguments)) return OkStatus();
  return Wrong(
      "nothing that A and B keep tells --rerun what to do differently for B (two builds of one "
      "commit say the same of themselves): " +
      alike);
}

// "-" of a factor it doesn't have, or that has no level.
std::string LevelOrDash(const Factors& factors, std::string_view name) {
  const std::string* level = LevelOf(factors, name);
  return level == nullptr || level->empty() ? "-" : *level;
}

// What the trials of the study are called by: what tells the pairs apart, and what tells their sides apart.
std::vector<std::string> FactorNames(const std::vector<TrialPair>& pairs) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& [name, level] : pairs.front().factors) add(name);
  for (const TrialPair& pair : pairs) {
    for (const analyze::Difference& difference : ConfigurationDifferences(pair)) add(difference.name);
  }
  return names;
}

PlannedTrial Planned(std::string_view side, const ComparedTrial& trial,
                     const std::vector<std::string>& names) {
  PlannedTrial planned{.factors = {{std::string(analyze::kSideFactor), std::string(side)}},
                       .arguments = trial.arguments};
  for (const std::string& name : names)
    planned.factors.emplace_back(name, LevelOrDash(trial.configuration, name));
  return planned;
}

// As --duration and --warm-up ask for; 0 where they don't.
Nanoseconds MeasuringTime(const std::vector<std::string>& arguments) {
  Nanoseconds time{};
  for (const std::string& argument : arguments) {
    for (const std::string_view flag : {"--duration=", "--warm-up="}) {
      if (!argument.starts_with(flag)) continue;
      const auto parsed = ParseDuration(argument.substr(flag.size()), flag);
      if (parsed.ok()) time += *parsed;
    }
  }
  return time;
}

// What the plan's own launches may take is allowed here too.
void AllowAsPlan(const study::Plan& plan, CompareTerms& terms) {
  terms.timeout = std::max(terms.timeout, plan.limits.replicate_timeout);
  if (plan.limits.memory_bytes)
    terms.memory_bytes = std::max(terms.memory_bytes.value_or(0), *plan.limits.memory_bytes);
}

void AllowAsStudy(const std::optional<StudyContents>& study, CompareTerms& terms) {
  if (!study) return;
  const auto plan = study::ParsePlan(study->study.plan_text, study->study.name);
  if (plan.ok()) AllowAsPlan(*plan, terms);
}

// Twice the time asked for and ten minutes more: a launch that takes longer hangs.
void Allow(Nanoseconds time, CompareTerms& terms) {
  terms.timeout = std::max(terms.timeout, std::chrono::minutes(10) + 2 * time);
}

void AllowTime(const std::vector<PlannedTrial>& trials, CompareTerms& terms) {
  for (const PlannedTrial& trial : trials) Allow(MeasuringTime(trial.arguments), terms);
}

// As the launches took that are there: how long so many --iterations take nobody said.
void AllowAsMeasured(const ComparedSide& side, CompareTerms& terms) {
  constexpr double kLongestS = 30 * 24 * 3600;  // a file may say anything
  for (const ComparedTrial& trial : side.trials) {
    for (const analyze::ComparedLaunch& launch : trial.launches) {
      const double seconds = std::clamp(launch.result.summary.measured_s, 0.0, kLongestS);
      Allow(std::chrono::duration_cast<Nanoseconds>(std::chrono::duration<double>(seconds)), terms);
    }
  }
}

// `itself`: a comparison of a thing with itself is meant to be one, or can't be one.
Result<RerunPlan> PlanPairs(CompareTerms terms, const ComparedSide& a, const ComparedSide& b, bool itself) {
  const analyze::Matching matching = MatchTrials(a, b);
  if (matching.pairs.empty())
    return Wrong(
        "no trial of A is one of B, so there is nothing to measure; name sides with trials in common");
  if (!itself) SIGHTLINE_RETURN_IF_ERROR(CheckNotItself(terms, matching.pairs));
  RerunPlan plan{.terms = std::move(terms), .trials = {}};
  const std::vector<std::string> names = FactorNames(matching.pairs);
  for (const TrialPair& pair : matching.pairs) {
    plan.trials.push_back(Planned(analyze::kSideA, *pair.a, names));
    plan.trials.push_back(Planned(analyze::kSideB, *pair.b, names));
  }
  plan.terms.only_a = matching.only_a;
  plan.terms.only_b = matching.only_b;
  AllowTime(plan.trials, plan.terms);
  return plan;
}

CompareTerms TermsOf(const RerunOptions& options) {
  return {.name = options.name, .launches = options.launches, .seed = options.seed};
}

CompareTerms::Side SideTerms(const CompareSource& source) {
  return {.name = source.is_build() ? source.side.name : source.side.name + ", measured anew",
          .program = source.program};
}

// For the order of launches and for how long they take, which is all that is asked of it.
study::Plan AsPlan(const CompareTerms& terms, const std::vector<std::string>& arguments) {
  study::Plan plan;
  plan.name = terms.name;
  plan.seed = terms.seed;
  plan.replicates = {.min = terms.launches, .max = terms.launches};
  const Nanoseconds time = MeasuringTime(arguments);
  if (time > Nanoseconds(0)) {
    plan.settings = {{"duration", fmt::format("{}ns", time.count())}, {"warm_up", "0s"}};
  }
  return plan;
}

// Launches each side's trials by its own program.
class SidesLauncher final : public study::Launcher {
 public:
  SidesLauncher(study::RunLauncher a, study::RunLauncher b) : a_(std::move(a)), b_(std::move(b)) {}

  Result<study::LaunchResult> Launch(const study::ReplicateTask& task,
                                     const std::atomic<bool>& stop) override {
    const bool is_a = LevelOrDash(task.factors, analyze::kSideFactor) == analyze::kSideA;
    return (is_a ? a_ : b_).Launch(task, stop);
  }

 private:
  study::RunLauncher a_;
  study::RunLauncher b_;
};

}  // namespace

Result<RerunPlan> PlanRerun(const CompareSource& a, const CompareSource& b, const RerunOptions& options) {
  CompareTerms terms = TermsOf(options);
  terms.a = SideTerms(a);
  terms.b = SideTerms(b);
  const bool both_builds = a.is_build() && b.is_build();
  const bool named = !options.plan_file.empty() || !options.words.empty();
  if (named && !both_builds) {
    return Wrong(fmt::format("{} brings trials of its own; leave out --plan and the arguments after --",
                             a.is_build() ? b.side.name : a.side.name));
  }
  if (both_builds) {
    SIGHTLINE_ASSIGN_OR_RETURN(const auto trials, NamedTrials(options));
    const ComparedSide side = Repeatable(analyze::SideOfArguments("", trials), options.duration);
    if (!options.plan_file.empty()) {
      SIGHTLINE_ASSIGN_OR_RETURN(const study::Plan plan, ReadPlan(options.plan_file));
      AllowAsPlan(plan, terms);
    }
    return PlanPairs(std::move(terms), side, side, /*itself=*/true);
  }
  AllowAsStudy(a.study, terms);
  AllowAsStudy(b.study, terms);
  AllowAsMeasured(a.side, terms);
  AllowAsMeasured(b.side, terms);
  const ComparedSide of_a = Repeatable(a.is_build() ? b.side : a.side, options.duration);
  const ComparedSide of_b = Repeatable(b.is_build() ? a.side : b.side, options.duration);
  return PlanPairs(std::move(terms), of_a, of_b, NamedTwice(a, b));
}

Result<RerunPlan> PlanRerunOf(const StudyContents& comparison, const RerunOptions& options) {
  SIGHTLINE_ASSIGN_OR_RETURN(const CompareTerms old,
                             TermsFromText(comparison.study.plan_text, comparison.study.name));
  SIGHTLINE_ASSIGN_OR_RETURN(const auto sides, analyze::SidesOfStudy(comparison));
  CompareTerms terms = TermsOf(options);
  terms.a = old.a;
  terms.b = old.b;
  terms.timeout = old.timeout;
  terms.memory_bytes = old.memory_bytes;
  return PlanPairs(std::move(terms), Repeatable(sides.first, options.duration),
                   Repeatable(sides.second, options.duration), /*itself=*/true);
}

Result<study::StoredStudy> StoreRerun(store::StudyStore& store, const RerunPlan& plan) {
  const auto order =
      study::OrderPairs(static_cast<int>(plan.trials.size()) / 2, plan.terms.launches, plan.terms.seed);
  return study::StoredStudy::Create(store, AsPlan(plan.terms, {}), TermsToText(plan.terms), plan.trials,
                                    order);
}

Result<study::StudyOutcome> RunRerun(study::StoredStudy& stored, CliEnv& env) {
  const StudyContents& contents = stored.contents();
  SIGHTLINE_ASSIGN_OR_RETURN(const CompareTerms terms,
                             TermsFromText(contents.study.plan_text, contents.study.name));
  SIGHTLINE_ASSIGN_OR_RETURN(const WorkFolder folder, WorkFolder::Make());
  SIGHTLINE_ASSIGN_OR_RETURN(const std::string this_program, ThisProgram());
  const auto launcher_of = [&](const CompareTerms::Side& side) {
    return study::RunLauncher({.program = side.program.empty() ? this_program : side.program,
                               .work_folder = folder.path(),
                               .limits = {.deadline = terms.timeout, .memory_bytes = terms.memory_bytes},
                               .environment = {},
                               .records_flag = "--raw"});
  };
  SidesLauncher launcher(launcher_of(terms.a), launcher_of(terms.b));
  const study::Plan plan = AsPlan(terms, contents.trials.front().arguments);
  return RunReplicates(stored, launcher, study::LaunchTimes(plan, static_cast<int>(contents.trials.size())),
                       {.rule = {.min = terms.launches, .max = terms.launches}}, terms.timeout, env);
}

}  // namespace sightline::cli
