// When to look at a group's memory, and whether it is too much.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "src/base/clock.h"

namespace sightline::study {

class MemoryWatch {
 public:
  // Looks at first after a tenth of a second, then once a second; sooner, down to 50 ms, while the growth
  // between the last two looks would reach the limit before that.
  MemoryWatch(std::optional<int64_t> limit_bytes, TimePoint now);

  TimePoint next_look() const { return next_look_; }
  // Reads the memory of `members` and decides when to look again.
  void Look(TimePoint now, std::span<const pid_t> members);
  // The same with the sum given, for tests. `exact` is asked for only when the sum is above the limit.
  template <typename Exact>
  void Take(TimePoint now, int64_t sum_bytes, Exact exact) {
    if (limit_ && sum_bytes > *limit_) sum_bytes = exact();
    Decide(now, sum_bytes);
  }

  bool is_over() const { return limit_ && last_bytes_ > *limit_; }
  int64_t peak_bytes() const { return peak_bytes_; }
  // "used 600 MiB, more than the 512 MiB allowed".
  std::string Sentence() const;

 private:
  void Decide(TimePoint now, int64_t bytes);

  std::optional<int64_t> limit_;
  TimePoint last_look_;
  TimePoint next_look_;
  int64_t last_bytes_ = 0;
  int64_t peak_bytes_ = 0;
};

}  // namespace sightline::study
