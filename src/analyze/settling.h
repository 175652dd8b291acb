// Where, in the measured phase, inference settled.
//
// Looked at are inference times, lane by lane: they do not depend on which picture was in hand, as decoding
// does, so that a cycle of small and large pictures is not taken for changes of the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/analyze/samples.h"
#include "src/flow/run_result.h"

namespace sightline::analyze {

struct Settling {
  SteadyState state;  // of the lane that settled worst; frames_left_out still 0
  // From when on (that of the batches' inference, absolute) all lanes were steady; absent where nothing came
  // before, or there is no steady state: then all that was measured counts.
  std::optional<int64_t> from_ns;
};

// Absent where no lane measured anything.
std::optional<Settling> FindSettling(std::span<const LaneProgress> lanes);

}  // namespace sightline::analyze
