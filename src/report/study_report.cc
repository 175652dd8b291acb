#include "src/report/study_report.h"

#include <fmt/format.h>

#include "src/base/text.h"
#include "src/report/run_report.h"
#include "src/report/text_table.h"

namespace sightline::report {
namespace {

std::string Launches(const analyze::TrialSummary& trial) {
  std::string text = fmt::format("{}", trial.done);
  if (trial.failed > 0) text += fmt::format(", {} failed", trial.failed);
  if (trial.abandoned > 0) text += fmt::format(", {} left out", trial.abandoned);
  if (trial.planned > 0) text += fmt::format(", {} to do", trial.planned);
  return text;
}

// The columns of factors: the first trial's names, since all trials have the same.
std::vector<Column> Columns(std::span<const analyze::TrialSummary> trials) {
  std::vector<Column> columns;
  for (const auto& [name, level] : trials.front().factors) columns.push_back({name, Align::kLeft});
  columns.push_back({"launches", Align::kLeft});
  columns.push_back({"latency p50 ms"});
  columns.push_back({"frames/s"});
  columns.push_back({"findings", Align::kLeft});
  return columns;
}

}  // namespace

std::string StudyReport(std::span<const analyze::TrialSummary> trials) {
  if (trials.empty()) return "the study has no trials\n";
  TextTable table(Columns(trials));
  std::string failures;
  for (const analyze::TrialSummary& trial : trials) {
    std::vector<std::string> cells;
    for (const auto& [name, level] : trial.factors) cells.push_back(level);
    cells.push_back(Launches(trial));
    cells.push_back(trial.latency_ns_p50 ? MillisecondsWithError(*trial.latency_ns_p50) : "-");
    cells.push_back(trial.throughput_per_s ? RateWithError(*trial.throughput_per_s) : "-");
    cells.push_back(Join(trial.findings, ", "));
    table.AddRow(std::move(cells));
    for (const std::string& failure : trial.failures) {
      failures += fmt::format("failed: {}: {}\n", FactorText(trial.factors), failure);
    }
  }
  return table.ToString() +
         "mean of the launches' figures; ± is the wider side of the 95 % confidence interval across launches "
         "(two or more)\n" +
         failures;
}

std::string StudyList(std::span<const StudyOverview> studies) {
  if (studies.empty()) return "no study here yet; `sightline study run PLAN` makes one\n";
  TextTable table({{"id"},
                   {"name", Align::kLeft},
                   {"made", Align::kLeft},
                   {"trials"},
                   {"done"},
                   {"failed"},
                   {"left out"},
                   {"to do"},
                   {"device", Align::kLeft},
                   {"uuid", Align::kLeft}});
  for (const StudyOverview& s : studies) {
    table.AddRow({std::to_string(s.study.id), s.study.name, s.study.created_at, std::to_string(s.trials),
                  std::to_string(s.done), std::to_string(s.failed), std::to_string(s.abandoned),
                  std::to_string(s.planned), s.study.origin.empty() ? "this one" : s.study.origin,
                  s.study.uuid});
  }
  return table.ToString();
}

}  // namespace sightline::report
