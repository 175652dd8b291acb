// `sightline accuracy`: how often is a trained model right?
#pragma once

#include <string>
#include <vector>

#include "src/cli/command.h"
#include "src/flow/trial.h"

namespace sightline::cli {

class AccuracyCommand final : public Command {
 public:
  std::string name() const override { return "accuracy"; }
  std::string description() const override {
    return "how often a trained model is right, on pictures whose contents are known";
  }
  std::string examples() const override {
    return "  sightline accuracy -m classifier.yaml --backend tensorflow --input 'photos/*/*.jpg'\n"
           "  sightline accuracy -m classifier.yaml --backend opencv --input photos/ --truth classes.csv\n"
           "  sightline accuracy -m detector.yaml --backend openvino --input val2017/ --truth "
           "instances.json\n"
           "  sightline accuracy -m classifier.yaml --backend openvino --input 'photos/*/*.jpg' "
           "--precision int8 --calibration others/";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  Status Check();
  Result<std::string> Measure(CliEnv& env);

  TrialSpec trial_;
  std::string truth_;
  std::string precision_ = "fp32";
  int pictures_ = 0;
  bool json_ = false;
};

}  // namespace sightline::cli
