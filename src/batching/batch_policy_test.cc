#include "src/batching/batch_policy.h"

#include <gtest/gtest.h>

namespace sightline::batching {
namespace {

RequestQueue QueueOf(std::initializer_list<int> frames, int64_t first_arrival_ns = 0) {
  RequestQueue queue(64);
  uint64_t id = 0;
  for (const int count : frames) {
    queue.Push({.id = id, .frames = count, .arrived_ns = first_arrival_ns + static_cast<int64_t>(id)});
    ++id;
  }
  return queue;
}

ServiceTime NothingSeen() {
  return ServiceTime(8);
}

TEST(BatchPolicyTest, WithoutBatchingEachRequestGoesAlone) {
  const auto policy = MakeBatchPolicy({.kind = BatchPolicyKind::kNone, .max_batch = 8});
  EXPECT_EQ(policy->Decide(QueueOf({1, 1, 1}), NothingSeen(), 0).requests, 1U);
}

TEST(BatchPolicyTest, DelayWaitsFromTheOldestArrival) {
  const auto policy =
      MakeBatchPolicy({.kind = BatchPolicyKind::kDelay, .max_batch = 4, .delay = Nanoseconds(100)});
  const RequestQueue queue = QueueOf({1, 1}, 1000);
  const BatchDecision early = policy->Decide(queue, NothingSeen(), 1050);
  EXPECT_EQ(early.requests, 0U);
  EXPECT_EQ(early.ask_at_ns, 1100);
  EXPECT_EQ(policy->Decide(queue, NothingSeen(), 1100).requests, 2U);
}

TEST(BatchPolicyTest, DelayTakesAFullBatchAtOnceAndNoMore) {
  const auto policy =
      MakeBatchPolicy({.kind = BatchPolicyKind::kDelay, .max_batch = 4, .delay = Nanoseconds(100)});
  EXPECT_EQ(policy->Decide(QueueOf({1, 1, 1, 1, 1}), NothingSeen(), 0).requests, 4U);
  // Nothing can join 3 frames where the next request brings 2: waiting would be for nothing.
  EXPECT_EQ(policy->Decide(QueueOf({2, 1, 2}), NothingSeen(), 0).requests, 2U);
  EXPECT_EQ(policy->Decide(QueueOf({2, 1}), NothingSeen(), 0).requests, 0U);
}

TEST(BatchPolicyTest, DelayOfZeroTakesWhatIsThere) {
  const auto policy = MakeBatchPolicy({.kind = BatchPolicyKind::kDelay, .max_batch = 4});
  EXPECT_EQ(policy->Decide(QueueOf({1, 1, 1}), NothingSeen(), 0).requests, 3U);
}

TEST(BatchPolicyTest, PreferredSizesAreNotHeld) {
  const auto policy = MakeBatchPolicy(
      {.kind = BatchPolicyKind::kDelay, .max_batch = 8, .delay = Nanoseconds(100), .preferred = {2, 4}});
  EXPECT_EQ(policy->Decide(QueueOf({1}), NothingSeen(), 0).requests, 0U);
  EXPECT_EQ(policy->Decide(QueueOf({1, 1}), NothingSeen(), 0).requests, 2U);
  EXPECT_EQ(policy->Decide(QueueOf({1, 1, 1}), NothingSeen(), 0).requests, 2U);  // the largest that is there
  EXPECT_EQ(policy->Decide(QueueOf({1, 1, 1, 1, 1}), NothingSeen(), 0).requests, 4U);
  EXPECT_EQ(policy->Decide(QueueOf({3}), NothingSeen(), 0).requests,
            0U);  // no front of 2 frames can be cut from it
  EXPECT_EQ(policy->Decide(QueueOf({3}), NothingSeen(), 100).requests, 1U);
}

class AdaptiveTest : public ::testing::Test {
 protected:
  static constexpr int64_t kMs = 1'000'000;
  static std::unique_ptr<BatchPolicy> Policy(int64_t slo_ms) {
    return MakeBatchPolicy(
        {.kind = BatchPolicyKind::kAdaptive, .max_batch = 16, .slo = Nanoseconds(slo_ms * kMs)});
  }
  static RequestQueue Queue(int requests) {
    RequestQueue queue(64);
    for (int i = 0; i < requests; ++i) queue.Push({.id = static_cast<uint64_t>(i)});
    return queue;
  }
  // S(b) = 4 + 2 b ms, without noise.
  void Serve(const BatchDecision& decision) {
    const auto frames = static_cast<int>(decision.requests);
    service_.Observe(frames, (4 + 2 * frames) * kMs);
  }

  ServiceTime service_{16};
};

TEST_F(AdaptiveTest, NeverWaits) {
  const auto policy = Policy(40);
  EXPECT_EQ(policy->Decide(Queue(1), service_, 0).requests, 1U);
}

TEST_F(AdaptiveTest, LearnsTheLargestBatchWhoseTwoServicesFitTheSlo) {
  const auto policy = Policy(40);
  std::vector<size_t> sizes;
  for (int i = 0; i < 20; ++i) {
    const BatchDecision decision = policy->Decide(Queue(16), service_, 0);
    sizes.push_back(decision.requests);
    Serve(decision);
  }
  EXPECT_EQ(sizes.front(), 1U);  // nothing is known yet
  EXPECT_EQ(sizes.back(), 8U);   // 2 * (4 + 2 * 8) = 40
  for (size_t i = 1; i < sizes.size(); ++i) EXPECT_LE(sizes[i], 2 * sizes[i - 1]) << i;
}

TEST_F(AdaptiveTest, ServesSinglyWhereNoSloCanBeKept) {
  const auto policy = Policy(1);
  for (int i = 0; i < 5; ++i) {
    const BatchDecision decision = policy->Decide(Queue(16), service_, 0);
    EXPECT_EQ(decision.requests, 1U);
    Serve(decision);
  }
}

TEST_F(AdaptiveTest, TakesARequestWithMoreFramesThanItWouldJoin) {
  const auto policy = Policy(1);
  RequestQueue queue(8);
  queue.Push({.id = 1, .frames = 12});
  queue.Push({.id = 2});
  EXPECT_EQ(policy->Decide(queue, service_, 0).requests, 1U);
}

}  // namespace
}  // namespace sightline::batching
