#include "src/batching/service_time.h"

#include <gtest/gtest.h>

#include "src/base/random.h"

namespace sightline::batching {
namespace {

TEST(ServiceTimeTest, KnowsNothingAtFirst) {
  const ServiceTime service(8);
  EXPECT_FALSE(service.Mean(1).has_value());
  EXPECT_FALSE(service.Upper(8).has_value());
  EXPECT_EQ(service.largest_seen(), 0);
}

TEST(ServiceTimeTest, OneSizeTellsTheOthersInProportion) {
  ServiceTime service(8);
  service.Observe(2, 1000);
  EXPECT_EQ(service.Mean(2), 1000);
  EXPECT_EQ(service.Mean(4), 2000);
  EXPECT_EQ(service.Mean(1), 1000);  // at most as long as the next larger one
}

TEST(ServiceTimeTest, SizesBetweenAndBeyondLieOnTheLine) {
  ServiceTime service(16);
  for (int i = 0; i < 10; ++i) {
    service.Observe(2, 1400);  // 1000 + 200 * b
    service.Observe(4, 1800);
  }
  EXPECT_DOUBLE_EQ(*service.Mean(3), 1600);
  EXPECT_DOUBLE_EQ(*service.Mean(8), 2600);
  EXPECT_DOUBLE_EQ(*service.Upper(8), 2600);  // nothing varies
}

TEST(ServiceTimeTest, TheLineGoesOnNeitherDownNorFasterThanInProportion) {
  ServiceTime down(16);
  down.Observe(1, 1000);
  down.Observe(2, 900);
  EXPECT_DOUBLE_EQ(*down.Mean(4), 900);
  ServiceTime up(16);
  up.Observe(1, 100);
  up.Observe(2, 1000);
  EXPECT_DOUBLE_EQ(*up.Mean(4), 2000);
}

TEST(ServiceTimeTest, FollowsAChange) {
  ServiceTime service(1);
  for (int i = 0; i < 50; ++i) service.Observe(1, 1000);
  for (int i = 0; i < 50; ++i) service.Observe(1, 3000);
  EXPECT_NEAR(*service.Mean(1), 3000, 5);
  EXPECT_NEAR(*service.Upper(1), 3000, 60);
}

TEST(ServiceTimeTest, TheUpperTimeIsSeldomExceeded) {
  ServiceTime service(1);
  SplitMix64 random(1);
  int above = 0;
  constexpr int kRuns = 20000;
  for (int i = 0; i < kRuns; ++i) {
    const auto took = static_cast<int64_t>(1e6 + 5e4 * random.NextGaussian());
    if (i > 100 && static_cast<double>(took) > *service.Upper(1)) ++above;
    service.Observe(1, took);
  }
  // The estimate itself moves about, so it is not the 0.8 % of a deviation that is known.
  EXPECT_LT(above, kRuns / 25);
}

TEST(ServiceTimeTest, ASizeNotSeenForLongIsGuessedAgain) {
  ServiceTime service(4);
  service.Observe(1, 100);
  service.Observe(4, 50000);  // slow once
  EXPECT_EQ(service.Mean(4), 50000);
  for (int i = 0; i < 255; ++i) service.Observe(1, 100);
  EXPECT_EQ(service.largest_seen(), 4);
  service.Observe(1, 100);
  EXPECT_EQ(service.largest_seen(), 1);
  EXPECT_EQ(service.Mean(4), 400);
}

}  // namespace
}  // namespace sightline::batching
