// From layers and groups to the rows of a profile, before their times are summed up over runs.
#pragma once

#include <vector>

#include "src/analyze/layer_groups.h"
#include "src/analyze/profile.h"

namespace sightline::analyze {

// A row without its estimates, and its time in every run.
struct TimedRow {
  ProfileRow row;
  std::vector<double> durations_ns;
};

// Element by element; as many in both.
void AddSeries(std::vector<double>& sum, const std::vector<double>& more);

std::vector<TimedRow> MakeRows(const ProfileSamples& samples, const LayerGraph& graph,
                               const std::vector<LayerGroup>& groups);

// One row for each type, in no order that matters.
std::vector<TimedRow> SumByType(const std::vector<TimedRow>& rows);

}  // namespace sightline::analyze
