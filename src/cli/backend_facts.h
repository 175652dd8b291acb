// What a manifest says of the backend.
#pragma once

#include <string>

#include "src/backend/backend.h"
#include "src/cli/model.h"
#include "src/flow/run_result.h"
#include "src/flow/trial.h"

namespace sightline::cli {

BackendFacts DescribeBackend(const backend::Backend& backend, const backend::Engine& engine,
                             const TrialSpec& trial, const LoadedModel& model);

// The backend's words on the precision, and ours on how the network was quantized for it.
std::string PrecisionNote(const backend::EngineInfo& engine, const LoadedModel& model);

}  // namespace sightline::cli
