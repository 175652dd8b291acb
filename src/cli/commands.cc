#include <fmt/format.h>

#include <exception>
#include <new>

#include "src/base/version.h"
#include "src/cli/accuracy_command.h"
#include "src/cli/command.h"
#include "src/cli/compare_command.h"
#include "src/cli/doctor_command.h"
#include "src/cli/models_command.h"
#include "src/cli/profile_command.h"
#include "src/cli/run_command.h"
#include "src/cli/show_command.h"
#include "src/cli/study_command.h"
#include "src/cli/verify_command.h"

namespace sightline::cli {
namespace {

constexpr const char* kDescription =
    "Characterizes convolutional neural networks for mobile computer vision: latency and throughput of\n"
    "model x framework x hardware x settings on real pictures, with error bars.";

// CLI11 says what is wrong in one line; where to look comes from us.
int ReportUsage(const CLI::App& app, const CLI::ParseError& error, CliEnv& env) {
  std::string place = "sightline";
  for (const CLI::App* sub : app.get_subcommands()) place += " " + sub->get_name();
  env.err << place << ": " << error.what() << "; see `" << place << " --help`\n";
  return kExitWrongUse;
}

}  // namespace

int Fail(const CliEnv& env, std::string_view command, const Error& error) {
  env.err << "sightline " << command << ": " << error.message() << "\n";
  return kExitWrongUse;
}

std::vector<std::unique_ptr<Command>> AllCommands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<RunCommand>());
  commands.push_back(std::make_unique<ShowCommand>());
  commands.push_back(std::make_unique<StudyCommand>());
  commands.push_back(std::make_unique<CompareCommand>());
  commands.push_back(std::make_unique<VerifyCommand>());
  commands.push_back(std::make_unique<ProfileCommand>());
  commands.push_back(std::make_unique<AccuracyCommand>());
  commands.push_back(std::make_unique<ModelsCommand>());
  commands.push_back(std::make_unique<DoctorCommand>());
  return commands;
}

Status IsAFile(const std::string& name, std::string_view flag) {
  if (name != "-") return OkStatus();
  return Error(
      ErrorKind::kInvalidArgument,
      fmt::format("{}: '-' names no file; standard output is taken by `run --json -` only, so name a "
                  "file, or /dev/stdout",
                  flag));
}

namespace {

// The one place where an exception ends: rooms don't throw, and what still does has said nothing useful.
int RunGuarded(Command& command, CliEnv& env) {
  try {
    return command.Run(env);
  } catch (const std::bad_alloc&) {
    return Fail(env, command.name(),
                Error(ErrorKind::kResourceExhausted,
                      "the memory of this machine, or of its container, is used up; take a smaller --batch, "
                      "fewer --instances or a smaller model"));
  } catch (const std::exception& error) {
    return Fail(
        env, command.name(),
        Error(ErrorKind::kInternal, fmt::format("this is a bug in sightline, please report it with the "
                                                "command line: {}",
                                                error.what())));
  }
}

int ParseAndRun(const std::vector<std::string>& arguments, CliEnv& env) {
  CLI::App app(kDescription, "sightline");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(VersionText()));
  app.get_formatter()->column_width(34);
  const auto commands = AllCommands();
  for (const auto& command : commands) {
    CLI::App* sub = app.add_subcommand(command->name(), command->description());
    sub->footer("Examples:\n" + command->examples());
    command->AddFlags(*sub);
  }
  try {
    // CLI11 takes the arguments last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    env.out << (chosen.empty() ? app.help() : chosen.front()->help("sightline"));
    return kExitDone;
  } catch (const CLI::CallForVersion&) {
    env.out << VersionText() << "\n";
    return kExitDone;
  } catch (const CLI::ParseError& error) {
    return ReportUsage(app, error, env);
  }
  for (const auto& command : commands) {
    if (app.got_subcommand(command->name())) return RunGuarded(*command, env);
  }
  SIGHTLINE_CHECK(false && "require_subcommand lets no other way here");
  return kExitWrongUse;
}

}  // namespace

int RunCommandLine(const std::vector<std::string>& arguments, CliEnv& env) {
  const int code = ParseAndRun(arguments, env);
  env.out.flush();
  if (env.out.good()) return code;
  env.err << "sightline: standard output could not be written; is the disk full, or the pipe closed?\n";
  return kExitWrongUse;
}

}  // namespace sightline::cli
