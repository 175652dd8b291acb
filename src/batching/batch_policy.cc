#include "src/batching/batch_policy.h"

#include <algorithm>
#include <optional>

#include "src/base/check.h"

namespace sightline::batching {
namespace {

struct Front {
  size_t requests = 0;
  int frames = 0;
};

// The longest front of the queue with at most `frames`; the first request alone where it has more.
Front FrontOf(const RequestQueue& queue, int frames) {
  Front front;
  queue.ForEach([&](const Waiting& waiting) {
    if (front.requests > 0 && front.frames + waiting.frames > frames) return false;
    ++front.requests;
    front.frames += waiting.frames;
    return true;
  });
  return front;
}

class NoBatching final : public BatchPolicy {
 public:
  BatchDecision Decide(const RequestQueue& /*queue*/, const ServiceTime& /*service*/,
                       int64_t /*now_ns*/) override {
    return {.requests = 1};
  }
};

class DelayBatching final : public BatchPolicy {
 public:
  explicit DelayBatching(const BatchSettings& settings)
      : sizes_(settings.preferred), delay_ns_(settings.delay.count()) {
    if (sizes_.empty() || sizes_.back() != settings.max_batch) sizes_.push_back(settings.max_batch);
  }

  BatchDecision Decide(const RequestQueue& queue, const ServiceTime& /*service*/, int64_t now_ns) override {
    const int max_batch = sizes_.back();
    const Front all = FrontOf(queue, max_batch);
    // Nothing more can join where the next request does not fit.
    if (all.frames == max_batch || all.requests < queue.size()) return {.requests = all.requests};
    const auto preferred =
        std::upper_bound(sizes_.begin(), sizes_.end(), all.frames);  // the first one not reached
    if (preferred != sizes_.begin()) {
      const Front front = FrontOf(queue, *(preferred - 1));
      if (front.frames == *(preferred - 1)) return {.requests = front.requests};
    }
    const int64_t until_ns = queue.oldest_arrival_ns() + delay_ns_;
    if (now_ns >= until_ns) return {.requests = all.requests};
    return {.ask_at_ns = until_ns};
  }

 private:
  std::vector<int> sizes_;  // ascending, max_batch last
  int64_t delay_ns_;
};

// Takes what is there as soon as an instance is free: while one batch is served the next one gathers, so that
// batches grow with the load by themselves, and at low load nobody waits for company that does not come. What
// is to be chosen is the largest batch. A request that comes just after a batch began waits for its end and
// then for its own: two services. So it is the largest b whose two services keep the SLO, as long as they
// nearly never are. Where not even b = 1 keeps it, 1. (Clipper and Nexus bound the batch by the SLO
// too: Crankshaw et al., NSDI 2017; Shen et al., SOSP 2019.)
//
// A size is known once it was seen. To learn the next one it is tried as soon as enough requests wait, at
// most twice what was seen, where the line through what is known lets it.
//
// Once the queue holds requests too late to be answered in time, serving them first would make all that
// follow late too. They are not for the policy: admission and deadlines (batcher.h) keep them out.
class AdaptiveBatching final : public BatchPolicy {
 public:
  explicit AdaptiveBatching(const BatchSettings& settings)
      : max_batch_(settings.max_batch), slo_ns_(settings.slo.count()) {}

  BatchDecision Decide(const RequestQueue& queue, const ServiceTime& service, int64_t /*now_ns*/) override {
    return {.requests = FrontOf(queue, LargestBatch(service)).requests};
  }

 private:
  int LargestBatch(const ServiceTime& service) const {
    const int bound = std::min(max_batch_, 2 * service.largest_seen());
    int largest = 1;
    for (int frames = 2; frames <= bound; ++frames) {
      const std::optional<double> two_services = service.Upper(frames, 2);
      if (two_services && *two_services <= static_cast<double>(slo_ns_)) largest = frames;
    }
    return largest;
  }

  int max_batch_;
  int64_t slo_ns_;
};

}  // namespace

std::unique_ptr<BatchPolicy> MakeBatchPolicy(const BatchSettings& settings) {
  SIGHTLINE_CHECK(settings.max_batch >= 1 &&
                  std::is_sorted(settings.preferred.begin(), settings.preferred.end()));
  SIGHTLINE_CHECK(settings.preferred.empty() ||
                  (settings.preferred.front() >= 1 && settings.preferred.back() <= settings.max_batch));
  switch (settings.kind) {
    case BatchPolicyKind::kNone:
      return std::make_unique<NoBatching>();
    case BatchPolicyKind::kDelay:
      return std::make_unique<DelayBatching>(settings);
    case BatchPolicyKind::kAdaptive:
      SIGHTLINE_CHECK(settings.slo > Nanoseconds(0));
      return std::make_unique<AdaptiveBatching>(settings);
  }
  SIGHTLINE_CHECK(false && "no such policy");
  return nullptr;
}

}  // namespace sightline::batching
