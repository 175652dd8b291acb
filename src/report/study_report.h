// A study as people read it in a terminal.
#pragma once

#include <span>
#include <string>

#include "src/analyze/launch_components.h"
#include "src/analyze/study_summary.h"
#include "src/flow/study.h"

namespace sightline::report {

// One row per trial, then what failed and why.
std::string StudyReport(std::span<const analyze::TrialSummary> trials);

// What each trial's launches differ by, one row per trial; `components` by trial, as `trials`.
std::string ComponentsReport(std::span<const analyze::TrialSummary> trials,
                             std::span<const analyze::LaunchComponents> components);

// One row per study.
std::string StudyList(std::span<const StudyOverview> studies);

}  // namespace sightline::report
