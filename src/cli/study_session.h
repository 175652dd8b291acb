// What commands need that launch the replicates of a study.
#pragma once

#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/cli/env.h"
#include "src/study/runner.h"

namespace sightline::cli {

// A folder of our own for what launches leave, removed in the end.
class WorkFolder {
 public:
  static Result<WorkFolder> Make();
  WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  const std::string& path() const { return path_; }

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// The executable this process runs.
Result<std::string> ThisProgram();

// Runs what is planned, and tells how far it is while it does. `at_most`: how long a replicate may take.
// `options`: all but the progress.
Result<study::StudyOutcome> RunReplicates(study::ReplicateStore& store, study::Launcher& launcher,
                                          study::LaunchTimes times, study::RunnerOptions options,
                                          Nanoseconds at_most, CliEnv& env);

}  // namespace sightline::cli
