#include "src/cli/factors.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace sightline::cli {
namespace {

// Far beyond any use, and still small enough that a slip of the finger can't swamp a machine.
constexpr int kMostFramesTogether = 4096;
constexpr int64_t kThreadsPerCore = 16;
constexpr int64_t kThreadsAnywhere = 256;

int64_t MostThreads() {
  return std::max<int64_t>(kThreadsPerCore * sysconf(_SC_NPROCESSORS_ONLN), kThreadsAnywhere);
}

Status AtMost(int64_t value, int64_t most, std::string_view flag, std::string_view why) {
  if (value <= most) return OkStatus();
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("{} is {}; {}, so take {} or less", flag, value, why, most));
}

}  // namespace

Status AtLeastOne(int value, std::string_view flag) {
  if (value >= 1) return OkStatus();
  return Error(ErrorKind::kInvalidArgument, fmt::format("{} is {}; it must be at least 1", flag, value));
}

Status CheckFactors(const TrialSpec& trial) {
  const int threads = trial.threads.value_or(1);
  const int inter_threads = trial.inter_threads.value_or(1);
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(trial.batch, "--batch"));
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(trial.instances, "--instances"));
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(threads, "--threads"));
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(inter_threads, "--inter-threads"));
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(trial.frames_per_query, "--frames-per-query"));
  SIGHTLINE_RETURN_IF_ERROR(AtMost(trial.batch, kMostFramesTogether, "--batch",
                                   "every frame of a batch has to wait for all others"));
  SIGHTLINE_RETURN_IF_ERROR(AtLeastOne(trial.calibration_pictures, "--calibration-pictures"));
  const std::string why = fmt::format("this machine has {} hardware threads", sysconf(_SC_NPROCESSORS_ONLN));
  SIGHTLINE_RETURN_IF_ERROR(AtMost(threads, MostThreads(), "--threads", why));
  SIGHTLINE_RETURN_IF_ERROR(AtMost(inter_threads, MostThreads(), "--inter-threads", why));
  SIGHTLINE_RETURN_IF_ERROR(AtMost(trial.instances, MostThreads(), "--instances", why));
  return AtMost(int64_t{trial.instances} * threads, MostThreads(), "--instances times --threads", why);
}

void AddCalibrationFlags(CLI::App& app, TrialSpec& trial) {
  app.add_option("--calibration", trial.calibration,
                 "int8: pictures to take the ranges from, as --input (default: those of --input)");
  app.add_option("--calibration-pictures", trial.calibration_pictures, "int8: how many of them, at most")
      ->capture_default_str();
}

Result<DataType> PrecisionFromName(const std::string& name) {
  for (const DataType type : {SL_F32, SL_F16, SL_BF16, SL_I8}) {
    if (DataTypeName(type) == name) return type;
  }
  return Error(ErrorKind::kInvalidArgument,
               fmt::format("--precision: '{}' is not one of fp32, fp16, bf16, int8", name));
}

Status ReadBackendOptions(const std::vector<std::string>& options, TrialSpec& trial) {
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error(ErrorKind::kInvalidArgument,
                   fmt::format("--option: '{}' is not of the form KEY=VALUE", option));
    }
    trial.backend_options[option.substr(0, equals)] = option.substr(equals + 1);
  }
  return OkStatus();
}

}  // namespace sightline::cli
