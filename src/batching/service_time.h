// Learns how long an inference of b frames takes, S(b), while it serves.
//
// Method: for each batch size an exponentially forgetting mean and mean absolute deviation of what was seen
// (the estimator of TCP's round-trip time, RFC 6298, gains 1/8 and 1/4). A size not seen lies on the line
// through the two nearest that were, since service times of batches are close to a + b * x; beyond the
// largest the line goes on, but no slower than in proportion to the batch, and with one size known alone it
// is that proportion. Upper(b) is mean + 3 deviations: for a normal distribution, whose mean absolute
// deviation is 0.8 of its standard deviation, above 99 %. A size last seen kFresh inferences ago counts as
// not seen: a size that was avoided for having been slow once has to get its second chance.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace sightline::batching {

class ServiceTime {
 public:
  explicit ServiceTime(int max_batch) : seen_(static_cast<size_t>(max_batch)) {}

  // An inference of `frames`, 1 to max_batch, took `took_ns`.
  void Observe(int frames, int64_t took_ns);
  // nullopt as long as nothing was seen.
  std::optional<double> Mean(int frames) const;
  // Of `inferences` of as many frames one after another: they hardly ever take longer. Of independent ones
  // the means add, and what they vary by as squares.
  std::optional<double> Upper(int frames, double inferences = 1) const;
  int largest_seen() const;  // 0: nothing

 private:
  static constexpr int64_t kFresh = 256;
  struct Seen {
    int64_t count = 0;
    int64_t last = 0;  // which inference it was, counted over all sizes
    double mean_ns = 0;
    double deviation_ns = 0;
  };
  const Seen& at(int frames) const { return seen_[static_cast<size_t>(frames - 1)]; }
  bool Known(int frames) const { return at(frames).count > 0 && at(frames).last + kFresh > inferences_; }
  // The nearest known size from `from` on in steps of `step`, 1 or -1; 0: none.
  int Nearest(int from, int step) const;
  // `value(seen)` on the line described above.
  template <typename Value>
  std::optional<double> OnLine(int frames, const Value& value) const;

  std::vector<Seen> seen_;  // [0]: of 1 frame
  int64_t inferences_ = 0;
};

}  // namespace sightline::batching
