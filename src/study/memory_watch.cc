#include "src/study/memory_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/study/process_table.h"

namespace sightline::study {
namespace {

constexpr Nanoseconds kFirstLook = std::chrono::milliseconds(100);
constexpr Nanoseconds kSeldom = std::chrono::seconds(1);
constexpr Nanoseconds kOften = std::chrono::milliseconds(50);

}  // namespace

MemoryWatch::MemoryWatch(std::optional<int64_t> limit_bytes, TimePoint now)
    : limit_(limit_bytes), last_look_(now), next_look_(now + (limit_bytes ? kFirstLook : kSeldom)) {}

void MemoryWatch::Look(TimePoint now, std::span<const pid_t> members) {
  int64_t sum = 0;
  for (const pid_t pid : members) sum += ResidentBytes(pid);
  Take(now, sum, [&] {
    int64_t exact = 0;
    for (const pid_t pid : members) exact += ProportionalBytes(pid).value_or(ResidentBytes(pid));
    return exact;
  });
}

void MemoryWatch::Decide(TimePoint now, int64_t bytes) {
  const auto elapsed_s = std::chrono::duration<double>(now - last_look_).count();
  const double growth_per_s = elapsed_s > 0 ? static_cast<double>(bytes - last_bytes_) / elapsed_s : 0;
  Nanoseconds interval = kSeldom;
  if (limit_ && growth_per_s > 0) {
    // Half of the way to the limit: growth may speed up.
    const double room_s = static_cast<double>(*limit_ - bytes) / growth_per_s / 2;
    interval = Nanoseconds(static_cast<int64_t>(std::clamp(room_s, 0.0, 1.0) * 1e9));
  }
  last_look_ = now;
  last_bytes_ = bytes;
  peak_bytes_ = std::max(peak_bytes_, bytes);
  next_look_ = now + std::clamp(interval, kOften, kSeldom);
}

std::string MemoryWatch::Sentence() const {
  return fmt::format("used {} MiB, more than the {} MiB allowed", last_bytes_ >> 20,
                     limit_.value_or(0) >> 20);
}

}  // namespace sightline::study
