// Runs replicates as child processes: `sightline run ARGUMENTS --json=FILE`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/study/runner.h"

namespace sightline::study {

struct RunLauncherOptions {
  std::string program;      // of `sightline`
  std::string work_folder;  // results and stderr of the launch under way; must exist
  GroupLimits limits;
  std::vector<std::pair<std::string, std::string>> environment;  // added to this process's
  std::string records_flag;  // of `sightline run`: takes the file raw records go to, "--records"; "": none
};

class RunLauncher final : public Launcher {
 public:
  explicit RunLauncher(RunLauncherOptions options) : options_(std::move(options)) {}

  // Fails when the program can't be executed or the folder not be written.
  Result<LaunchResult> Launch(const ReplicateTask& task, const std::atomic<bool>& stop) override;

 private:
  RunLauncherOptions options_;
};

}  // namespace sightline::study
