#include "src/analyze/compare_sides.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/analyze/why_undecided.h"
#include "src/stats/series.h"

namespace sightline::analyze {
namespace {

using stats::ChangeVerdict;
using stats::Pairing;

// The figures of a trial's launches, by launch number.
using Figures = std::map<int, Estimate>;

Figures FiguresOf(const ComparedTrial& trial, Quantity quantity) {
  Figures figures;
  for (const ComparedLaunch& launch : trial.launches) {
    if (const auto figure = FigureOf(launch.result.summary, quantity); figure && figure->value > 0)
      figures.emplace(launch.number, *figure);
  }
  return figures;
}

// Leaves only the rounds that both have; returns how many are gone.
int KeepCommonRounds(Figures& a, Figures& b) {
  std::set<int> rounds;
  for (const Figures* side : {&a, &b}) {
    for (const auto& [round, figure] : *side) rounds.insert(round);
  }
  int left_out = 0;
  for (const int round : rounds) {
    if (a.contains(round) && b.contains(round)) continue;
    a.erase(round);
    b.erase(round);
    ++left_out;
  }
  return left_out;
}

void AddFindings(const ComparedTrial& trial, SideFigures& side) {
  for (const ComparedLaunch& launch : trial.launches) {
    std::vector<Finding> findings = launch.result.findings;
    if (launch.result.partial) {
      findings.push_back(
          {"partial", Severity::kWarning, "the run ended early (" + launch.result.partial_reason + ")"});
    }
    for (const Finding& finding : findings) {
      if (finding.severity == Severity::kInfo) continue;
      const auto known = std::find_if(side.findings.begin(), side.findings.end(),
                                      [&](const FindingCount& f) { return f.name == finding.name; });
      FindingCount& count =
          known != side.findings.end()
              ? *known
              : side.findings.emplace_back(FindingCount{finding.name, finding.severity, finding.sentence});
      ++count.launches;
    }
  }
}

SideFigures Side(const ComparedTrial& trial, const Figures& figures, int supported) {
  SideFigures side{.launches = static_cast<int>(trial.launches.size()), .failures = trial.failures};
  side.unsupported = side.launches - supported;
  for (const auto& [number, figure] : figures) side.figures.push_back(figure.value);
  if (side.figures.size() == 1) side.estimate = figures.begin()->second;
  if (side.figures.size() > 1) side.estimate = Estimate{.value = stats::MedianOf(side.figures)};
  AddFindings(trial, side);
  return side;
}

std::vector<double> Times(std::vector<double> figures, Quantity quantity) {
  if (LowerIsSlower(quantity)) {
    for (double& figure : figures) figure = 1 / figure;
  }
  return figures;
}

// From times back to the quantity.
void TurnAround(stats::Comparison& comparison) {
  comparison.ratio = 1 / comparison.ratio;
  if (comparison.interval)
    comparison.interval = stats::Interval{1 / comparison.interval->high, 1 / comparison.interval->low};
}

TrialComparison CompareTrial(const TrialPair& pair, const CompareOptions& options) {
  TrialComparison trial{.factors = pair.factors};
  Figures a = FiguresOf(*pair.a, options.quantity);
  Figures b = FiguresOf(*pair.b, options.quantity);
  const auto supported_a = static_cast<int>(a.size());
  const auto supported_b = static_cast<int>(b.size());
  if (options.pairing == Pairing::kByRound) trial.rounds_left_out = KeepCommonRounds(a, b);
  trial.a = Side(*pair.a, a, supported_a);
  trial.b = Side(*pair.b, b, supported_b);
  if (a.empty() || b.empty()) return trial;
  trial.comparison =
      stats::Compare(Times(trial.a.figures, options.quantity), Times(trial.b.figures, options.quantity),
                     options.pairing, {.threshold = options.threshold});
  return trial;
}

// Applies Holm's correction; returns which verdicts did not stand it.
std::vector<bool> Correct(std::vector<TrialComparison>& trials) {
  std::vector<stats::Comparison> all;
  for (const TrialComparison& trial : trials) {
    if (trial.comparison) all.push_back(*trial.comparison);
  }
  stats::CorrectForMany(all);
  std::vector<bool> fell(trials.size());
  size_t next = 0;
  for (size_t i = 0; i < trials.size(); ++i) {
    std::optional<stats::Comparison>& comparison = trials[i].comparison;
    if (!comparison) continue;
    fell[i] = comparison->verdict != all[next].verdict;
    comparison = all[next++];
  }
  return fell;
}

// A side that has lost all its launches shows no machine and no build.
bool Measured(const TrialComparison& trial) {
  return trial.a.launches > 0 && trial.b.launches > 0;
}

// What all trials have in common, as far as they were measured, moves from the trials to the comparison.
void LiftDifferences(SidesComparison& comparison) {
  std::vector<TrialComparison*> telling;
  for (TrialComparison& trial : comparison.trials) {
    if (Measured(trial)) telling.push_back(&trial);
  }
  if (telling.empty()) {
    for (TrialComparison& trial : comparison.trials) telling.push_back(&trial);
  }
  if (telling.empty()) return;
  for (const Difference& difference : std::vector(telling.front()->differences)) {
    const auto has_it = [&](const TrialComparison* trial) {
      return std::find(trial->differences.begin(), trial->differences.end(), difference) !=
             trial->differences.end();
    };
    if (!std::all_of(telling.begin(), telling.end(), has_it)) continue;
    comparison.differences.push_back(difference);
    for (TrialComparison& trial : comparison.trials) std::erase(trial.differences, difference);
  }
}

}  // namespace

bool LowerIsSlower(Quantity quantity) {
  return quantity == Quantity::kThroughput;
}

std::string_view ToString(Overall overall) {
  switch (overall) {
    case Overall::kSlower:
      return "slower";
    case Overall::kNotCompared:
      return "not compared";
    case Overall::kUndecided:
      return "undecided";
    case Overall::kFaster:
      return "faster";
    case Overall::kNoChange:
      return "no change";
  }
  return "";
}

int SidesComparison::compared() const {
  return static_cast<int>(std::count_if(trials.begin(), trials.end(), [](const TrialComparison& trial) {
    return trial.comparison.has_value();
  }));
}

Overall SidesComparison::overall() const {
  const auto any = [&](ChangeVerdict verdict) {
    return std::any_of(trials.begin(), trials.end(), [&](const TrialComparison& trial) {
      return trial.comparison && trial.comparison->verdict == verdict;
    });
  };
  if (any(ChangeVerdict::kSlower)) return Overall::kSlower;
  if (trials.empty() || compared() < static_cast<int>(trials.size())) return Overall::kNotCompared;
  if (any(ChangeVerdict::kUndecided)) return Overall::kUndecided;
  return any(ChangeVerdict::kFaster) ? Overall::kFaster : Overall::kNoChange;
}

SidesComparison CompareSides(const ComparedSide& a, const ComparedSide& b, const CompareOptions& options) {
  const Matching matching = MatchTrials(a, b);
  SidesComparison comparison{
      .options = options, .a = a.name, .b = b.name, .only_a = matching.only_a, .only_b = matching.only_b};
  for (const TrialPair& pair : matching.pairs) {
    comparison.trials.push_back(CompareTrial(pair, options));
    comparison.trials.back().differences = DifferencesOf(pair);
  }
  const std::vector<bool> fell = Correct(comparison.trials);
  for (size_t i = 0; i < comparison.trials.size(); ++i) {
    TrialComparison& trial = comparison.trials[i];
    trial.why = WhyUndecided(trial, options, fell[i] ? comparison.compared() : 0);
    if (trial.comparison && LowerIsSlower(options.quantity)) TurnAround(*trial.comparison);
  }
  LiftDifferences(comparison);
  return comparison;
}

}  // namespace sightline::analyze
