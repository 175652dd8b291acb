// What waits for an inference: by priority, and first come first served within one. Bounded, so that overload
// is refused at the door and not stored.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "src/batching/waiting.h"

namespace sightline::batching {

// Not synchronized.
class RequestQueue {
 public:
  explicit RequestQueue(size_t capacity) : capacity_(capacity) {}  // in requests

  bool full() const { return by_order_.size() >= capacity_; }
  bool empty() const { return by_order_.empty(); }
  size_t size() const { return by_order_.size(); }
  int64_t frames() const { return frames_; }  // of all requests
  // Frames that go before a new request of `priority`.
  int64_t FramesBefore(int priority) const;

  // Not when full.
  void Push(const Waiting& waiting);
  // The request so named leaves, its client being gone; false: it is not here.
  bool Remove(uint64_t id);

  // visit(const Waiting&) in the order of service, as long as it returns true.
  template <typename Visitor>
  void ForEach(const Visitor& visit) const {
    for (const auto& [order, waiting] : by_order_) {
      if (!visit(waiting)) return;
    }
  }
  // The moment the request that came first arrived, whatever its priority; kNever when empty.
  int64_t oldest_arrival_ns() const;
  // The earliest deadline; kNever: none.
  int64_t next_deadline_ns() const;

  // Takes the first `requests` out, at most all, and appends them to `taken` in the order of service.
  void Take(size_t requests, std::vector<Waiting>& taken);
  // Takes out what is of no use any more at `now_ns`, and appends it to `expired`.
  void TakeExpired(int64_t now_ns, std::vector<Waiting>& expired);
  // Sets held_ns of every request that has none. Of all: for when less waits than a batch takes.
  void Hold(int64_t now_ns);

 private:
  using Order = std::pair<int, uint64_t>;  // priority, then arrival
  Waiting TakeOut(std::map<Order, Waiting>::iterator place);

  size_t capacity_;
  uint64_t next_ = 0;
  int64_t frames_ = 0;
  std::map<Order, Waiting> by_order_;
  std::map<uint64_t, Order> by_id_;
  std::map<uint64_t, int64_t> arrivals_;  // by the second part of Order
  std::set<std::pair<int64_t, Order>> deadlines_;
};

}  // namespace sightline::batching
