// Why a comparison has no verdict, and what would give it one.
#pragma once

#include <string>

#include "src/analyze/compare_sides.h"

namespace sightline::analyze {

// One sentence without a period at its end; "" where there is a verdict. `fell_among`: how many comparisons
// were made at once where it is Holm's correction that took the verdict away; else 0.
std::string WhyUndecided(const TrialComparison& trial, const CompareOptions& options, int fell_among);

}  // namespace sightline::analyze
