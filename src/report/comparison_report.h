// A comparison as people read it in a terminal.
#pragma once

#include <string>

#include "src/analyze/compare_sides.h"

namespace sightline::report {

// One row per trial with ratio, interval and verdict; then why what is undecided is so, what differs between
// the sides besides, what failed, findings, and in the last line the verdict of all.
std::string ComparisonReport(const analyze::SidesComparison& comparison);

}  // namespace sightline::report
