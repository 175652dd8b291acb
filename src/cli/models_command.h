// `sightline models`: the zoo.
#pragma once

#include <string>

#include "src/cli/command.h"

namespace sightline::cli {

class ModelsCommand final : public Command {
 public:
  std::string name() const override { return "models"; }
  std::string description() const override { return "list the zoo, or show one network layer by layer"; }
  std::string examples() const override {
    return "  sightline models\n"
           "  sightline models resnet50_v1\n"
           "  sightline models --json\n"
           "  sightline models inception_v3 --export inception_v3.onnx";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  int ListAll(CliEnv& env) const;
  int ShowOne(CliEnv& env) const;

  std::string model_;
  std::string export_file_;
  uint64_t weight_seed_ = 1;
  bool json_ = false;
};

}  // namespace sightline::cli
