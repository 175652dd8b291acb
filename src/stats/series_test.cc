#include "src/stats/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sightline::stats {
namespace {

using testing::ElementsAre;

TEST(GroupMeans, LeaveOutWhatFillsNoGroup) {
  EXPECT_THAT(GroupMeans(std::vector<double>{1, 3, 5, 9, 100}, 2), ElementsAre(2, 7));
  EXPECT_THAT(GroupMeans(std::vector<double>{1}, 2), ElementsAre());
}

TEST(GroupLength, LeavesNoMoreThanAskedFor) {
  EXPECT_EQ(GroupLength(0, 4), 1U);
  EXPECT_EQ(GroupLength(4, 4), 1U);
  EXPECT_EQ(GroupLength(5, 4), 2U);
  EXPECT_EQ(GroupLength(8, 4), 2U);
  EXPECT_EQ(GroupLength(9, 4), 3U);
}

TEST(MedianOf, IsTheMiddle) {
  EXPECT_EQ(MedianOf({5}), 5);
  EXPECT_EQ(MedianOf({9, 1, 5}), 5);
  EXPECT_EQ(MedianOf({9, 1, 6, 4}), 5);
}

// Through 1 2 6 goes the line 0.5 + 2.5 i.
TEST(Detrended, TakesTheLineOfLeastSquaresAway) {
  EXPECT_THAT(Detrended(std::vector<double>{1, 2, 6}),
              ElementsAre(testing::DoubleEq(0.5), testing::DoubleEq(-1), testing::DoubleEq(0.5)));
  EXPECT_THAT(Detrended(std::vector<double>{7}), ElementsAre(0));
  EXPECT_THAT(Detrended(std::vector<double>{}), ElementsAre());
}

}  // namespace
}  // namespace sightline::stats
