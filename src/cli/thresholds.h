// What a run says of detection in place of what is published for the network.
#pragma once

#include "src/base/result.h"
#include "src/flow/task.h"
#include "src/flow/trial.h"

namespace sightline::cli {

// Whether the trial's values can be meant: a message names the flag.
Status CheckThresholds(const TrialSpec& trial);

// Puts them into the task. Fails where it is none of detection and there are any.
Status ApplyThresholds(const TrialSpec& trial, TaskSpec& task);

}  // namespace sightline::cli
