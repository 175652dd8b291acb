#include "src/load/precision_judge.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "src/base/check.h"

namespace sightline::load {
namespace {

constexpr int64_t kNoLook = std::numeric_limits<int64_t>::max();
constexpr int kLowestPriority = 19;

}  // namespace

void Evidence::Add(size_t lane, const FrameTimes& frame) {
  latencies_.push_back({frame.completed_ns, frame.completed_ns - frame.begin_ns});
  auto& [work, last_batch_id] = lanes_[lane];
  stats::AddFrame(work, frame.batch_id == last_batch_id, frame.begin_ns, frame.completed_ns);
  last_batch_id = frame.batch_id;
}

// What a look adds lies behind what was there, except where lanes overlap.
std::vector<double> Evidence::InTimeOrder() {
  if (!std::is_sorted(latencies_.begin(), latencies_.end())) std::sort(latencies_.begin(), latencies_.end());
  std::vector<double> values;
  values.reserve(latencies_.size());
  for (const Latency& latency : latencies_) values.push_back(static_cast<double>(latency.latency_ns));
  return values;
}

bool Evidence::ReachesThroughput(double half_width) const {
  std::vector<stats::LaneWork> work;
  work.reserve(lanes_.size());
  int64_t completions = 0;
  for (const Lane& lane : lanes_) {
    work.push_back(lane.work);
    completions += static_cast<int64_t>(lane.work.completions.size());
  }
  return completions >= stats::kTrustedLook && stats::CheckThroughput(work, half_width).reached;
}

bool Evidence::Reaches(const StopGoal& goal) {
  if (goal.quantity == Quantity::kThroughput) return ReachesThroughput(goal.half_width);
  stats::PrecisionGoal precision{.half_width = goal.half_width};
  if (const auto per_mille = PerMilleOf(goal.quantity)) precision.p = *per_mille / 1000.0;
  const std::vector<double> latencies = InTimeOrder();
  return stats::MayStop(latencies, precision) && stats::CheckPrecision(latencies, precision).reached;
}

PrecisionJudge::PrecisionJudge(const StopGoal& goal, int64_t first_look, size_t lanes,
                               std::function<void()> on_reached)
    : goal_(goal),
      on_reached_(std::move(on_reached)),
      queues_(lanes),
      next_look_(first_look),
      evidence_(lanes) {
  SIGHTLINE_CHECK(sem_init(&wake_, /*pshared=*/0, 0) == 0);
  thread_ = std::thread([this] { Work(); });
}

PrecisionJudge::~PrecisionJudge() {
  ending_.store(true);
  sem_post(&wake_);
  thread_.join();
  sem_destroy(&wake_);
}

void PrecisionJudge::EndBatch(size_t lane, int64_t measured_ns) {
  queues_[lane].Publish();
  int64_t look = next_look_.load(std::memory_order_relaxed);
  if (count_.load(std::memory_order_relaxed) < look || measured_ns < goal_.min_duration.count()) return;
  // Of several lanes one wakes it.
  if (next_look_.compare_exchange_strong(look, kNoLook)) sem_post(&wake_);
}

void PrecisionJudge::Work() {
  // Of this thread alone; where it is not allowed the judge works at the lanes' priority.
  static_cast<void>(setpriority(PRIO_PROCESS, 0, kLowestPriority));
  for (;;) {
    while (sem_wait(&wake_) != 0) {  // a signal's handler ran on this thread
    }
    if (ending_.load()) return;
    for (size_t lane = 0; lane < queues_.size(); ++lane) {
      queues_[lane].Drain([&](const FrameTimes& frame) { evidence_.Add(lane, frame); });
    }
    if (evidence_.Reaches(goal_)) {
      reached_.store(true);
      on_reached_();
      return;
    }
    next_look_.store(stats::NextLook(count_.load(std::memory_order_relaxed)));
  }
}

}  // namespace sightline::load
