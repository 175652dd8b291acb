#include "src/flow/study.h"

#include <gtest/gtest.h>

namespace sightline {
namespace {

TEST(ReplicateStatus, GoesByItsName) {
  EXPECT_EQ(ReplicateStatusName(ReplicateStatus::kPlanned), "planned");
  EXPECT_EQ(ReplicateStatusName(ReplicateStatus::kAbandoned), "abandoned");
  for (int i = 0; i <= static_cast<int>(ReplicateStatus::kAbandoned); ++i) {
    const auto status = static_cast<ReplicateStatus>(i);
    EXPECT_EQ(ReplicateStatusFromName(ReplicateStatusName(status)), status);
  }
  EXPECT_FALSE(ReplicateStatusFromName("finished").has_value());
}

TEST(ReplicateStatus, IsFinishedOnceNothingMoreCanCome) {
  EXPECT_FALSE(IsFinished(ReplicateStatus::kPlanned));
  EXPECT_FALSE(IsFinished(ReplicateStatus::kRunning));
  EXPECT_TRUE(IsFinished(ReplicateStatus::kDone));
  EXPECT_TRUE(IsFinished(ReplicateStatus::kFailed));
  EXPECT_TRUE(IsFinished(ReplicateStatus::kAbandoned));
}

TEST(FailureReason, GoesByItsName) {
  EXPECT_EQ(FailureReasonName(FailureReason::kCrashed), "crashed");
  EXPECT_EQ(FailureReasonName(FailureReason::kNotStarted), "not_started");
  for (int i = 0; i <= static_cast<int>(FailureReason::kNotStarted); ++i) {
    const auto reason = static_cast<FailureReason>(i);
    EXPECT_EQ(FailureReasonFromName(FailureReasonName(reason)), reason);
  }
  EXPECT_FALSE(FailureReasonFromName("").has_value());
}

TEST(FactorText, IsOneLine) {
  EXPECT_EQ(FactorText({}), "");
  EXPECT_EQ(FactorText({{"model", "resnet50_v1"}, {"batch", "4"}}), "model=resnet50_v1 batch=4");
}

}  // namespace
}  // namespace sightline
