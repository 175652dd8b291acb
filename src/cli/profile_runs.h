// The measuring half of `sightline profile`: inferences with and without the framework's profiler.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "src/analyze/profile.h"
#include "src/base/result.h"
#include "src/cli/env.h"
#include "src/flow/run_result.h"
#include "src/flow/trial.h"

namespace sightline::cli {

struct ProfileRuns {
  RunManifest manifest;
  analyze::LayerGraph graph;  // empty for a model in a framework's own format
  analyze::ProfileSamples samples;
  std::optional<analyze::Roofs> roofs;
  std::string no_roofs;        // why there are none
  std::string partial_reason;  // why there are fewer runs than asked for; "" where there are not
};

// `runs` inferences of one batch with the profiler, and as many without: half of these before and half after,
// each on an engine of its own, since one prepared for profiling may be slower. The batch holds the first
// pictures of the input and stays the same. The machine's roofs are measured before, between and after.
// An interruption that leaves enough runs gives a partial result.
Result<ProfileRuns> RunProfile(const TrialSpec& trial, int runs, const CliEnv& env,
                               const std::function<void(const std::string&)>& progress);

// The fewest runs whose median has an interval.
int FewestProfileRuns();

}  // namespace sightline::cli
