#include "src/cli/thresholds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace sightline::cli {
namespace {

using ::testing::HasSubstr;

TEST(Thresholds, ReplaceWhatIsPublished) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.detection.emplace();
  task.detection->nms = {
      .score_threshold = 1e-8F, .iou_threshold = 0.6F, .max_per_class = 100, .max_total = 100};
  const NmsSpec published = task.detection->nms;
  ASSERT_TRUE(ApplyThresholds({}, task).ok());
  EXPECT_EQ(task.detection->nms.score_threshold, published.score_threshold);
  ASSERT_TRUE(ApplyThresholds({.score_threshold = 0.3, .max_detections = 7}, task).ok());
  EXPECT_EQ(task.detection->nms.score_threshold, 0.3F);
  EXPECT_EQ(task.detection->nms.iou_threshold, 0.6F);
  EXPECT_EQ(task.detection->nms.max_total, 7);
  ASSERT_TRUE(ApplyThresholds({.iou_threshold = 0.45}, task).ok());
  EXPECT_EQ(task.detection->nms.iou_threshold, 0.45F);
}

TEST(Thresholds, AreForDetectionAlone) {
  TaskSpec task;
  EXPECT_TRUE(ApplyThresholds({}, task).ok());
  const Status refused = ApplyThresholds({.model = "alexnet", .max_detections = 7}, task);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "--max-detections is for detection networks, and alexnet is for classification; leave it out");
}

TEST(Thresholds, OfSuppressionAreNotForBoxesThatTheModelSuppressed) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.detection.emplace();
  task.detection->decoder = FinishedBoxesSpec{};
  EXPECT_EQ(ApplyThresholds({.model = "od.yaml", .iou_threshold = 0.5}, task).error().message(),
            "--iou-threshold is for boxes that are suppressed here, and od.yaml has suppressed its own; "
            "leave it out");
  ASSERT_TRUE(ApplyThresholds({.score_threshold = 0.4, .max_detections = 7}, task).ok());
  EXPECT_EQ(task.detection->nms.score_threshold, 0.4F);
  EXPECT_EQ(task.detection->nms.max_total, 7);
}

TEST(Thresholds, ThatMeanNothingAreRefused) {
  EXPECT_TRUE(CheckThresholds({}).ok());
  EXPECT_TRUE(CheckThresholds({.score_threshold = 0, .iou_threshold = 1, .max_detections = 1}).ok());
  for (const double bad : {-0.1, 1.0, std::nan("")}) {
    EXPECT_THAT(CheckThresholds({.score_threshold = bad}).error().message(),
                HasSubstr("it must be from 0 to below 1"));
  }
  for (const double bad : {0.0, 1.1, std::nan("")}) {
    EXPECT_THAT(CheckThresholds({.iou_threshold = bad}).error().message(),
                HasSubstr("it must be above 0 and at most 1"));
  }
  EXPECT_THAT(CheckThresholds({.max_detections = 0}).error().message(), HasSubstr("--max-detections is 0"));
  for (const int bad : {0, 2001}) {
    EXPECT_THAT(CheckThresholds({.proposals = bad}).error().message(),
                HasSubstr("it must be from 1 to 2000"));
  }
}

TEST(Thresholds, ProposalsAreOfTwoStagesAlone) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.detection.emplace();
  EXPECT_EQ(ApplyThresholds({.model = "yolo", .proposals = 9}, task).error().message(),
            "--proposals is for detectors of two stages, and yolo has one; leave it out");
  task.detection->decoder = TwoStageSpec();
  ASSERT_TRUE(ApplyThresholds({.proposals = 9}, task).ok());
  EXPECT_EQ(std::get<TwoStageSpec>(task.detection->decoder).proposal_nms.max_total, 9);
}

}  // namespace
}  // namespace sightline::cli
