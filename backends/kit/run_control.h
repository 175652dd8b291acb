// Which run an instance is in and which of its runs are to end early: what lets `cancel` hit the run it names
// and no other. Authors don't need it: Instance::cancelled() asks it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "backends/kit/status.h"

namespace sightline::kit {

// Thread-safe. Allocates nothing but in Cancel.
class RunControl {
 public:
  // Begins run `id`. Without an error, End must follow. Errors: another run is in flight, the id is not
  // larger than every earlier one, or the run was cancelled before it began (Cancelled()).
  Status Begin(uint64_t id);
  void End();

  // Marks run `id` as cancelled, now or for when it begins; does nothing to one that is over. `wake` is
  // called where the run is in flight, and the run does not End before it has returned.
  template <typename Wake>
  void Cancel(uint64_t id, const Wake& wake) {
    const std::lock_guard lock(mutex_);
    if (id == current_ && id != 0) {
      cancelled_ = true;
      wake();
    } else if (id > last_) {
      pending_.push_back(id);
    }
  }

  // Of the run in flight. Any thread.
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }

 private:
  // Whether `id` is among the cancelled; forgets it and those before it.
  bool TakePending(uint64_t id);

  std::mutex mutex_;
  uint64_t current_ = 0;           // 0: no run is in flight
  uint64_t last_ = 0;              // begun last
  std::vector<uint64_t> pending_;  // cancelled and not begun
  std::atomic<bool> cancelled_ = false;
};

}  // namespace sightline::kit
