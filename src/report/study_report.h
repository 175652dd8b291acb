// A study as people read it in a terminal.
#pragma once

#include <span>
#include <string>

#include "src/analyze/study_summary.h"
#include "src/flow/study.h"

namespace sightline::report {

// One row per trial, then what failed and why.
std::string StudyReport(std::span<const analyze::TrialSummary> trials);

// One row per study.
std::string StudyList(std::span<const StudyOverview> studies);

}  // namespace sightline::report
