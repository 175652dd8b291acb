// `sightline run`: measure one configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/measure.h"
#include "src/flow/trial.h"

namespace sightline::cli {

class RunCommand final : public Command {
 public:
  std::string name() const override { return "run"; }
  std::string description() const override {
    return "measure one configuration: latency and throughput per stage";
  }
  std::string examples() const override;
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  // Flags that need a second look (names, durations, key=value pairs) become trial_ and limits_ here.
  Status ReadFlags();
  Status CheckFiles() const;
  Status ReadStopGoal();
  // All that were asked for, each whatever became of the others, so that what was measured is lost with none.
  // Says on stderr what came of each; true: all are there.
  bool WriteFiles(const Measurement& measurement, CliEnv& env) const;

  TrialSpec trial_;
  RunLimits limits_;
  std::string precision_ = "fp32";
  std::string scenario_ = "single-stream";
  std::string duration_;
  std::string warm_up_ = "1s";
  std::optional<int64_t> iterations_;
  std::vector<std::string> options_;
  std::string json_file_;
  std::string csv_file_;
  std::string records_file_;
  std::string raw_file_;
  std::string frames_folder_;
  std::string stop_quantity_;
  std::string stop_half_width_ = "2%";
  std::string stop_min_duration_ = "0s";
  bool strict_ = false;
  bool quiet_ = false;
};

}  // namespace sightline::cli
