// `sightline compare`: is B slower than A, and by how much, with an exit code for CI.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/analyze/compare_sides.h"
#include "src/cli/command.h"
#include "src/cli/compare_rerun.h"
#include "src/store/study_store.h"

namespace sightline::cli {

class CompareCommand final : public Command {
 public:
  std::string name() const override { return "compare"; }
  std::string description() const override { return "is B slower than A, and by how much"; }
  std::string examples() const override;
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  void AddRerunFlags(CLI::App& app);
  Status ReadOptions();
  Status CheckUse() const;
  int CompareStored(CliEnv& env);
  int Rerun(CliEnv& env);
  int Resume(CliEnv& env);
  // Runs what is left of a comparison and shows how it stands then.
  int Execute(store::StudyStore& store, study::StoredStudy& stored, CliEnv& env);
  Result<RerunPlan> PlanOf(const CompareSource& a) const;
  // Of a study that holds both sides.
  Result<analyze::SidesComparison> CompareBothSides(const StudyContents& contents) const;
  // The table, the JSON or both.
  Status Print(const analyze::SidesComparison& comparison, CliEnv& env) const;
  // The exit code of a study that holds both sides.
  int ConcludeStudy(const analyze::SidesComparison& comparison, CliEnv& env) const;
  // The exit code that belongs to the verdict.
  int Conclude(const analyze::SidesComparison& comparison, CliEnv& env) const;

  std::string a_;
  std::string b_;
  std::string database_ = "results/studies.db";
  std::string quantity_ = "latency_ns_p50";
  std::string threshold_ = "1%";
  std::string json_file_;
  bool strict_ = false;
  bool rerun_ = false;
  bool resume_ = false;
  std::optional<uint64_t> seed_;
  RerunOptions rerun_options_;
  analyze::CompareOptions options_;
};

}  // namespace sightline::cli
