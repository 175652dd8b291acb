// A request in a server's or simulator's queue, as far as scheduling looks at it. Moments are nanoseconds of
// one clock, whichever the caller has: nothing here reads a clock.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace sightline::batching {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

struct Waiting {
  uint64_t id = 0;   // the owner's; unique in its queue
  int frames = 1;    // pictures in it; they are never split over batches
  int priority = 0;  // lower goes first, whatever its arrival
  int64_t arrived_ns = 0;
  int64_t deadline_ns = kNever;  // an answer later than that is of no use
  // When an inference could have begun but the policy chose to wait for company: set by the batcher. Until
  // then the request queues, from then on it waits for its batch.
  std::optional<int64_t> held_ns;
};

}  // namespace sightline::batching
