// What `sightline study show --json` writes: schema/study_summary.schema.json.
#pragma once

#include <span>
#include <string>

#include "src/analyze/launch_components.h"
#include "src/analyze/study_summary.h"
#include "src/flow/study.h"

namespace sightline::cli {

// `components`: by trial, as `trials`, or none.
std::string StudySummaryToJson(const StudyInfo& study, std::span<const analyze::TrialSummary> trials,
                               std::span<const analyze::LaunchComponents> components);

}  // namespace sightline::cli
