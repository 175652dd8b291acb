// A subcommand: one file pair each, registered in commands.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/env.h"

namespace sightline::cli {

class Command {
 public:
  virtual ~Command() = default;
  virtual std::string name() const = 0;
  virtual std::string description() const = 0;  // one line
  virtual std::string examples() const = 0;     // shown under --help; each line a command that works
  // Binds flags to members; called once.
  virtual void AddFlags(CLI::App& app) = 0;
  // Returns an ExitCode.
  virtual int Run(CliEnv& env) = 0;
};

// Refuses "-", which only `run --json` takes for standard output.
Status IsAFile(const std::string& name, std::string_view flag);

// All of them, in the order of --help.
std::vector<std::unique_ptr<Command>> AllCommands();

// Parses and runs. `arguments` without the program's name. Never throws: what a library or this program
// throws past its room is a bug, which is said so.
int RunCommandLine(const std::vector<std::string>& arguments, CliEnv& env);

}  // namespace sightline::cli
