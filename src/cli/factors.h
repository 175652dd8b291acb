// Flags for the factors of a trial, as every command that measures reads them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/flow/trial.h"

namespace sightline::cli {

// An error that names the flag, where `value` is below 1.
Status AtLeastOne(int value, std::string_view flag);

// What would swamp the machine, or can't mean what it says, is refused.
Status CheckFactors(const TrialSpec& trial);

// `--calibration` and `--calibration-pictures`, into the trial.
void AddCalibrationFlags(CLI::App& app, TrialSpec& trial);

// "fp32", "fp16", "bf16", "int8".
Result<DataType> PrecisionFromName(const std::string& name);

// KEY=VALUE of `--option` into trial.backend_options.
Status ReadBackendOptions(const std::vector<std::string>& options, TrialSpec& trial);

}  // namespace sightline::cli
