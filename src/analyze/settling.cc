#include "src/analyze/settling.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "src/stats/drift.h"
#include "src/stats/steady_state.h"

namespace sightline::analyze {
namespace {

using stats::SteadyVerdict;

// The later, the worse. A lane that is too short to judge says less than one that is flat, and a lane that
// got faster less than one that got slower. Those for which frames are left out come after those for which
// none are, so that the verdict always says so.
constexpr SteadyVerdict kFromBestToWorst[] = {SteadyVerdict::kFlat, SteadyVerdict::kTooShort,
                                              SteadyVerdict::kWarmUp, SteadyVerdict::kSlowdown,
                                              SteadyVerdict::kNoSteadyState};

auto Badness(SteadyVerdict verdict) {
  return std::find(std::begin(kFromBestToWorst), std::end(kFromBestToWorst), verdict);
}

bool HasSteadyPart(SteadyVerdict verdict) {
  return verdict == SteadyVerdict::kWarmUp || verdict == SteadyVerdict::kSlowdown;
}

std::optional<Estimate> DriftOf(std::span<const double> steady) {
  const std::optional<stats::Drift> drift = stats::EstimateDrift(steady);
  if (!drift) return std::nullopt;
  return Estimate{.value = drift->change, .low = drift->interval.low, .high = drift->interval.high};
}

int64_t FirstBegin(std::span<const LaneProgress> lanes) {
  int64_t first_ns = std::numeric_limits<int64_t>::max();
  for (const LaneProgress& lane : lanes) {
    if (!lane.infer_begins_ns.empty()) first_ns = std::min(first_ns, lane.infer_begins_ns.front());
  }
  return first_ns;
}

SteadyState Describe(const stats::SteadyState& found, const LaneProgress& lane, int64_t measure_begin_ns) {
  SteadyState state{.verdict = std::string(stats::ToString(found.verdict))};
  for (const stats::Segment& segment : found.segments) {
    state.levels.push_back(
        {.begin_ns = lane.infer_begins_ns[segment.begin] - measure_begin_ns, .infer_ns_mean = segment.mean});
  }
  if (found.verdict == SteadyVerdict::kTooShort || found.verdict == SteadyVerdict::kNoSteadyState)
    return state;
  state.drift = DriftOf(std::span(lane.infer_durations_ns).subspan(found.begin));
  return state;
}

}  // namespace

std::optional<Settling> FindSettling(std::span<const LaneProgress> lanes) {
  const int64_t measure_begin_ns = FirstBegin(lanes);
  std::optional<Settling> settling;
  SteadyVerdict worst = SteadyVerdict::kFlat;
  std::optional<int64_t> from_ns;
  for (const LaneProgress& lane : lanes) {
    if (lane.infer_durations_ns.empty()) continue;
    const stats::SteadyState found = stats::FindSteadyState(lane.infer_durations_ns);
    if (HasSteadyPart(found.verdict)) {
      from_ns = std::max(from_ns.value_or(0), lane.infer_begins_ns[found.begin]);
    }
    if (settling && Badness(found.verdict) <= Badness(worst)) continue;
    worst = found.verdict;
    settling = Settling{.state = Describe(found, lane, measure_begin_ns), .from_ns = {}};
  }
  if (!settling || worst == SteadyVerdict::kNoSteadyState || !from_ns) return settling;
  settling->from_ns = from_ns;
  settling->state.begin_ns = *from_ns - measure_begin_ns;
  return settling;
}

}  // namespace sightline::analyze
