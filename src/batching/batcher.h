// The queue of one model with the policy that empties it: the whole of scheduling, without threads, clocks or
// sockets. A server holds a lock around it and a simulator needs none.
//
//     Offer ->  queue  -> Ask -> batch       an instance is free: what should it infer, or when to ask again
//                 |
//                 +-> expired                no answer in time any more
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/batching/batch_policy.h"
#include "src/batching/request_queue.h"
#include "src/batching/service_time.h"
#include "src/batching/waiting.h"

namespace sightline::batching {

struct BatcherSettings {
  BatchSettings batch;
  size_t queue_capacity = 128;  // requests
  int instances = 1;            // that will ask
  // Refuses at the door what will hardly be answered by its deadline, judged by the frames that go before it
  // and what inferences took lately.
  bool admit_by_deadline = false;
};

enum class Admission {
  kAccepted,
  kQueueFull,
  kTooLate,   // admit_by_deadline; or the deadline has passed already
  kTooLarge,  // more frames than one inference takes
};

// What a free instance is told.
struct Turn {
  std::vector<Waiting> batch;  // in the order of service; empty: nothing to do yet
  int frames = 0;              // of all of them
  int64_t ask_at_ns = kNever;  // with nothing to do: ask again then, or after the next Offer
  void Clear() {
    batch.clear();
    frames = 0;
    ask_at_ns = kNever;
  }
};

// Not synchronized.
class Batcher {
 public:
  explicit Batcher(const BatcherSettings& settings);

  // What is not accepted is not kept. An id must not be in the queue already.
  Admission Offer(const Waiting& waiting, int64_t now_ns);
  // The client is gone; false: its request is not here (any more).
  bool Remove(uint64_t id) { return queue_.Remove(id); }
  // Takes out what nobody can wait for any longer. To be called before Ask, and at next_deadline_ns().
  void TakeExpired(int64_t now_ns, std::vector<Waiting>& expired) { queue_.TakeExpired(now_ns, expired); }
  int64_t next_deadline_ns() const { return queue_.next_deadline_ns(); }
  // For a free instance; overwrites `turn`.
  void Ask(int64_t now_ns, Turn& turn);
  // The inference of a turn has ended, well or not, after `took_ns`. Once for each turn with a batch.
  void Observe(int frames, int64_t took_ns);

  size_t size() const { return queue_.size(); }  // requests
  int64_t frames() const { return queue_.frames(); }
  // When a request offered now would be answered, at the latest but for bad luck; nullopt as long as no
  // inference has ended.
  std::optional<int64_t> PredictEnd(const Waiting& waiting, int64_t now_ns) const;

 private:
  BatcherSettings settings_;
  RequestQueue queue_;
  std::unique_ptr<BatchPolicy> policy_;
  ServiceTime service_;
  double usual_frames_ = 0;  // of an inference lately
  int busy_ = 0;             // instances
};

}  // namespace sightline::batching
