#include "src/report/comparison_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/flow/study.h"
#include "src/report/run_report.h"
#include "src/report/text_table.h"

namespace sightline::report {
namespace {

using analyze::SideFigures;
using analyze::SidesComparison;
using analyze::TrialComparison;
using stats::Pairing;

bool IsThroughput(const SidesComparison& comparison) {
  return analyze::LowerIsSlower(comparison.options.quantity);
}

// "p50 ms", "frames/s".
std::string Unit(const SidesComparison& comparison) {
  if (IsThroughput(comparison)) return "frames/s";
  const std::string& quantity = comparison.options.quantity;
  return quantity.substr(quantity.rfind('_') + 1) + " ms";
}

std::string Figure(const SideFigures& side, bool throughput) {
  if (!side.estimate) return "-";
  return throughput ? RateWithError(*side.estimate) : MillisecondsWithError(*side.estimate);
}

std::string Launches(const TrialComparison& trial) {
  const size_t a = trial.a.figures.size();
  const size_t b = trial.b.figures.size();
  return a == b ? fmt::format("{}", a) : fmt::format("{}, {}", a, b);
}

std::string RatioCell(const TrialComparison& trial) {
  if (!trial.comparison) return "-";
  const auto& interval = trial.comparison->interval;
  if (!interval) return fmt::format("{:.3f}", trial.comparison->ratio);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", trial.comparison->ratio, interval->low, interval->high);
}

std::string_view Verdict(const TrialComparison& trial) {
  return trial.comparison ? stats::ToString(trial.comparison->verdict) : "not compared";
}

std::string Table(const SidesComparison& comparison) {
  std::vector<Column> columns;
  for (const auto& [name, level] : comparison.trials.front().factors) columns.push_back({name, Align::kLeft});
  columns.push_back({"launches"});
  columns.push_back({"A " + Unit(comparison)});
  columns.push_back({"B " + Unit(comparison)});
  columns.push_back({"B / A"});
  columns.push_back({"verdict", Align::kLeft});
  TextTable table(columns);
  for (const TrialComparison& trial : comparison.trials) {
    std::vector<std::string> cells;
    for (const auto& [name, level] : trial.factors) cells.push_back(level);
    cells.push_back(Launches(trial));
    cells.push_back(Figure(trial.a, IsThroughput(comparison)));
    cells.push_back(Figure(trial.b, IsThroughput(comparison)));
    cells.push_back(RatioCell(trial));
    cells.emplace_back(Verdict(trial));
    table.AddRow(std::move(cells));
  }
  return table.ToString();
}

std::string Legend(const SidesComparison& comparison) {
  const bool by_round = comparison.options.pairing == Pairing::kByRound;
  std::string text = fmt::format(
      "A and B: median of the launches (of a single one with the interval within it); B / A with its 95 % "
      "interval over launches\n{}; {} 1 is slower, by less than {:.3g} % counts as noise\n",
      by_round ? "measured in turn and compared round by round"
               : "measured apart: a change of the machine in between looks like one of B",
      IsThroughput(comparison) ? "below" : "above", comparison.options.threshold * 100);
  if (comparison.compared() > 1) {
    text += fmt::format(
        "{} comparisons at once: slower and faster are those that stand Holm's correction (any false alarm: "
        "5 "
        "%)\n",
        comparison.compared());
  }
  return text;
}

std::string OrNothing(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string DifferenceLines(const SidesComparison& comparison) {
  std::string text;
  const auto add = [&](const std::string& trial, const std::vector<analyze::Difference>& differences) {
    for (const analyze::Difference& d : differences) {
      text += fmt::format("differs: {}{}: A {}; B {}\n", trial, d.name, OrNothing(d.a), OrNothing(d.b));
    }
  };
  add("", comparison.differences);
  for (const TrialComparison& trial : comparison.trials)
    add(FactorText(trial.factors) + ": ", trial.differences);
  return text;
}

std::string LostLines(const SidesComparison& comparison) {
  std::string text;
  for (const TrialComparison& trial : comparison.trials) {
    const std::string factors = FactorText(trial.factors);
    for (const auto& [name, side] : {std::pair("A", &trial.a), std::pair("B", &trial.b)}) {
      for (const std::string& failure : side->failures)
        text += fmt::format("failed: {}: {}: {}\n", name, factors, failure);
      if (side->unsupported > 0 && side->unsupported < side->launches) {
        text += fmt::format("left out: {}: {}: {} of {} launches have too few samples for {}\n", name,
                            factors, side->unsupported, side->launches, comparison.options.quantity);
      }
    }
    if (trial.rounds_left_out > 0 && trial.comparison) {
      text += fmt::format("left out: {}: {} round{} in which a side has no figure\n", factors,
                          trial.rounds_left_out, trial.rounds_left_out == 1 ? "" : "s");
    }
  }
  for (const auto& factors : comparison.only_a) text += fmt::format("only in A: {}\n", FactorText(factors));
  for (const auto& factors : comparison.only_b) text += fmt::format("only in B: {}\n", FactorText(factors));
  return text;
}

// One line per finding and side, over all trials.
std::string FindingLines(const SidesComparison& comparison) {
  std::string text;
  for (const auto& [name, member] : {std::pair("A", &TrialComparison::a), {"B", &TrialComparison::b}}) {
    std::vector<analyze::FindingCount> counts;
    int launches = 0;
    for (const TrialComparison& trial : comparison.trials) {
      launches += (trial.*member).launches;
      for (const analyze::FindingCount& finding : (trial.*member).findings) {
        const auto known = std::find_if(counts.begin(), counts.end(),
                                        [&](const auto& count) { return count.name == finding.name; });
        if (known == counts.end()) {
          counts.push_back(finding);
        } else {
          known->launches += finding.launches;
        }
      }
    }
    for (const analyze::FindingCount& count : counts) {
      text += fmt::format("finding: {}: {} of {} launches [{}], first: {}\n", name, count.launches, launches,
                          count.name, count.sentence);
    }
  }
  return text;
}

std::string WhyLines(const SidesComparison& comparison) {
  std::string text;
  for (const TrialComparison& trial : comparison.trials) {
    if (trial.why.empty()) continue;
    text += fmt::format("{}: {}: {}\n", Verdict(trial), FactorText(trial.factors), trial.why);
  }
  return text;
}

// "verdict: slower (1 slower, 3 no change)".
std::string LastLine(const SidesComparison& comparison) {
  std::string counts;
  for (const std::string_view verdict : {"slower", "faster", "no change", "undecided", "not compared"}) {
    const auto count = std::count_if(comparison.trials.begin(), comparison.trials.end(),
                                     [&](const TrialComparison& trial) { return Verdict(trial) == verdict; });
    if (count > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, verdict);
  }
  const std::string what = counts.empty() ? "no trial of A is one of B" : counts;
  return fmt::format("verdict: {} ({})\n", ToString(comparison.overall()), what);
}

}  // namespace

std::string ComparisonReport(const SidesComparison& comparison) {
  std::string text = fmt::format("A: {}\nB: {}\n", comparison.a, comparison.b);
  if (!comparison.trials.empty()) text += "\n" + Table(comparison) + Legend(comparison) + "\n";
  return text + DifferenceLines(comparison) + LostLines(comparison) + FindingLines(comparison) +
         WhyLines(comparison) + LastLine(comparison);
}

}  // namespace sightline::report
