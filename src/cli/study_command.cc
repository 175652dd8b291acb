#include "src/cli/study_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/analyze/compared_side.h"
#include "src/analyze/launch_components.h"
#include "src/analyze/study_summary.h"
#include "src/base/duration.h"
#include "src/base/text.h"
#include "src/cli/study_json.h"
#include "src/cli/study_session.h"
#include "src/report/study_report.h"
#include "src/stats/across_launches.h"
#include "src/store/files.h"
#include "src/store/study_export.h"
#include "src/study/run_launcher.h"

namespace sightline::cli {
namespace {

using study::StoredStudy;
using study::StudyEnd;

study::LaunchRule RuleOf(const study::Plan& plan) {
  const study::Replicates& r = plan.replicates;
  return {
      .min = r.min,
      .max = r.max,
      .quantity = [name = r.quantity](const std::string& json) { return store::FigureOfResult(json, name); },
      .narrow_enough =
          [half_width = r.half_width](std::span<const double> values) {
            const stats::LaunchesEstimate launches = stats::EstimateAcrossLaunches(values);
            return launches.interval && launches.interval->high - launches.mean <= half_width * launches.mean;
          }};
}

// The plan with its trials; what this version can't do yet is refused before anything is begun.
struct ReadyPlan {
  std::string text;
  study::Plan plan;
  std::vector<study::PlannedTrial> trials;
};

Result<ReadyPlan> ReadPlanFile(const std::string& file) {
  ReadyPlan ready;
  SIGHTLINE_ASSIGN_OR_RETURN(ready.text, store::ReadFile(file));
  SIGHTLINE_ASSIGN_OR_RETURN(ready.plan, study::ParsePlan(ready.text, file));
  auto trials = study::ExpandTrials(ready.plan);
  if (!trials.ok()) return trials.error().WithContext(file);
  ready.trials = std::move(trials).value();
  return ready;
}

void PrintDryRun(const ReadyPlan& ready, CliEnv& env) {
  int number = 0;
  for (const study::PlannedTrial& trial : ready.trials) {
    env.out << fmt::format("{:4}  sightline run {}\n", ++number, ShellQuoted(trial.arguments));
  }
  const auto time = study::EstimateTime(ready.plan, number);
  const auto& replicates = ready.plan.replicates;
  env.out << fmt::format(
      "{} trials, {} launches of each, about {}{}\n", number,
      replicates.min == replicates.max ? fmt::format("{}", replicates.max)
                                       : fmt::format("{} to {}", replicates.min, replicates.max),
      time.at_least == time.at_most ? DurationText(time.at_most)
                                    : DurationText(time.at_least) + " to " + DurationText(time.at_most),
      ready.plan.stop ? ", or less where the stopping rule ends launches early" : "");
}

}  // namespace

void StudyCommand::AddFlags(CLI::App& app) {
  app_ = &app;
  app.require_subcommand(1);
  app.add_option("--db", database_, "SQLite file, or postgresql://USER@HOST/DATABASE")->capture_default_str();
  app.add_flag("--strict", strict_,
               "run, resume, show: exit code 1 when a launch has a finding that is a warning or an error");
  app.fallthrough();  // --db may come after the verb

  CLI::App* run = app.add_subcommand("run", "measure every trial of a plan");
  run->add_option("plan", plan_file_, "plan (YAML; schema/plan.schema.json)")->required();
  run->add_flag("--dry-run", dry_run_, "only print the trials and about how long they take");

  const auto add_study = [this](CLI::App* verb) {
    verb->add_option("study", study_, "name, id, or the first characters of the uuid")->required();
  };
  add_study(app.add_subcommand("resume", "go on with a study that was interrupted"));
  app.add_subcommand("list", "the studies in the database");
  CLI::App* show = app.add_subcommand("show", "one row per trial, of all devices that measured the plan");
  add_study(show);
  show->add_flag(
      "--components", components_,
      "also how much launches differ, and how much of it the frames within them explain (reads all "
      "raw records)");
  show->add_option("--json", json_file_,
                   "write the figures to this file; - for standard output instead of the table");

  CLI::App* output = app.add_subcommand("export", "every replicate, for other programs");
  add_study(output);
  output->add_option("--csv", csv_file_, "one line per replicate");
  output->add_option("--json", json_file_,
                     "everything, with each replicate's whole result; - for standard output");

  CLI::App* input = app.add_subcommand("import", "take over the studies of another database");
  input->add_option("database", other_, "the other database: file or URL")->required();
  input->add_option("--origin", origin_, "name of the device it comes from");
}

int StudyCommand::Run(CliEnv& env) {
  if (app_->got_subcommand("run")) return RunPlan(env);
  if (app_->got_subcommand("resume")) return Resume(env);
  if (app_->got_subcommand("list")) return List(env);
  if (app_->got_subcommand("show")) return Show(env);
  if (app_->got_subcommand("export")) return Export(env);
  return Import(env);
}

int StudyCommand::RunPlan(CliEnv& env) {
  auto ready = ReadPlanFile(plan_file_);
  if (!ready.ok()) return Fail(env, "study run", ready.error());
  if (dry_run_) {
    PrintDryRun(*ready, env);
    return kExitDone;
  }
  // Before there is a study that nothing comes of.
  const auto folder = WorkFolder::Make();
  if (!folder.ok()) return Fail(env, "study run", folder.error());
  auto opened = store::StudyStore::Open(database_, store::Access::kWrite);
  if (!opened.ok()) return Fail(env, "study run", opened.error());
  auto stored = StoredStudy::Create(*opened, ready->plan, ready->text, ready->trials);
  if (!stored.ok()) return Fail(env, "study run", stored.error());
  env.err << fmt::format("study {} ({}) in {}\n", stored->contents().study.id, ready->plan.name, database_);
  return Execute(ready->plan, *stored, *folder, env);
}

int StudyCommand::Resume(CliEnv& env) {
  auto opened = store::StudyStore::Open(database_, store::Access::kWrite);
  if (!opened.ok()) return Fail(env, "study resume", opened.error());
  auto stored = StoredStudy::Load(*opened, study_);
  if (!stored.ok()) return Fail(env, "study resume", stored.error());
  const StudyInfo& info = stored->contents().study;
  if (analyze::HasSides(stored->contents())) {
    return Fail(
        env, "study resume",
        Error(ErrorKind::kInvalidArgument,
              fmt::format("{} is a comparison; `sightline compare {} --resume --db {}` goes on with it",
                          study_, study_, database_)));
  }
  const auto plan = study::ParsePlan(info.plan_text, "plan of study " + info.name);
  if (!plan.ok()) return Fail(env, "study resume", plan.error());
  const auto folder = WorkFolder::Make();
  if (!folder.ok()) return Fail(env, "study resume", folder.error());
  return Execute(*plan, *stored, *folder, env);
}

int StudyCommand::Execute(const study::Plan& plan, StoredStudy& stored, const WorkFolder& folder,
                          CliEnv& env) {
  const auto program = ThisProgram();
  if (!program.ok()) return Fail(env, "study", program.error());
  study::RunLauncher launcher(
      {.program = *program,
       .work_folder = folder.path(),
       .limits = {.deadline = plan.limits.replicate_timeout, .memory_bytes = plan.limits.memory_bytes},
       .environment = {},
       .records_flag = "--raw"});
  const auto trials = static_cast<int>(stored.contents().trials.size());
  const auto outcome =
      RunReplicates(stored, launcher, study::LaunchTimes(plan, trials),
                    {.rule = RuleOf(plan), .total = plan.limits.total}, plan.limits.replicate_timeout, env);
  if (!outcome.ok()) return Fail(env, "study", outcome.error());
  study_ = std::to_string(stored.contents().study.id);
  const auto shown = PrintStudy(env);
  if (!shown.ok()) return Fail(env, "study", shown.error());
  if (outcome->end == StudyEnd::kStopped) {
    env.err << fmt::format("stopped; `sightline study resume {} --db {}` goes on\n", study_, database_);
  }
  // Of earlier sessions too.
  const bool any_failed =
      std::any_of(shown->begin(), shown->end(), [](const auto& trial) { return trial.failed > 0; });
  return outcome->end == StudyEnd::kComplete && !any_failed ? FindingsCode(*shown) : kExitPartial;
}

int StudyCommand::List(CliEnv& env) {
  auto opened = store::StudyStore::Open(database_, store::Access::kRead);
  if (!opened.ok()) return Fail(env, "study list", opened.error());
  const auto studies = opened->ListStudies();
  if (!studies.ok()) return Fail(env, "study list", studies.error());
  env.out << report::StudyList(*studies);
  return kExitDone;
}

int StudyCommand::Show(CliEnv& env) {
  const auto trials = PrintStudy(env);
  return trials.ok() ? FindingsCode(*trials) : Fail(env, "study show", trials.error());
}

int StudyCommand::FindingsCode(std::span<const analyze::TrialSummary> trials) const {
  const bool any =
      std::any_of(trials.begin(), trials.end(), [](const auto& trial) { return !trial.findings.empty(); });
  return strict_ && any ? kExitNegative : kExitDone;
}

Result<std::vector<analyze::TrialSummary>> StudyCommand::PrintStudy(CliEnv& env) {
  SIGHTLINE_ASSIGN_OR_RETURN(auto opened, store::StudyStore::Open(database_, store::Access::kRead));
  SIGHTLINE_ASSIGN_OR_RETURN(const StudyContents contents, opened.LoadForReading(study_));
  SIGHTLINE_ASSIGN_OR_RETURN(auto trials, analyze::SummarizeStudy(contents));
  std::vector<analyze::LaunchComponents> components;
  if (components_) {
    SIGHTLINE_ASSIGN_OR_RETURN(components, analyze::StudyComponents(opened, contents));
  }
  const std::string json = json_file_.empty() ? "" : StudySummaryToJson(contents.study, trials, components);
  if (json_file_ == "-") {
    env.out << json;
    return trials;
  }
  env.out << report::StudyReport(trials);
  if (components_) env.out << "\n" << report::ComponentsReport(trials, components);
  if (!json_file_.empty()) SIGHTLINE_RETURN_IF_ERROR(store::WriteFile(json_file_, json));
  return trials;
}

int StudyCommand::Export(CliEnv& env) {
  if (csv_file_.empty() && json_file_.empty()) {
    return Fail(env, "study export",
                Error(ErrorKind::kInvalidArgument, "say --csv FILE, --json FILE or both"));
  }
  auto opened = store::StudyStore::Open(database_, store::Access::kRead);
  if (!opened.ok()) return Fail(env, "study export", opened.error());
  const auto contents = opened->LoadForReading(study_);
  if (!contents.ok()) return Fail(env, "study export", contents.error());
  const std::string json = json_file_.empty() ? "" : store::StudyToJson(*contents);
  Status status;
  if (json_file_ == "-") {
    env.out << json;
  } else if (!json_file_.empty()) {
    status = store::WriteFile(json_file_, json);
  }
  if (status.ok() && !csv_file_.empty()) {
    status = store::WriteFile(csv_file_, store::StudyToCsv(*contents));
  }
  return status.ok() ? kExitDone : Fail(env, "study export", status.error());
}

int StudyCommand::Import(CliEnv& env) {
  auto other = store::StudyStore::Open(other_, store::Access::kRead);
  if (!other.ok()) return Fail(env, "study import", other.error());
  auto opened = store::StudyStore::Open(database_, store::Access::kWrite);
  if (!opened.ok()) return Fail(env, "study import", opened.error());
  const auto counts = opened->Import(*other, origin_);
  if (!counts.ok()) return Fail(env, "study import", counts.error());
  env.out << fmt::format("{} studies and {} finished replicates were new\n", counts->studies,
                         counts->replicates);
  return kExitDone;
}

}  // namespace sightline::cli
