#include "src/study/run_launcher.h"

#include <filesystem>
#include <system_error>

#include "src/base/text.h"
#include "src/store/files.h"
#include "src/study/flags.h"

namespace sightline::study {
namespace {

// Removes what the launch before left, so that it can't be taken for this one's.
Status Clear(const std::string& file) {
  std::error_code code;
  std::filesystem::remove(file, code);
  if (!code) return OkStatus();
  return Error(ErrorKind::kUnavailable,
               "can't remove " + file + ": " + code.message() + "; check the folder");
}

bool Exists(const std::string& file) {
  std::error_code code;
  return std::filesystem::exists(file, code);
}

}  // namespace

Result<LaunchResult> RunLauncher::Launch(const ReplicateTask& task, const std::atomic<bool>& stop) {
  const std::string json_file = options_.work_folder + "/result.json";
  const std::string records_file = options_.work_folder + "/records";
  SIGHTLINE_RETURN_IF_ERROR(Clear(json_file));
  SIGHTLINE_RETURN_IF_ERROR(Clear(records_file));

  ProcessSpec spec{.name = "run", .argv = {options_.program, "run"}, .environment = options_.environment};
  spec.argv.insert(spec.argv.end(), task.arguments.begin(), task.arguments.end());
  LaunchResult result;
  result.command_line = ShellQuoted(spec.argv);
  for (std::string& argument : OutputArguments(json_file)) spec.argv.push_back(std::move(argument));
  if (!options_.records_flag.empty()) spec.argv.push_back(options_.records_flag + "=" + records_file);

  ProcessGroup group(options_.limits);
  SIGHTLINE_RETURN_IF_ERROR(group.Start(spec));
  const GroupOutcome outcome = group.Wait(stop);
  const ProcessOutcome& run = outcome.decisive();
  result.reason = run.reason;
  result.sentence = run.sentence;
  result.exit_code = run.exit_code;
  result.signal = run.signal;
  result.peak_memory_bytes = run.peak_memory_bytes;
  result.wall = run.wall;
  result.stderr_tail = run.stderr_tail;
  if (Exists(json_file)) {
    SIGHTLINE_ASSIGN_OR_RETURN(result.result_json, store::ReadFile(json_file));
  }
  if (Exists(records_file)) result.records_file = records_file;
  return result;
}

}  // namespace sightline::study
