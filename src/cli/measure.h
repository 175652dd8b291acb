// Measures one replicate of one trial in this process: load, cold start, warm-up, measurement, summary.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/cli/env.h"
#include "src/flow/run_result.h"
#include "src/flow/trial.h"
#include "src/store/kept_records.h"

namespace sightline::cli {

struct Measurement {
  RunResult result;
  std::unique_ptr<store::KeptRecords> records;  // closed
  std::vector<std::string> labels;  // names of the classes: the trial's or the model's own, where known
  Status frames_saved;              // whether MeasureFiles::frames holds what it should
};

// What is written besides the result; "": not.
struct MeasureFiles {
  std::string records;  // the raw records, while measuring, as KeptRecords takes it
  std::string frames;   // folder for each picture that was measured, with the results drawn, afterwards
};

// Fails only when nothing could be measured: wrong use, missing framework, unreadable picture, or an error
// before the first measured frame. An error later ends the run and leaves a partial result; so do outputs
// that are infinite or no numbers from the start, with nothing measured but the finding. `progress` is told
// what is being done, one short line at a time.
Result<Measurement> Measure(const TrialSpec& trial, const RunLimits& limits, const MeasureFiles& files,
                            const CliEnv& env, const std::function<void(const std::string&)>& progress);

}  // namespace sightline::cli
