#include "backends/kit/run_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::kit {
namespace {

using ::testing::HasSubstr;

class RunControlTest : public testing::Test {
 protected:
  void Cancel(uint64_t id) {
    control_.Cancel(id, [this] { ++wakes_; });
  }
  RunControl control_;
  int wakes_ = 0;
};

TEST_F(RunControlTest, CancelReachesTheRunInFlight) {
  ASSERT_TRUE(control_.Begin(1).ok());
  EXPECT_FALSE(control_.cancelled());
  Cancel(1);
  EXPECT_TRUE(control_.cancelled());
  EXPECT_EQ(wakes_, 1);
  control_.End();
  ASSERT_TRUE(control_.Begin(2).ok());
  EXPECT_FALSE(control_.cancelled());
}

TEST_F(RunControlTest, CancelBeforeTheRunBeginsIsNotLost) {
  Cancel(3);
  EXPECT_EQ(wakes_, 0);
  ASSERT_TRUE(control_.Begin(2).ok());
  EXPECT_FALSE(control_.cancelled());
  control_.End();
  EXPECT_EQ(control_.Begin(3).code(), SL_CANCELLED);
  ASSERT_TRUE(control_.Begin(4).ok());  // nothing is in flight, and 3 is forgotten
  EXPECT_FALSE(control_.cancelled());
}

TEST_F(RunControlTest, CancelOfARunThatIsOverTouchesNoOther) {
  ASSERT_TRUE(control_.Begin(5).ok());
  control_.End();
  Cancel(5);
  Cancel(0);
  ASSERT_TRUE(control_.Begin(6).ok());
  Cancel(5);
  EXPECT_FALSE(control_.cancelled());
  EXPECT_EQ(wakes_, 0);
}

TEST_F(RunControlTest, OneRunAtATimeUnderIdsThatGrow) {
  ASSERT_TRUE(control_.Begin(7).ok());
  EXPECT_THAT(std::string(control_.Begin(8).message()),
              HasSubstr("run 7 of this instance is still in flight"));
  control_.End();
  EXPECT_THAT(std::string(control_.Begin(7).message()), HasSubstr("run_id is 7; it must be larger"));
  EXPECT_TRUE(control_.Begin(8).ok());
}

}  // namespace
}  // namespace sightline::kit
