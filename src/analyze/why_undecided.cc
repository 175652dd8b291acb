#include "src/analyze/why_undecided.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sightline::analyze {
namespace {

constexpr int64_t kMostLaunches = 1000;  // where stats::Comparison stops counting

std::string Launches(size_t count) {
  return fmt::format("{} launch{}", count, count == 1 ? "" : "es");
}

// Why this side has no figure; "" where it has one.
std::string WithoutFigure(std::string_view side, const SideFigures& figures, const std::string& quantity) {
  if (!figures.figures.empty()) return "";
  if (figures.launches > 0 && figures.unsupported == figures.launches) {
    return fmt::format("no launch of {} has samples enough for {}; measure longer, or take another quantity",
                       side, quantity);
  }
  if (figures.launches > 0) return "";  // the other side lost these rounds
  if (figures.failures.empty()) return fmt::format("{} has no launch with a result yet", side);
  return fmt::format("every launch of {} failed", side);
}

std::string NotCompared(const TrialComparison& trial, const std::string& quantity) {
  std::string why;
  for (const auto& [side, figures] : {std::pair("A", &trial.a), std::pair("B", &trial.b)}) {
    const std::string one = WithoutFigure(side, *figures, quantity);
    if (!one.empty()) why += (why.empty() ? "" : "; ") + one;
  }
  return why.empty() ? "no round has a figure on both sides" : why;
}

std::string TooFew(size_t a, size_t b) {
  return fmt::format(
      "{} of A and {} of B can't tell a change from the luck of a launch, whatever their own intervals say; "
      "--rerun measures {} of each in turn",
      Launches(a), Launches(b), stats::kDefaultLaunches);
}

std::string Needed(int64_t needed, int64_t have) {
  if (needed >= kMostLaunches) return "even 1000 launches of each side would not narrow it to the threshold";
  if (needed > have) {
    return fmt::format(
        "about {} launches of each side would narrow it to the threshold: --rerun --launches {}", needed,
        needed);
  }
  return "the change lies near the threshold: take more launches, or another --threshold";
}

}  // namespace

std::string WhyUndecided(const TrialComparison& trial, const CompareOptions& options, int fell_among) {
  if (!trial.comparison) return NotCompared(trial, options.quantity);
  const stats::Comparison& comparison = *trial.comparison;
  if (comparison.verdict != stats::ChangeVerdict::kUndecided) return "";
  const size_t fewest = std::min(trial.a.figures.size(), trial.b.figures.size());
  if (!comparison.interval) return TooFew(trial.a.figures.size(), trial.b.figures.size());
  if (fell_among > 0) {
    return fmt::format(
        "alone it would be a change, but among {} comparisons one of this size comes up too easily by "
        "chance; "
        "measure it alone",
        fell_among);
  }
  const bool beyond_one = comparison.interval->low > 1 || comparison.interval->high < 1;
  const double size = std::max(comparison.ratio, 1 / comparison.ratio) - 1;
  if (beyond_one && size < options.threshold) {
    return fmt::format(
        "there is a change, but it may be smaller than the threshold of {:.3g} %; take more launches, or a "
        "smaller --threshold",
        options.threshold * 100);
  }
  return "the interval is too wide; " + Needed(comparison.launches_needed, static_cast<int64_t>(fewest));
}

}  // namespace sightline::analyze
