#include "src/cli/study_session.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "src/base/temporary_folder.h"
#include "src/cli/study_progress.h"

namespace sightline::cli {

Result<WorkFolder> WorkFolder::Make() {
  const std::filesystem::path temporary = TemporaryFolder();
  std::string path = (temporary / "sightline-study-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    return Error(ErrorKind::kUnavailable, "can't make a folder under " + temporary.string() +
                                              " for results under way; free some space or set TMPDIR");
  }
  return WorkFolder(std::move(path));
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;  // a folder left in /tmp loses nothing
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::string> ThisProgram() {
  std::error_code code;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", code);
  if (code) return Error(ErrorKind::kUnavailable, "/proc/self/exe is not readable: " + code.message());
  return path.string();
}

Result<study::StudyOutcome> RunReplicates(study::ReplicateStore& store, study::Launcher& launcher,
                                          study::LaunchTimes times, study::RunnerOptions options,
                                          Nanoseconds at_most, CliEnv& env) {
  StudyProgress progress(env.err, env.clock, at_most, env.err_columns);
  options.begun = [&](const study::ReplicateTask& task) { progress.Begin(task); };
  options.progress = [&](const study::Progress& p) { progress.Report(p); };
  study::StudyRunner runner(store, launcher, env.clock, std::move(times), std::move(options));
  return runner.Run(env.stop);
}

}  // namespace sightline::cli
