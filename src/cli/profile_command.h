// `sightline profile`: where the time of an inference goes, layer by layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/profile_runs.h"
#include "src/flow/trial.h"

namespace sightline::cli {

class ProfileCommand final : public Command {
 public:
  std::string name() const override { return "profile"; }
  std::string description() const override {
    return "time per layer, beside its MACs and bytes, and what bounds it";
  }
  std::string examples() const override {
    return "  sightline profile -m resnet50_v1 --backend tensorflow --top 20\n"
           "  sightline profile -m mobilenet_v1_1.0_224 --backend opencv --by type --threads 1\n"
           "  sightline profile -m my_model.onnx --backend opencv --input photos/ --trace trace.json\n"
           "  sightline profile -m resnet50_v1 --backend openvino --precision int8 --calibration photos/\n"
           "  sightline profile -m inception_v3 --backend tensorflow --json > profile.json";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  Status ReadFlags();
  int Print(const ProfileRuns& runs, CliEnv& env) const;

  TrialSpec trial_;
  std::string precision_ = "fp32";
  std::vector<std::string> options_;
  int runs_ = 30;
  std::string by_ = "layer";
  std::optional<int> top_;
  std::string trace_file_;
  bool json_ = false;
  bool quiet_ = false;
};

}  // namespace sightline::cli
