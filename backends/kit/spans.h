// Stamps inside a run: CLOCK_MONOTONIC nanoseconds, as everywhere in the ABI.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// libstdc++'s steady_clock is CLOCK_MONOTONIC.
inline int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Writes spans into the caller's report, as many as its struct_size has room for; into nothing when it is
// null.
class SpanRecorder {
 public:
  explicit SpanRecorder(SlRunReport* report) : report_(report), capacity_(Capacity(report)) {}

  void Add(SlSubStage sub_stage, int64_t begin_ns, int64_t end_ns) {
    if (report_ == nullptr || report_->span_count >= capacity_) return;
    report_->spans[report_->span_count++] = {sub_stage, begin_ns, end_ns};
  }
  // Whether anybody reads the stamps; saves the clock reads where nobody does.
  bool wanted() const { return report_ != nullptr; }

 private:
  static int32_t Capacity(const SlRunReport* report) {
    constexpr size_t kHeader = offsetof(SlRunReport, spans);
    if (report == nullptr || report->struct_size < kHeader) return 0;
    return static_cast<int32_t>(
        std::min<size_t>((report->struct_size - kHeader) / sizeof(SlSpan), SL_MAX_SPANS));
  }

  SlRunReport* report_;
  int32_t capacity_;
};

// Stamps the time between its construction and destruction.
class ScopedSpan {
 public:
  ScopedSpan(SpanRecorder& recorder, SlSubStage sub_stage)
      : recorder_(recorder), sub_stage_(sub_stage), begin_ns_(recorder.wanted() ? NowNs() : 0) {}
  ~ScopedSpan() {
    if (recorder_.wanted()) recorder_.Add(sub_stage_, begin_ns_, NowNs());
  }
  ScopedSpan(const ScopedSpan&) = delete;
  ScopedSpan& operator=(const ScopedSpan&) = delete;

 private:
  SpanRecorder& recorder_;
  SlSubStage sub_stage_;
  int64_t begin_ns_;
};

}  // namespace sightline::kit
