#include "src/study/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace sightline::study {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

TEST(OrderReplicates, EachRoundHasEveryTrialOnce) {
  const auto order = OrderReplicates(7, 4, RunOrder::kInterleaved, 1);
  ASSERT_EQ(order.size(), 28);
  std::set<std::vector<int>> rounds;
  for (size_t round = 0; round < 4; ++round) {
    std::vector<int> trials;
    for (size_t i = 0; i < 7; ++i) {
      EXPECT_EQ(order[round * 7 + i].number, static_cast<int>(round));
      trials.push_back(order[round * 7 + i].trial);
    }
    rounds.insert(trials);
    EXPECT_EQ(std::set<int>(trials.begin(), trials.end()).size(), 7);
  }
  EXPECT_EQ(rounds.size(), 4) << "every round has an order of its own";
}

TEST(OrderReplicates, DependsOnTheSeedAlone) {
  const auto order = OrderReplicates(5, 1, RunOrder::kInterleaved, 1);
  std::vector<int> trials;
  for (const PlannedReplicate& replicate : order) trials.push_back(replicate.trial);
  // Pinned: the same on every machine and standard library.
  EXPECT_THAT(trials, ElementsAre(0, 4, 1, 2, 3));
  EXPECT_EQ(order, OrderReplicates(5, 1, RunOrder::kInterleaved, 1));
  EXPECT_NE(order, OrderReplicates(5, 1, RunOrder::kInterleaved, 2));
}

TEST(OrderReplicates, AllOrdersAreAboutEquallyLikely) {
  std::map<std::vector<int>, int> seen;
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    std::vector<int> trials;
    for (const auto& replicate : OrderReplicates(3, 1, RunOrder::kInterleaved, seed))
      trials.push_back(replicate.trial);
    ++seen[trials];
  }
  ASSERT_EQ(seen.size(), 6);
  // 1000 each; the standard deviation is sqrt(6000 * 1/6 * 5/6) = 29.
  for (const auto& [trials, times] : seen) EXPECT_NEAR(times, 1000, 5 * 29);
}

TEST(OrderReplicates, AsWrittenIsTrialByTrial) {
  EXPECT_THAT(OrderReplicates(2, 2, RunOrder::kAsWritten, 1),
              ElementsAre(PlannedReplicate{0, 0}, PlannedReplicate{0, 1}, PlannedReplicate{1, 0},
                          PlannedReplicate{1, 1}));
}

TEST(OrderPairs, PutsTheTwoOfAPairSideBySideAndEachFirstHalfTheTime) {
  constexpr int kPairs = 3;
  constexpr int kRounds = 7;
  const auto order = OrderPairs(kPairs, kRounds, 1);
  ASSERT_EQ(order.size(), 2 * kPairs * kRounds);
  std::map<int, int> first;
  for (size_t i = 0; i < order.size(); i += 2) {
    EXPECT_EQ(order[i].number, static_cast<int>(i / (2 * kPairs)));
    EXPECT_EQ(order[i + 1].number, order[i].number);
    EXPECT_EQ(order[i].trial / 2, order[i + 1].trial / 2);
    EXPECT_NE(order[i].trial, order[i + 1].trial);
    ++first[order[i].trial];
  }
  for (int trial = 0; trial < 2 * kPairs; ++trial) {
    EXPECT_GE(first[trial], kRounds / 2);
    EXPECT_LE(first[trial], kRounds / 2 + 1);
  }
  EXPECT_EQ(order, OrderPairs(kPairs, kRounds, 1));
  EXPECT_NE(order, OrderPairs(kPairs, kRounds, 2));
}

// Of 3 rounds: which side is first in two of them, and in which not: 6 ways, 1000 each; 5 standard
// deviations.
TEST(OrderPairs, AllBalancedOrdersAreAboutEquallyLikely) {
  std::map<std::vector<int>, int> seen;
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    std::vector<int> first;
    const auto order = OrderPairs(1, 3, seed);
    for (size_t i = 0; i < order.size(); i += 2) first.push_back(order[i].trial);
    ++seen[first];
  }
  ASSERT_EQ(seen.size(), 6);
  for (const auto& [first, times] : seen) EXPECT_NEAR(times, 1000, 5 * 29);
}

TEST(LaunchTimes, GuessThenOfAllThenOfTheTrialItself) {
  Plan plan;
  plan.settings = {{"duration", "20s"}, {"warm_up", "2s"}};
  LaunchTimes times(plan, 3);
  EXPECT_EQ(times.Of(0), kStartUpGuess + seconds(22));
  times.Add({.trial = 0, .wall = seconds(10)});
  times.Add({.trial = 0, .wall = seconds(12)});
  times.Add({.trial = 1, .wall = seconds(32)});
  EXPECT_EQ(times.Of(0), seconds(11));
  EXPECT_EQ(times.Of(1), seconds(32));
  EXPECT_EQ(times.Of(2), seconds(18)) << "the mean of all three";
  EXPECT_EQ(times.Sum({{0, 3}, {1, 1}, {2, 0}}), seconds(11 + 32 + 18));
}

TEST(EstimateTime, FewestAndMostLaunches) {
  Plan plan;
  plan.replicates.min = 2;
  plan.replicates.max = 5;
  const Nanoseconds one = kStartUpGuess + seconds(1 + 10);
  EXPECT_EQ(EstimateTime(plan, 10).at_least, one * 20);
  EXPECT_EQ(EstimateTime(plan, 10).at_most, one * 50);
  plan.limits.total = seconds(300);
  EXPECT_EQ(EstimateTime(plan, 10).at_least, one * 20);
  EXPECT_EQ(EstimateTime(plan, 10).at_most, seconds(300) + one);
  EXPECT_GT(EstimateTime(plan, 100'000).at_least, Nanoseconds(0));
}

}  // namespace
}  // namespace sightline::study
