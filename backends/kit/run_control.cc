#include "backends/kit/run_control.h"

#include <algorithm>

namespace sightline::kit {

Status RunControl::Begin(uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (current_ != 0) {
    return InvalidArgument("run ", current_,
                           " of this instance is still in flight; an instance has one run at a time");
  }
  if (id <= last_) {
    return InvalidArgument("run_id is ", id, "; it must be larger than that of every earlier run, ", last_);
  }
  last_ = id;
  if (!pending_.empty() && TakePending(id)) return Cancelled();
  cancelled_ = false;
  current_ = id;
  return Ok();
}

void RunControl::End() {
  const std::lock_guard lock(mutex_);
  current_ = 0;
}

bool RunControl::TakePending(uint64_t id) {
  const bool found = std::find(pending_.begin(), pending_.end(), id) != pending_.end();
  std::erase_if(pending_, [&](uint64_t pending) { return pending <= id; });
  return found;
}

}  // namespace sightline::kit
