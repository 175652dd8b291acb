// `sightline show`: stored results as one table.
#pragma once

#include <string>
#include <vector>

#include "src/cli/command.h"

namespace sightline::cli {

class ShowCommand final : public Command {
 public:
  std::string name() const override { return "show"; }
  std::string description() const override { return "print stored results (run --json) as one table"; }
  std::string examples() const override {
    return "  sightline show results/*.json\n"
           "  sightline show result.json";
  }
  void AddFlags(CLI::App& app) override;
  int Run(CliEnv& env) override;

 private:
  std::vector<std::string> files_;
};

}  // namespace sightline::cli
