// Ends a run once its figure is known well enough, without the lanes paying for the judging.
//
// Looks are few (stats/stopping.h), but one at n samples for a percentile takes 0.1 to 0.2 us each, at least
// 0.1 ms. Done by a lane that would lie between two of its batches: in no frame's latency, but in the
// throughput, in a multi-stream query and in the backlog of an offline run. So a thread of its own judges, at
// the lowest priority, which on cores that are all busy has about 1.5 % of one. A lane pays for writing down
// a frame (16 ns, 24 bytes) and for waking the judge when its batch comes to the count of the next look: one
// system call, some microseconds, ten times for each factor of ten in samples. Frames that lanes complete
// while the judge looks are measured all the same, so a run ends a little after it was good enough.
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "src/flow/trial.h"
#include "src/load/frame_queue.h"
#include "src/stats/stopping.h"
#include "src/stats/throughput.h"

namespace sightline::load {

// The frames of a run as far as the judge has seen them.
class Evidence {
 public:
  explicit Evidence(size_t lanes) : lanes_(lanes) {}
  // Frames of a lane in the order of its batches.
  void Add(size_t lane, const FrameTimes& frame);
  // Whether `goal` is reached, by samples enough to say so.
  bool Reaches(const StopGoal& goal);

 private:
  struct Latency {
    int64_t completed_ns = 0;
    int64_t latency_ns = 0;
    friend auto operator<=>(const Latency&, const Latency&) = default;
  };
  struct Lane {
    stats::LaneWork work;
    uint64_t last_batch_id = 0;
  };

  std::vector<double> InTimeOrder();
  bool ReachesThroughput(double half_width) const;

  std::vector<Lane> lanes_;
  std::vector<Latency> latencies_;
};

class PrecisionJudge {
 public:
  // `first_look`: at so many frames. `on_reached` is called once, on the judge's thread.
  PrecisionJudge(const StopGoal& goal, int64_t first_look, size_t lanes, std::function<void()> on_reached);
  // Waits for a look under way.
  ~PrecisionJudge();
  PrecisionJudge(const PrecisionJudge&) = delete;
  PrecisionJudge& operator=(const PrecisionJudge&) = delete;

  // Lane `lane`'s thread: a frame of the batch at hand is complete; the batch is, `measured_ns` after the
  // measurement began.
  void Add(size_t lane, const FrameTimes& frame) {
    queues_[lane].Add(frame);
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  void EndBatch(size_t lane, int64_t measured_ns);

  bool reached() const { return reached_.load(); }

 private:
  void Work();

  const StopGoal goal_;
  const std::function<void()> on_reached_;
  std::vector<FrameQueue> queues_;  // by lane
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> next_look_;  // no look while one is under way: beyond any count
  std::atomic<bool> ending_{false};
  std::atomic<bool> reached_{false};
  sem_t wake_;
  Evidence evidence_;  // the judge's own
  std::thread thread_;
};

}  // namespace sightline::load
