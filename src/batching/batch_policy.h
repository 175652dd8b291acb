// Which requests go together into one inference, and when to wait for more. A policy is pure: it sees the
// queue and the time, and says what to do now and when to ask again. The server and the simulator run the
// same one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/clock.h"
#include "src/batching/request_queue.h"
#include "src/batching/service_time.h"

namespace sightline::batching {

enum class BatchPolicyKind {
  kNone,      // each request by itself
  kDelay,     // as full as it gets within `delay` of the oldest request's arrival
  kAdaptive,  // no waiting; as large as keeps `slo`, learned while serving
};

struct BatchSettings {
  BatchPolicyKind kind = BatchPolicyKind::kNone;
  int max_batch = 1;  // frames in one inference
  Nanoseconds delay{};
  // Of kDelay: batches of these sizes are not held for more. Sorted; empty: only max_batch is.
  std::vector<int> preferred;
  Nanoseconds slo{};  // of kAdaptive: from arrival to answer, for the slow ones too (p99)
};

struct BatchDecision {
  size_t requests = 0;         // from the front of the queue, to be inferred together now; 0: wait
  int64_t ask_at_ns = kNever;  // when waiting: ask at the latest then, whatever comes or not
};

// Not synchronized.
class BatchPolicy {
 public:
  virtual ~BatchPolicy() = default;
  // An instance is free; the queue is not empty, and each request in it has at most max_batch frames.
  // `service` is what inferences took until now. What is taken is: the decision is not repeated.
  virtual BatchDecision Decide(const RequestQueue& queue, const ServiceTime& service, int64_t now_ns) = 0;
};

// `settings` make sense: 1 <= max_batch, preferred sizes within it, an SLO above 0 where it is adaptive.
std::unique_ptr<BatchPolicy> MakeBatchPolicy(const BatchSettings& settings);

}  // namespace sightline::batching
