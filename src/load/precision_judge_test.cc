#include "src/load/precision_judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace sightline::load {
namespace {

constexpr int64_t kMs = 1'000'000;

TEST(FrameQueue, GivesWhatIsPublishedOnceAndInOrder) {
  FrameQueue queue;
  std::vector<uint64_t> seen;
  const auto drain = [&] { queue.Drain([&](const FrameTimes& frame) { seen.push_back(frame.batch_id); }); };
  drain();
  EXPECT_TRUE(seen.empty());
  for (uint64_t i = 0; i < 10'000; ++i) queue.Add({.batch_id = i});
  drain();
  EXPECT_TRUE(seen.empty()) << "not published yet";
  queue.Publish();
  drain();
  queue.Add({.batch_id = 10'000});
  queue.Publish();
  drain();
  drain();
  ASSERT_EQ(seen.size(), 10'001U);
  for (uint64_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST(FrameQueue, CanBeReadWhileItIsWritten) {
  constexpr uint64_t kFrames = 200'000;
  FrameQueue queue;
  std::thread writer([&] {
    for (uint64_t i = 0; i < kFrames; ++i) {
      queue.Add({.begin_ns = static_cast<int64_t>(i), .batch_id = i});
      queue.Publish();
    }
  });
  uint64_t seen = 0;
  bool in_order = true;
  while (seen < kFrames) {
    queue.Drain([&](const FrameTimes& frame) {
      in_order = in_order && frame.batch_id == seen && frame.begin_ns == static_cast<int64_t>(seen);
      ++seen;
    });
  }
  writer.join();
  EXPECT_TRUE(in_order);
}

// Two lanes of batches of two, 10 ms each, the second lane half a batch behind: 400 frames/s.
Evidence TwoLanes(int batches) {
  Evidence evidence(2);
  for (size_t lane = 0; lane < 2; ++lane) {
    for (int i = 0; i < batches; ++i) {
      const int64_t begin_ns = i * 10 * kMs + static_cast<int64_t>(lane) * 5 * kMs;
      for (int frame = 0; frame < 2; ++frame) {
        evidence.Add(lane, {.begin_ns = begin_ns + frame * kMs,
                            .completed_ns = begin_ns + (9 + frame) * kMs,
                            .batch_id = static_cast<uint64_t>(2 * i) + lane});
      }
    }
  }
  return evidence;
}

TEST(Evidence, IsJudgedByTheFigureThatWasAskedFor) {
  Evidence evidence = TwoLanes(200);
  for (const Quantity quantity : {Quantity::kThroughput, Quantity::kLatencyMean, Quantity::kLatencyP50,
                                  Quantity::kLatencyP90, Quantity::kLatencyP99}) {
    EXPECT_TRUE(evidence.Reaches({.quantity = quantity, .half_width = 0.01})) << QuantityName(quantity);
  }
  EXPECT_FALSE(TwoLanes(50).Reaches({.quantity = Quantity::kLatencyP99, .half_width = 0.01}))
      << "200 frames have no p99";
  EXPECT_FALSE(TwoLanes(7).Reaches({.half_width = 0.01})) << "28 frames";
  EXPECT_TRUE(TwoLanes(8).Reaches({.half_width = 0.01}));
  EXPECT_FALSE(TwoLanes(49).Reaches({.quantity = Quantity::kThroughput, .half_width = 0.01}))
      << "98 completions";
  EXPECT_TRUE(TwoLanes(50).Reaches({.quantity = Quantity::kThroughput, .half_width = 0.01}));
}

// The narrowest goal that is reached.
double NarrowestGoal(Evidence& evidence, Quantity quantity) {
  double reached = 1;
  double not_reached = 0;
  for (int i = 0; i < 40; ++i) {
    const double middle = (reached + not_reached) / 2;
    (evidence.Reaches({.quantity = quantity, .half_width = middle}) ? reached : not_reached) = middle;
  }
  return reached;
}

// Latencies that alternate from lane to lane depend on each other only in the order of time.
TEST(Evidence, LooksAtLatenciesInTheOrderOfCompletion) {
  Evidence slow_first(2);
  Evidence mixed(2);
  for (int i = 0; i < 400; ++i) {
    // Slow while the machine is slow: both lanes of the same 20 rounds.
    const int64_t latency_ns = (i / 20 % 2 == 0 ? 12 : 8) * kMs;
    for (size_t lane = 0; lane < 2; ++lane) {
      const int64_t end_ns = i * 20 * kMs + static_cast<int64_t>(lane);
      mixed.Add(lane, {end_ns - latency_ns, end_ns, static_cast<uint64_t>(i)});
    }
  }
  for (size_t lane = 0; lane < 2; ++lane) {
    for (int i = 0; i < 400; ++i) {
      const int64_t latency_ns = (i / 20 % 2 == 0 ? 12 : 8) * kMs;
      const int64_t end_ns = i * 20 * kMs + static_cast<int64_t>(lane);
      slow_first.Add(lane, {end_ns - latency_ns, end_ns, static_cast<uint64_t>(i)});
    }
  }
  const double by_time = NarrowestGoal(mixed, Quantity::kLatencyMean);
  EXPECT_GT(by_time, 0.02) << "800 frames are worth some forty";
  EXPECT_DOUBLE_EQ(NarrowestGoal(slow_first, Quantity::kLatencyMean), by_time);
}

// Feeds even work to a judge until it is content, or there have been `most` frames.
int64_t FramesUntilReached(const StopGoal& goal, int64_t most) {
  std::atomic<bool> over{false};
  PrecisionJudge judge(goal, stats::kFirstLook, 1, [&] { over.store(true); });
  int64_t frames = 0;
  while (!over.load() && frames < most) {
    judge.Add(0, {frames * kMs, (frames + 1) * kMs, static_cast<uint64_t>(frames)});
    ++frames;
    judge.EndBatch(0, frames * kMs);
    // A frame takes time, so the judge gets its turn however busy the machine is.
    const bool looked_at = frames >= stats::kFirstLook && frames * kMs >= goal.min_duration.count();
    if (looked_at) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return frames;
}

TEST(PrecisionJudge, EndsTheRunAtALookThatFindsItsGoal) {
  constexpr int64_t kMost = 1'000'000'000;
  for (const Quantity quantity : {Quantity::kLatencyP50, Quantity::kThroughput}) {
    const int64_t frames = FramesUntilReached({.quantity = quantity}, kMost);
    EXPECT_GE(frames, stats::kFirstLook);
    EXPECT_LT(frames, kMost);
  }
}

TEST(PrecisionJudge, LooksNotBeforeTheLeastDuration) {
  const int64_t frames =
      FramesUntilReached({.min_duration = std::chrono::milliseconds(5'000)}, 1'000'000'000);
  EXPECT_GE(frames, 5'000);
}

TEST(PrecisionJudge, IsNotContentWithoutTheSamples) {
  EXPECT_EQ(FramesUntilReached({.quantity = Quantity::kLatencyP50}, stats::kFirstLook - 1),
            stats::kFirstLook - 1);
}

}  // namespace
}  // namespace sightline::load
