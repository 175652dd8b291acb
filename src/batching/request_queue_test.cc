#include "src/batching/request_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sightline::batching {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint64_t> Ids(const std::vector<Waiting>& requests) {
  std::vector<uint64_t> ids;
  for (const Waiting& waiting : requests) ids.push_back(waiting.id);
  return ids;
}

std::vector<uint64_t> TakeAll(RequestQueue& queue) {
  std::vector<Waiting> taken;
  queue.Take(queue.size(), taken);
  return Ids(taken);
}

TEST(RequestQueueTest, ServesFirstComeFirstServed) {
  RequestQueue queue(8);
  for (uint64_t id : {7, 3, 9}) queue.Push({.id = id});
  EXPECT_THAT(TakeAll(queue), ElementsAre(7, 3, 9));
  EXPECT_TRUE(queue.empty());
}

TEST(RequestQueueTest, ALowerPriorityNumberGoesFirst) {
  RequestQueue queue(8);
  queue.Push({.id = 1, .frames = 2, .priority = 2});
  queue.Push({.id = 2, .frames = 3, .priority = 1});
  queue.Push({.id = 3, .frames = 4, .priority = 2});
  EXPECT_EQ(queue.frames(), 9);
  EXPECT_EQ(queue.FramesBefore(0), 0);
  EXPECT_EQ(queue.FramesBefore(1), 3);
  EXPECT_EQ(queue.FramesBefore(2), 9);
  EXPECT_THAT(TakeAll(queue), ElementsAre(2, 1, 3));
  EXPECT_EQ(queue.frames(), 0);
}

TEST(RequestQueueTest, KnowsTheOldestArrivalWhateverItsPriority) {
  RequestQueue queue(8);
  EXPECT_EQ(queue.oldest_arrival_ns(), kNever);
  queue.Push({.id = 1, .priority = 5, .arrived_ns = 10});
  queue.Push({.id = 2, .priority = 1, .arrived_ns = 20});
  std::vector<Waiting> taken;
  queue.Take(1, taken);
  EXPECT_THAT(Ids(taken), ElementsAre(2));
  EXPECT_EQ(queue.oldest_arrival_ns(), 10);
}

TEST(RequestQueueTest, TakesOutWhatHasExpiredInTheOrderOfDeadlines) {
  RequestQueue queue(8);
  queue.Push({.id = 1, .deadline_ns = 300});
  queue.Push({.id = 2});
  queue.Push({.id = 3, .deadline_ns = 100});
  queue.Push({.id = 4, .deadline_ns = 200});
  EXPECT_EQ(queue.next_deadline_ns(), 100);
  std::vector<Waiting> expired;
  queue.TakeExpired(99, expired);
  EXPECT_THAT(expired, IsEmpty());
  queue.TakeExpired(200, expired);  // a deadline that is now has passed
  EXPECT_THAT(Ids(expired), ElementsAre(3, 4));
  EXPECT_EQ(queue.next_deadline_ns(), 300);
  EXPECT_THAT(TakeAll(queue), ElementsAre(1, 2));
  EXPECT_EQ(queue.next_deadline_ns(), kNever);
}

TEST(RequestQueueTest, ARequestWhoseClientIsGoneLeaves) {
  RequestQueue queue(2);
  queue.Push({.id = 1, .deadline_ns = 5});
  queue.Push({.id = 2});
  EXPECT_TRUE(queue.full());
  EXPECT_TRUE(queue.Remove(1));
  EXPECT_FALSE(queue.Remove(1));
  EXPECT_FALSE(queue.full());
  EXPECT_EQ(queue.next_deadline_ns(), kNever);
  EXPECT_THAT(TakeAll(queue), ElementsAre(2));
}

TEST(RequestQueueTest, HoldsOnlyWhatIsNotHeldYet) {
  RequestQueue queue(8);
  queue.Push({.id = 1});
  queue.Hold(10);
  queue.Push({.id = 2});
  queue.Hold(20);
  std::vector<Waiting> taken;
  queue.Take(2, taken);
  EXPECT_EQ(taken[0].held_ns, 10);
  EXPECT_EQ(taken[1].held_ns, 20);
}

}  // namespace
}  // namespace sightline::batching
