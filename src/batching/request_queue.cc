#include "src/batching/request_queue.h"

#include "src/base/check.h"

namespace sightline::batching {

int64_t RequestQueue::FramesBefore(int priority) const {
  // Nearly always one priority is in use, and then it is all or nothing.
  if (by_order_.empty()) return 0;
  if (by_order_.rbegin()->first.first <= priority) return frames_;
  int64_t frames = 0;
  for (const auto& [order, waiting] : by_order_) {
    if (order.first > priority) break;
    frames += waiting.frames;
  }
  return frames;
}

void RequestQueue::Push(const Waiting& waiting) {
  SIGHTLINE_CHECK(!full() && waiting.frames > 0);
  const Order order{waiting.priority, next_++};
  const bool added = by_id_.emplace(waiting.id, order).second;
  SIGHTLINE_CHECK(added);
  by_order_.emplace(order, waiting);
  arrivals_.emplace(order.second, waiting.arrived_ns);
  if (waiting.deadline_ns != kNever) deadlines_.emplace(waiting.deadline_ns, order);
  frames_ += waiting.frames;
}

Waiting RequestQueue::TakeOut(std::map<Order, Waiting>::iterator place) {
  const Order order = place->first;
  const Waiting waiting = place->second;
  by_order_.erase(place);
  by_id_.erase(waiting.id);
  arrivals_.erase(order.second);
  if (waiting.deadline_ns != kNever) deadlines_.erase({waiting.deadline_ns, order});
  frames_ -= waiting.frames;
  return waiting;
}

bool RequestQueue::Remove(uint64_t id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return false;
  TakeOut(by_order_.find(found->second));
  return true;
}

int64_t RequestQueue::oldest_arrival_ns() const {
  return arrivals_.empty() ? kNever : arrivals_.begin()->second;
}

int64_t RequestQueue::next_deadline_ns() const {
  return deadlines_.empty() ? kNever : deadlines_.begin()->first;
}

void RequestQueue::Take(size_t requests, std::vector<Waiting>& taken) {
  for (; requests > 0 && !by_order_.empty(); --requests) taken.push_back(TakeOut(by_order_.begin()));
}

void RequestQueue::TakeExpired(int64_t now_ns, std::vector<Waiting>& expired) {
  while (next_deadline_ns() <= now_ns) {
    expired.push_back(TakeOut(by_order_.find(deadlines_.begin()->second)));
  }
}

void RequestQueue::Hold(int64_t now_ns) {
  for (auto& [order, waiting] : by_order_) {
    if (!waiting.held_ns) waiting.held_ns = now_ns;
  }
}

}  // namespace sightline::batching
