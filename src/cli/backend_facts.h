// What a manifest says of the backend.
#pragma once

#include "src/backend/backend.h"
#include "src/flow/run_result.h"
#include "src/flow/trial.h"

namespace sightline::cli {

BackendFacts DescribeBackend(const backend::Backend& backend, const backend::Engine& engine,
                             const TrialSpec& trial);

}  // namespace sightline::cli
