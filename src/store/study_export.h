// Studies for other programs.
#pragma once

#include <optional>
#include <string>

#include "src/flow/study.h"

namespace sightline::store {

// The study with its trials and replicates, each replicate with its whole result (schema/result.schema.json).
std::string StudyToJson(const StudyContents& contents);

// One line per replicate: a column for each factor, how it ended, and the figures most asked for; a figure
// that is not there is an empty cell.
std::string StudyToCsv(const StudyContents& contents);

// A number of a result's top level, such as "latency_ns_p50"; absent when it has none, or is no JSON object.
std::optional<double> FigureOfResult(const std::string& result_json, const std::string& name);

}  // namespace sightline::store
