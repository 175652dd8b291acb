#include "src/cli/show_command.h"

#include "src/report/run_report.h"
#include "src/store/result_json.h"

namespace sightline::cli {

void ShowCommand::AddFlags(CLI::App& app) {
  app.add_option("files", files_, "result files written by `sightline run --json`")->required();
}

int ShowCommand::Run(CliEnv& env) {
  std::vector<RunResult> results;
  for (const std::string& file : files_) {
    auto result = store::ReadResult(file);
    if (!result.ok()) return Fail(env, name(), result.error());
    results.push_back(std::move(result).value());
  }
  env.out << (results.size() == 1 ? report::RunReport(results[0]) : report::ComparisonTable(results));
  return kExitDone;
}

}  // namespace sightline::cli
