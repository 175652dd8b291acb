#include "src/batching/batcher.h"

#include <algorithm>
#include <cmath>

#include "src/base/check.h"

namespace sightline::batching {
namespace {

constexpr double kUsualGain = 1.0 / 8;

}  // namespace

Batcher::Batcher(const BatcherSettings& settings)
    : settings_(settings),
      queue_(settings.queue_capacity),
      policy_(MakeBatchPolicy(settings.batch)),
      service_(settings.batch.max_batch) {
  SIGHTLINE_CHECK(settings.instances >= 1);
}

Admission Batcher::Offer(const Waiting& waiting, int64_t now_ns) {
  if (waiting.frames > settings_.batch.max_batch) return Admission::kTooLarge;
  if (waiting.deadline_ns <= now_ns) return Admission::kTooLate;
  if (queue_.full()) return Admission::kQueueFull;
  if (settings_.admit_by_deadline && PredictEnd(waiting, now_ns).value_or(now_ns) > waiting.deadline_ns) {
    return Admission::kTooLate;
  }
  queue_.Push(waiting);
  return Admission::kAccepted;
}

// Inferences as large as lately: what is in progress, where all instances are busy; what goes before; and the
// request's own. Of what is in progress the whole is counted, since how much is left is not known: to refuse
// what would have come in time costs nothing as long as others wait, to infer what comes too late costs an
// inference.
std::optional<int64_t> Batcher::PredictEnd(const Waiting& waiting, int64_t now_ns) const {
  if (usual_frames_ == 0) return std::nullopt;
  const int usual = std::clamp(static_cast<int>(std::lround(usual_frames_)), 1, settings_.batch.max_batch);
  const auto before = static_cast<double>(queue_.FramesBefore(waiting.priority));
  const double in_progress = busy_ >= settings_.instances ? 1 : 0;
  const double inferences = in_progress + std::floor(before / usual / settings_.instances) + 1;
  const std::optional<double> took = service_.Upper(usual, inferences);
  if (!took) return std::nullopt;
  return now_ns + static_cast<int64_t>(*took);
}

void Batcher::Ask(int64_t now_ns, Turn& turn) {
  turn.Clear();
  if (queue_.empty()) return;
  const BatchDecision decision = policy_->Decide(queue_, service_, now_ns);
  if (decision.requests == 0) {
    queue_.Hold(now_ns);
    turn.ask_at_ns = decision.ask_at_ns;
    return;
  }
  queue_.Take(decision.requests, turn.batch);
  ++busy_;
  for (const Waiting& waiting : turn.batch) turn.frames += waiting.frames;
  SIGHTLINE_CHECK(turn.frames <= settings_.batch.max_batch);
}

void Batcher::Observe(int frames, int64_t took_ns) {
  busy_ = std::max(busy_ - 1, 0);
  service_.Observe(frames, took_ns);
  usual_frames_ = usual_frames_ == 0 ? frames : usual_frames_ + kUsualGain * (frames - usual_frames_);
}

}  // namespace sightline::batching
