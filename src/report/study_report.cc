#include "src/report/study_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "src/base/check.h"
#include "src/base/duration.h"
#include "src/base/text.h"
#include "src/report/run_report.h"
#include "src/report/text_table.h"

namespace sightline::report {
namespace {

constexpr double kNsPerS = 1e9;
// Of four the standard deviation may be 3.7 times what they show (95 %, chi-square with 3 degrees of
// freedom).
constexpr int64_t kFewLaunches = 5;

std::string Launches(const analyze::TrialSummary& trial) {
  std::string text = fmt::format("{}", trial.done);
  if (trial.failed > 0) text += fmt::format(", {} failed", trial.failed);
  if (trial.abandoned > 0) text += fmt::format(", {} left out", trial.abandoned);
  if (trial.planned > 0) text += fmt::format(", {} to do", trial.planned);
  return text;
}

// The columns of factors: the first trial's names, since all trials have the same.
std::vector<Column> FactorColumns(std::span<const analyze::TrialSummary> trials) {
  std::vector<Column> columns;
  for (const auto& [name, level] : trials.front().factors) columns.push_back({name, Align::kLeft});
  return columns;
}

std::vector<std::string> Levels(const analyze::TrialSummary& trial) {
  std::vector<std::string> cells;
  for (const auto& [name, level] : trial.factors) cells.push_back(level);
  return cells;
}

// Which launches failed for one reason, trial by trial.
struct FailedAlike {
  std::string why;
  std::vector<std::pair<const analyze::TrialSummary*, std::vector<std::string>>> trials;  // launches
  int launches = 0;
};

// By reason, in the order in which they are met.
std::vector<FailedAlike> GroupFailures(std::span<const analyze::TrialSummary> trials) {
  std::vector<FailedAlike> groups;
  for (const analyze::TrialSummary& trial : trials) {
    for (const auto& [launch, why] : trial.failures) {
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.why == why; });
      if (group == groups.end()) group = groups.insert(groups.end(), {.why = why, .trials = {}});
      if (group->trials.empty() || group->trials.back().first != &trial)
        group->trials.push_back({&trial, {}});
      group->trials.back().second.push_back(std::to_string(launch));
      ++group->launches;
    }
  }
  return groups;
}

// One mistake that all trials share is told once.
std::string FailureLines(std::span<const analyze::TrialSummary> trials) {
  constexpr size_t kFewTrials = 3;
  std::string text;
  for (const FailedAlike& group : GroupFailures(trials)) {
    if (group.trials.size() > kFewTrials) {
      text += fmt::format("failed: {} launches of {} trials: {}\n", group.launches, group.trials.size(),
                          group.why);
      continue;
    }
    for (const auto& [trial, launches] : group.trials) {
      text += fmt::format("failed: {}: {} {}: {}\n", FactorText(trial->factors),
                          launches.size() == 1 ? "launch" : "launches", Join(launches, ", "), group.why);
    }
  }
  return text;
}

// A figure of one launch has no interval across launches; whoever sees none should know why.
std::string SingleLaunchLine(std::span<const analyze::TrialSummary> trials) {
  const auto single =
      std::count_if(trials.begin(), trials.end(), [](const auto& trial) { return trial.done == 1; });
  if (single == 0) return "";
  return fmt::format("{} of {} trials have a single launch, and so no interval\n", single, trials.size());
}

std::string FindingsLine(std::span<const analyze::TrialSummary> trials) {
  const bool any =
      std::any_of(trials.begin(), trials.end(), [](const auto& trial) { return !trial.findings.empty(); });
  return any ? "findings are of any launch; docs/measuring.md explains each\n" : "";
}

// A mean of fewer launches than were done says of how many.
std::string Figure(const std::optional<Estimate>& estimate, std::string (*text)(const Estimate&),
                   int launches, int done) {
  if (!estimate) return "-";
  return text(*estimate) + (launches < done ? fmt::format(" ({} of {})", launches, done) : "");
}

std::string Share(const std::optional<double>& share) {
  return share ? fmt::format("{:.0f} %", *share * 100) : "-";
}

std::string Enough(const analyze::LaunchComponents& c) {
  if (!c.variance) return c.launches < 2 ? "needs two launches" : "-";
  if (!c.worthwhile_frames) return "all: launches don't differ";
  const auto frames = static_cast<double>(*c.worthwhile_frames);
  return fmt::format("{} ({})", *c.worthwhile_frames,
                     DurationText(Nanoseconds(static_cast<int64_t>(frames * c.frame_cost_s * kNsPerS))));
}

}  // namespace

std::string StudyReport(std::span<const analyze::TrialSummary> trials) {
  if (trials.empty()) return "the study has no trials\n";
  std::vector<Column> columns = FactorColumns(trials);
  columns.push_back({"launches", Align::kLeft});
  columns.push_back({"latency p50 ms"});
  columns.push_back({"frames/s"});
  columns.push_back({"findings", Align::kLeft});
  TextTable table(columns);
  for (const analyze::TrialSummary& trial : trials) {
    std::vector<std::string> cells = Levels(trial);
    cells.push_back(Launches(trial));
    cells.push_back(Figure(trial.latency_ns_p50, MillisecondsWithError, trial.latency_launches, trial.done));
    cells.push_back(Figure(trial.throughput_per_s, RateWithError, trial.throughput_launches, trial.done));
    cells.push_back(Join(trial.findings, ", "));
    table.AddRow(std::move(cells));
  }
  return table.ToString() +
         "mean of the launches' figures; ± is the wider side of the 95 % confidence interval across launches "
         "(two or more)\n" +
         SingleLaunchLine(trials) + FindingsLine(trials) + FailureLines(trials);
}

std::string ComponentsReport(std::span<const analyze::TrialSummary> trials,
                             std::span<const analyze::LaunchComponents> components) {
  SIGHTLINE_CHECK(trials.size() == components.size());
  if (trials.empty()) return "";
  std::vector<Column> columns = FactorColumns(trials);
  for (const char* title : {"launches", "mean ms", "between", "within"}) columns.push_back({title});
  columns.push_back({"frames worth measuring", Align::kLeft});
  TextTable table(columns);
  bool rough = false;
  for (size_t i = 0; i < trials.size(); ++i) {
    const analyze::LaunchComponents& c = components[i];
    std::vector<std::string> cells = Levels(trials[i]);
    cells.push_back(std::to_string(c.launches));
    cells.push_back(c.variance ? Milliseconds(c.variance->mean) : "-");
    cells.push_back(Share(c.between));
    cells.push_back(Share(c.within));
    cells.push_back(Enough(c));
    table.AddRow(std::move(cells));
    rough = rough || (c.variance && c.launches < kFewLaunches);
  }
  std::string text =
      table.ToString() +
      "of the variance of the launches' mean latencies: what launches differ by, and what the "
      "frames within them leave open\n"
      "beyond so many frames in a launch, another launch narrows the interval more than the same "
      "time spent on this one\n";
  if (rough) text += fmt::format("shares of fewer than {} launches are rough\n", kFewLaunches);
  return text;
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
