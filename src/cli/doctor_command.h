// `sightline doctor`: what this machine can run, and what disturbs measurement on it.
#pragma once

#include <string>

#include "src/cli/command.h"

namespace sightline::cli {

class DoctorCommand final : public Command {
 public:
  std::string name() const override { return "doctor"; }
  std::string description() const override {
    return "frameworks, devices, and what disturbs measurement here";
  }
  std::string examples() const override {
    return "  sightline doctor\n"
           "  sightline doctor --options\n"
           "  sightline doctor --json";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  bool json_ = false;
  bool options_ = false;
};

}  // namespace sightline::cli
