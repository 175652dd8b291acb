// What a command may touch, handed in so that a whole command runs inside a unit test.
#pragma once

#include <atomic>
#include <ostream>
#include <string>

#include "src/base/clock.h"
#include "src/base/result.h"

namespace sightline::cli {

struct CliEnv {
  const Clock& clock;
  std::ostream& out;
  std::ostream& err;
  const std::atomic<bool>& stop;  // set by SIGINT and SIGTERM
  std::string command_line;       // for the manifest: pasted into a shell, it runs the same again
  int err_columns = 0;            // of the terminal that `err` is, for lines written over; 0: it is none
};

// The exit codes of every command.
enum ExitCode : int {
  kExitDone = 0,
  kExitNegative = 1,  // a negative verdict: disagree, slower, a finding under --strict
  kExitWrongUse = 2,  // wrong use or environment
  kExitPartial = 3,   // a partial result was kept: interrupted, or the run ended early
};

// Prints "sightline COMMAND: MESSAGE" and returns kExitWrongUse.
int Fail(const CliEnv& env, std::string_view command, const Error& error);

}  // namespace sightline::cli
