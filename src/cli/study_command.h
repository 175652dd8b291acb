// `sightline study`: many trials by a plan, each replicate a process of its own, kept in a database.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "src/analyze/study_summary.h"
#include "src/base/result.h"
#include "src/cli/command.h"
#include "src/cli/study_session.h"
#include "src/study/plan.h"
#include "src/study/stored_study.h"

namespace sightline::cli {

class StudyCommand final : public Command {
 public:
  std::string name() const override { return "study"; }
  std::string description() const override { return "measure many configurations by a plan"; }
  std::string examples() const override {
    return "  sightline study run plans/quick.yaml --dry-run\n"
           "  sightline study run plans/quick.yaml\n"
           "  sightline study resume quick\n"
           "  sightline study list\n"
           "  sightline study show quick\n"
           "  sightline study show quick --components\n"
           "  sightline study export quick --csv quick.csv\n"
           "  sightline study import other.db --origin pi4";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  int RunPlan(CliEnv& env);
  int Resume(CliEnv& env);
  int List(CliEnv& env);
  int Show(CliEnv& env);
  int Export(CliEnv& env);
  int Import(CliEnv& env);
  // Writes the table, or the JSON, of the study named; gives its trials back.
  Result<std::vector<analyze::TrialSummary>> PrintStudy(CliEnv& env);
  // 1 where --strict minds what was found.
  int FindingsCode(std::span<const analyze::TrialSummary> trials) const;
  // Runs what is planned of a stored study and shows how it stands then.
  int Execute(const study::Plan& plan, study::StoredStudy& stored, const WorkFolder& folder, CliEnv& env);

  CLI::App* app_ = nullptr;  // of CLI11, while the command line lives: tells which verb was given
  std::string database_ = "results/studies.db";
  std::string plan_file_;
  std::string study_;
  std::string other_;
  std::string origin_;
  std::string csv_file_;
  std::string json_file_;
  bool dry_run_ = false;
  bool components_ = false;
  bool strict_ = false;
};

}  // namespace sightline::cli
