// Results of runs as text for a terminal.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "src/flow/run_result.h"

namespace sightline::report {

// One run: what was measured, cold start, the stage table, throughput, memory, findings.
std::string RunReport(const RunResult& result);

// Several runs: one line each, latency and throughput with intervals, the median of each stage.
std::string ComparisonTable(std::span<const RunResult> results);

// Number formatting shared by both. Durations in, milliseconds out: "12.3", "0.412".
std::string Milliseconds(double ns);
// "12.3 ±0.2": the wider side of the interval; without an interval just "12.3".
std::string MillisecondsWithError(const Estimate& ns);
// "81.2 ±1.4"
std::string RateWithError(const Estimate& per_s);

}  // namespace sightline::report
