// What the commands that run a model on a backend make of a trial's settings.
#pragma once

#include <string>
#include <vector>

#include "src/backend/backend.h"
#include "src/base/result.h"
#include "src/cli/model.h"
#include "src/flow/trial.h"

namespace sightline::cli {

// "fp32", ...; the error names --precision.
Result<DataType> PrecisionFromName(const std::string& name);

backend::EngineOptions EngineOptionsFor(const TrialSpec& trial);

// The names of the model's classes: those of the trial's file, else of the description's, else of the model.
// None where nobody names any.
Result<std::vector<std::string>> LabelsFor(const TrialSpec& trial, const LoadedModel& model);

}  // namespace sightline::cli
