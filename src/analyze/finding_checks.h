// The checks behind the table of findings.cc; for that file alone.
#pragma once

#include <optional>
#include <string>

#include "src/flow/run_result.h"

namespace sightline::analyze {

struct Context {
  const RunResult& result;
  bool task_assumed;
};

inline double Percent(double fraction) {
  return fraction * 100;
}

// Each gives its finding's sentence, or nothing when all is well.

// What the machine did to a measurement.
std::optional<std::string> Swapped(const Context& c);
std::optional<std::string> Throttled(const Context& c);
std::optional<std::string> QuotaExhausted(const Context& c);
std::optional<std::string> Stolen(const Context& c);
std::optional<std::string> Contended(const Context& c);
std::optional<std::string> RecordsWaited(const Context& c);
std::optional<std::string> TimerResolution(const Context& c);
std::optional<std::string> MoreThreadsThanCores(const Context& c);

// What the samples can't tell, or tell of themselves.
std::optional<std::string> NothingMeasured(const Context& c);
std::optional<std::string> FramesFailed(const Context& c);
std::optional<std::string> NoSteadyState(const Context& c);
std::optional<std::string> Slowdown(const Context& c);
std::optional<std::string> LongWarmUp(const Context& c);
std::optional<std::string> Drifting(const Context& c);
std::optional<std::string> StampsDropped(const Context& c);
std::optional<std::string> PrecisionNotReached(const Context& c);
std::optional<std::string> FewSamples(const Context& c);

// How the network and its framework can be another than was meant.
std::optional<std::string> OutputsNotFinite(const Context& c);
std::optional<std::string> OutputsConstant(const Context& c);
std::optional<std::string> OutputsSubnormal(const Context& c);
std::optional<std::string> NoCandidates(const Context& c);
std::optional<std::string> PrecisionDiffers(const Context& c);
std::optional<std::string> LayoutConversion(const Context& c);
std::optional<std::string> Handover(const Context& c);
std::optional<std::string> PreprocessingAssumed(const Context& c);

}  // namespace sightline::analyze
