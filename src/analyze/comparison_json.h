// A comparison for scripts: schema/comparison.schema.json.
#pragma once

#include <string>

#include "src/analyze/compare_sides.h"

namespace sightline::analyze {

constexpr int kComparisonSchemaVersion = 1;

// Indented, ends with a newline. What is not there is left out.
std::string ComparisonToJson(const SidesComparison& comparison);

}  // namespace sightline::analyze
