// A server in simulated time, to try policies on: Poisson arrivals, one or more instances, S(b) = a + x b
// with noise. Everything is drawn from one seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "src/base/random.h"
#include "src/batching/batcher.h"

namespace sightline::batching {

struct SimulatedServer {
  double base_ns = 4e6;
  double per_frame_ns = 1e6;
  double noise = 0.05;  // standard deviation of S(b), as a share
  int instances = 1;
  double Service(int frames) const { return base_ns + per_frame_ns * frames; }
};

struct SimulatedOutcome {
  std::vector<double> latencies_ns;  // of answered requests, in the order answered
  int refused = 0;
  int expired = 0;
  int in_time = 0;  // answered before their deadline
  double duration_ns = 0;
  double p99_ns() const {
    if (latencies_ns.empty()) return 0;
    std::vector<double> sorted = latencies_ns;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<size_t>(std::ceil(0.99 * static_cast<double>(sorted.size()))) - 1];
  }
};

// `requests` of one frame each at `rate_per_s`; each has the deadline `timeout_ns` after its arrival.
inline SimulatedOutcome Simulate(const SimulatedServer& server, BatcherSettings settings, double rate_per_s,
                                 int requests, uint64_t seed, int64_t timeout_ns = kNever) {
  settings.instances = server.instances;
  Batcher batcher(settings);
  SplitMix64 random(seed);
  SimulatedOutcome outcome;
  struct Busy {
    int64_t begin_ns = 0;
    int64_t end_ns = kNever;  // kNever: free
    std::vector<Waiting> batch;
  };
  std::vector<Busy> instances(static_cast<size_t>(server.instances));
  const auto gap = [&] {
    return static_cast<int64_t>(-std::log(1 - random.NextUniform()) * 1e9 / rate_per_s);
  };
  int64_t next_arrival_ns = gap();
  int64_t ask_at_ns = kNever;
  int arrived = 0;
  int64_t now_ns = 0;
  Turn turn;
  std::vector<Waiting> expired;
  while (true) {
    int64_t next_ns = std::min({next_arrival_ns, ask_at_ns, batcher.next_deadline_ns()});
    for (const Busy& busy : instances) next_ns = std::min(next_ns, busy.end_ns);
    if (next_ns == kNever) break;
    now_ns = next_ns;
    for (Busy& busy : instances) {
      if (busy.end_ns != now_ns) continue;
      batcher.Observe(static_cast<int>(busy.batch.size()), now_ns - busy.begin_ns);
      for (const Waiting& waiting : busy.batch) {
        outcome.latencies_ns.push_back(static_cast<double>(now_ns - waiting.arrived_ns));
        if (now_ns <= waiting.deadline_ns) ++outcome.in_time;
      }
      busy = {};
    }
    if (now_ns == next_arrival_ns) {
      const Waiting waiting{.id = static_cast<uint64_t>(arrived),
                            .arrived_ns = now_ns,
                            .deadline_ns = timeout_ns == kNever ? kNever : now_ns + timeout_ns};
      if (batcher.Offer(waiting, now_ns) != Admission::kAccepted) ++outcome.refused;
      next_arrival_ns = ++arrived < requests ? now_ns + gap() : kNever;
    }
    expired.clear();
    batcher.TakeExpired(now_ns, expired);
    outcome.expired += static_cast<int>(expired.size());
    ask_at_ns = kNever;
    for (Busy& busy : instances) {
      if (busy.end_ns != kNever) continue;
      batcher.Ask(now_ns, turn);
      ask_at_ns = turn.ask_at_ns;
      if (turn.batch.empty()) break;
      busy.begin_ns = now_ns;
      busy.batch = turn.batch;
      const double factor = std::max(0.5, 1 + server.noise * random.NextGaussian());
      busy.end_ns = now_ns + static_cast<int64_t>(server.Service(turn.frames) * factor);
    }
  }
  outcome.duration_ns = static_cast<double>(now_ns);
  return outcome;
}

}  // namespace sightline::batching
