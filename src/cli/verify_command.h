// `sightline verify`: do the frameworks compute the same?
#pragma once

#include <string>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/quantized_model.h"
#include "src/flow/tensor.h"
#include "src/flow/trial.h"

namespace sightline::cli {

class VerifyCommand final : public Command {
 public:
  std::string name() const override { return "verify"; }
  std::string description() const override {
    return "check that backends agree on a model, on the same pictures";
  }
  std::string examples() const override {
    return "  sightline verify -m mobilenet_v1_1.0_224 --input photos/\n"
           "  sightline verify -m all --backend opencv,tensorflow --pictures 2\n"
           "  sightline verify -m resnet50_v1 --backend tensorflow --precision bf16 --pictures 16\n"
           "  sightline verify -m resnet50_v1 --backend openvino --precision int8 --calibration photos/\n"
           "  sightline verify -m my_model.onnx --json";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  Status Check() const;
  std::vector<std::string> Models() const;
  int RunPrecision(DataType precision, const std::vector<std::string>& backends, CliEnv& env) const;

  std::vector<std::string> models_;
  std::vector<std::string> backends_;
  std::string input_ = "synthetic:640x480";
  int pictures_ = 4;
  uint64_t weight_seed_ = 1;
  std::string precision_ = "fp32";
  std::string calibration_;
  int calibration_pictures_ = TrialSpec().calibration_pictures;
  int rounds_ = 12;
  bool json_ = false;
};

}  // namespace sightline::cli
