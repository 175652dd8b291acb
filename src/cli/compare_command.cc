#include "src/cli/compare_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "src/analyze/comparison_json.h"
#include "src/base/duration.h"
#include "src/base/text.h"
#include "src/cli/compare_source.h"
#include "src/report/comparison_report.h"
#include "src/store/files.h"
#include "src/study/values.h"

namespace sightline::cli {
namespace {

using analyze::Overall;
using analyze::SidesComparison;

Error Wrong(std::string message) {
  return Error(ErrorKind::kInvalidArgument, std::move(message));
}

// A check that has compared nothing, or not all, must not look like one that has passed.
Status EverythingCompared(const SidesComparison& comparison) {
  if (comparison.trials.empty())
    return Wrong("no trial of A is one of B, so nothing was compared; name sides with trials in common");
  const auto all = static_cast<int>(comparison.trials.size());
  if (comparison.compared() == all) return OkStatus();
  return Wrong(fmt::format("{} of {} trials could not be compared; the output says why",
                           all - comparison.compared(), all));
}

bool AnyFailed(const SidesComparison& comparison) {
  return std::any_of(comparison.trials.begin(), comparison.trials.end(), [](const auto& trial) {
    return !trial.a.failures.empty() || !trial.b.failures.empty();
  });
}

int LaunchesLeft(const StudyContents& contents) {
  return static_cast<int>(
      std::count_if(contents.replicates.begin(), contents.replicates.end(),
                    [](const ReplicateInfo& replicate) { return !IsFinished(replicate.status); }));
}

// The order of launches has to be another one each time, or what comes first often by chance does so for
// ever.
uint64_t FreshSeed() {
  std::random_device device;
  return (uint64_t{device()} << 21) ^ device();
}

}  // namespace

std::string CompareCommand::examples() const {
  return "  sightline compare before.json after.json\n"
         "  sightline compare before/ after/ --threshold 2%\n"
         "  sightline compare quick quick@other.db --quantity throughput_per_s --json comparison.json\n"
         "  sightline compare --rerun opencv.json tensorflow.json --launches 10\n"
         "  sightline compare --rerun old/bin/sightline new/bin/sightline -- -m resnet50_v1 --backend "
         "opencv\n"
         "  sightline compare --rerun old/bin/sightline new/bin/sightline --plan plans/quick.yaml\n"
         "  sightline compare comparison --resume";
}

void CompareCommand::AddFlags(CLI::App& app) {
  app.add_option(
         "A", a_,
         "what to compare with: a result file, a folder of them, an exported study (JSON), a study "
         "(name, id, start of its uuid) in --db, STUDY@DATABASE, or with --rerun a build: an executable "
         "sightline")
      ->required();
  app.add_option("B", b_, "what to judge, the same; left out where A is a comparison measured by --rerun");
  app.add_option("arguments", rerun_options_.words,
                 "after --: arguments of `sightline run`, where A and B are builds");
  app.add_option("--quantity", quantity_,
                 "latency_ns_p50, latency_ns_p90, latency_ns_p99, latency_ns_mean or throughput_per_s")
      ->capture_default_str();
  app.add_option("--threshold", threshold_, "a smaller change counts as noise")->capture_default_str();
  app.add_option("--json", json_file_,
                 "write the comparison to this file (schema/comparison.schema.json); - for standard output "
                 "instead of the table");
  app.add_flag("--strict", strict_, "exit code 1 also when a trial is undecided, or is on one side only");
  app.add_option("--db", database_, "SQLite file, or postgresql://USER@HOST/DATABASE")->capture_default_str();
  AddRerunFlags(app);
}

void CompareCommand::AddRerunFlags(CLI::App& app) {
  CLI::Option* rerun =
      app.add_flag("--rerun", rerun_, "measure both sides anew, in turn, and keep that as a study in --db");
  app.add_flag("--resume", resume_, "go on with a comparison that was interrupted: A")->excludes(rerun);
  rerun_options_.launches = stats::kDefaultLaunches;
  app.add_option("--launches", rerun_options_.launches, "of each trial on each side")
      ->capture_default_str()
      ->needs(rerun);
  app.add_option("--duration", rerun_options_.duration,
                 "how long each launch measures, e.g. 5s (default: as the trials did)")
      ->needs(rerun);
  app.add_option("--plan", rerun_options_.plan_file, "whose trials two builds are compared on")->needs(rerun);
  app.add_option("--seed", seed_, "of the order of launches (default: another one each time)")->needs(rerun);
  rerun_options_.name = "comparison";
  app.add_option("--name", rerun_options_.name, "of the study")->capture_default_str()->needs(rerun);
}

Status CompareCommand::ReadOptions() {
  const auto quantity = QuantityFromName(quantity_);
  if (!quantity) {
    return Wrong(fmt::format("--quantity: '{}' is not one of {}", quantity_, QuantityNames()));
  }
  const std::optional<double> threshold = study::ParsePercentage(threshold_);
  if (!threshold) return Wrong(fmt::format("--threshold: '{}' is not a share such as 1%", threshold_));
  options_.quantity = *quantity;
  options_.threshold = *threshold;
  rerun_options_.seed = seed_ ? *seed_ : FreshSeed();
  return CheckUse();
}

Status CompareCommand::CheckUse() const {
  for (const std::string* side : {&a_, &b_}) {
    if (side->starts_with("-")) {
      return Wrong(
          "both A and B have to be named before --, behind which the arguments of `sightline run` "
          "stand; '" +
          *side + "' is neither");
    }
  }
  if (!rerun_options_.words.empty() && !rerun_)
    return Wrong(
        "the arguments after A and B say what --rerun measures; give --rerun too, or leave them out");
  if (resume_ && !b_.empty()) return Wrong("--resume goes on with one comparison; leave out " + b_);
  constexpr int kMostLaunches = 1000;
  if (rerun_options_.launches < 2 || rerun_options_.launches > kMostLaunches) {
    return Wrong(fmt::format("--launches is {}; from 2 to {} can be compared", rerun_options_.launches,
                             kMostLaunches));
  }
  if (!rerun_options_.duration.empty()) {
    SIGHTLINE_ASSIGN_OR_RETURN(const Nanoseconds duration,
                               ParseDuration(rerun_options_.duration, "--duration"));
    if (duration.count() == 0) return Wrong("--duration is 0, in which nothing can be measured; give a time");
  }
  if (json_file_.empty() || json_file_ == "-") return OkStatus();
  return store::CheckWritable(json_file_);  // before the minutes of measuring, not after
}

int CompareCommand::Run(CliEnv& env) {
  if (const Status status = ReadOptions(); !status.ok()) return Fail(env, name(), status.error());
  if (resume_) return Resume(env);
  return rerun_ ? Rerun(env) : CompareStored(env);
}

int CompareCommand::CompareStored(CliEnv& env) {
  const auto a = OpenCompareSource(a_, database_);
  if (!a.ok()) return Fail(env, name(), a.error());
  if (b_.empty()) {
    const StudyContents* both = a->both_sides();
    if (both == nullptr)
      return Fail(env, name(), Wrong("what to compare " + a_ + " with is missing; name it as B"));
    const auto comparison = CompareBothSides(*both);
    if (!comparison.ok()) return Fail(env, name(), comparison.error());
    if (const Status status = Print(*comparison, env); !status.ok()) return Fail(env, name(), status.error());
    return ConcludeStudy(*comparison, env);
  }
  const auto b = OpenCompareSource(b_, database_);
  if (!b.ok()) return Fail(env, name(), b.error());
  for (const CompareSource* source : {&*a, &*b}) {
    if (source->is_build())
      return Fail(env, name(), Wrong(source->side.name + " is a program; --rerun measures with it"));
    if (source->both_sides() != nullptr)
      return Fail(env, name(), Wrong(source->side.name + " holds both sides already; give it alone"));
  }
  const SidesComparison comparison = analyze::CompareSides(a->side, b->side, options_);
  if (const Status status = Print(comparison, env); !status.ok()) return Fail(env, name(), status.error());
  return Conclude(comparison, env);
}

Result<RerunPlan> CompareCommand::PlanOf(const CompareSource& a) const {
  if (b_.empty()) {
    if (const StudyContents* both = a.both_sides()) return PlanRerunOf(*both, rerun_options_);
    return Wrong("what to compare " + a_ + " with is missing; name it as B");
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const CompareSource b, OpenCompareSource(b_, database_));
  for (const CompareSource* source : {&a, &b}) {
    if (source->both_sides() != nullptr)
      return Wrong(source->side.name + " holds both sides already; give it alone");
  }
  return PlanRerun(a, b, rerun_options_);
}

int CompareCommand::Rerun(CliEnv& env) {
  const auto a = OpenCompareSource(a_, database_);
  if (!a.ok()) return Fail(env, name(), a.error());
  const auto plan = PlanOf(*a);
  if (!plan.ok()) return Fail(env, name(), plan.error());
  auto opened = store::StudyStore::Open(database_, store::Access::kWrite);
  if (!opened.ok()) return Fail(env, name(), opened.error());
  auto stored = StoreRerun(*opened, *plan);
  if (!stored.ok()) return Fail(env, name(), stored.error());
  env.err << fmt::format("comparison {} ({}) in {}\n", stored->contents().study.id, plan->terms.name,
                         database_);
  return Execute(*opened, *stored, env);
}

int CompareCommand::Resume(CliEnv& env) {
  const StudyPlace place = PlaceOf(a_, database_);
  a_ = place.study;
  database_ = place.database;
  // Opened for writing a database that is not there would be made.
  if (const auto there = store::StudyStore::Open(database_, store::Access::kRead); !there.ok())
    return Fail(env, name(), there.error());
  auto opened = store::StudyStore::Open(database_, store::Access::kWrite);
  if (!opened.ok()) return Fail(env, name(), opened.error());
  auto stored = study::StoredStudy::Load(*opened, a_);
  if (!stored.ok()) return Fail(env, name(), stored.error());
  if (!analyze::HasSides(stored->contents())) {
    return Fail(
        env, name(),
        Wrong(fmt::format("{} is no comparison; `sightline study resume {}` goes on with it", a_, a_)));
  }
  return Execute(*opened, *stored, env);
}

int CompareCommand::Execute(store::StudyStore& store, study::StoredStudy& stored, CliEnv& env) {
  const auto outcome = RunRerun(stored, env);
  if (!outcome.ok()) return Fail(env, name(), outcome.error());
  const int64_t id = stored.contents().study.id;
  const auto contents = store.LoadStudy(id);
  if (!contents.ok()) return Fail(env, name(), contents.error());
  const auto comparison = CompareBothSides(*contents);
  if (!comparison.ok()) return Fail(env, name(), comparison.error());
  if (const Status status = Print(*comparison, env); !status.ok()) return Fail(env, name(), status.error());
  if (outcome->end == study::StudyEnd::kStopped) {
    env.err << fmt::format("stopped; `sightline compare {} --resume --db {}` goes on\n", id,
                           ShellQuoted(std::vector{database_}));
    return kExitPartial;
  }
  return ConcludeStudy(*comparison, env);
}

Result<SidesComparison> CompareCommand::CompareBothSides(const StudyContents& contents) const {
  SIGHTLINE_ASSIGN_OR_RETURN(const CompareTerms terms,
                             TermsFromText(contents.study.plan_text, contents.study.name));
  SIGHTLINE_ASSIGN_OR_RETURN(auto sides, analyze::SidesOfStudy(contents));
  sides.first.name = terms.a.name;
  sides.second.name = terms.b.name;
  analyze::CompareOptions options = options_;
  options.pairing = stats::Pairing::kByRound;
  SidesComparison comparison = analyze::CompareSides(sides.first, sides.second, options);
  comparison.only_a.insert(comparison.only_a.end(), terms.only_a.begin(), terms.only_a.end());
  comparison.only_b.insert(comparison.only_b.end(), terms.only_b.begin(), terms.only_b.end());
  comparison.launches_left = LaunchesLeft(contents);
  return comparison;
}

Status CompareCommand::Print(const SidesComparison& comparison, CliEnv& env) const {
  if (json_file_ == "-") {
    env.out << analyze::ComparisonToJson(comparison);
    return OkStatus();
  }
  env.out << report::ComparisonReport(comparison);
  if (json_file_.empty()) return OkStatus();
  return store::WriteFile(json_file_, analyze::ComparisonToJson(comparison));
}

// Whoever looks before the last launch and takes what he likes has more false alarms than promised.
int CompareCommand::ConcludeStudy(const SidesComparison& comparison, CliEnv& env) const {
  if (comparison.launches_left > 0) {
    env.err << fmt::format(
        "{} launches are still to be measured, so the verdict is not final; --resume goes on\n",
        comparison.launches_left);
    return kExitPartial;
  }
  const int code = Conclude(comparison, env);
  return code == kExitDone && AnyFailed(comparison) ? kExitPartial : code;
}

int CompareCommand::Conclude(const SidesComparison& comparison, CliEnv& env) const {
  const Overall overall = comparison.overall();
  if (overall == Overall::kSlower) return kExitNegative;
  if (const Status status = EverythingCompared(comparison); !status.ok())
    return Fail(env, name(), status.error());
  const bool one_sided = !comparison.only_a.empty() || !comparison.only_b.empty();
  return strict_ && (overall == Overall::kUndecided || one_sided) ? kExitNegative : kExitDone;
}

}  // namespace sightline::cli
