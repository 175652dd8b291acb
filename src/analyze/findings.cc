#include "src/analyze/findings.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "src/analyze/finding_checks.h"

namespace sightline::analyze {
namespace {

struct Rule {
  std::string_view name;
  Severity severity;
  std::optional<std::string> (*check)(const Context&);
};

// Worst first.
constexpr Rule kRules[] = {
    {"nothing_measured", Severity::kError, NothingMeasured},
    {"frames_failed", Severity::kError, FramesFailed},
    {"swapped", Severity::kError, Swapped},
    {"outputs_not_finite", Severity::kError, OutputsNotFinite},
    {"precision_differs", Severity::kWarning, PrecisionDiffers},
    {"outputs_constant", Severity::kWarning, OutputsConstant},
    {"outputs_subnormal", Severity::kWarning, OutputsSubnormal},
    {"no_candidates", Severity::kWarning, NoCandidates},
    {"throttled", Severity::kWarning, Throttled},
    {"quota_exhausted", Severity::kWarning, QuotaExhausted},
    {"stolen_cpu", Severity::kWarning, Stolen},
    {"contended", Severity::kWarning, Contended},
    {"no_steady_state", Severity::kWarning, NoSteadyState},
    {"slowdown", Severity::kWarning, Slowdown},
    {"drift", Severity::kWarning, Drifting},
    {"records_waited", Severity::kWarning, RecordsWaited},
    {"stamps_dropped", Severity::kWarning, StampsDropped},
    {"precision_not_reached", Severity::kWarning, PrecisionNotReached},
    {"few_samples", Severity::kWarning, FewSamples},
    {"layout_conversion", Severity::kWarning, LayoutConversion},
    {"handover", Severity::kWarning, Handover},
    {"timer_resolution", Severity::kWarning, TimerResolution},
    {"long_warm_up", Severity::kInfo, LongWarmUp},
    {"more_threads_than_cores", Severity::kInfo, MoreThreadsThanCores},
    {"preprocessing_assumed", Severity::kInfo, PreprocessingAssumed},
};

}  // namespace

std::vector<Finding> FindProblems(const RunResult& result, bool task_assumed) {
  const Context context{result, task_assumed};
  std::vector<Finding> findings;
  for (const Rule& rule : kRules) {
    if (auto sentence = rule.check(context)) {
      findings.push_back({std::string(rule.name), rule.severity, std::move(*sentence),
                          fmt::format("docs/measuring.md#{}", rule.name)});
    }
  }
  return findings;
}

std::vector<std::string_view> FindingNames() {
  std::vector<std::string_view> names;
  for (const Rule& rule : kRules) names.push_back(rule.name);
  return names;
}

}  // namespace sightline::analyze
