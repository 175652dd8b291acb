#include "src/postprocess/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::postprocess {
namespace {

TEST(DescribeDetector, SaysWhatDecides) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 91;
  task.has_background_class = true;
  task.detection.emplace();
  SsdSpec ssd;
  ssd.layers.push_back({19, 19, 1, 1, std::vector<AnchorShape>(3)});
  task.detection->decoder = ssd;
  task.detection->nms = {.score_threshold = 1e-8F, .iou_threshold = 0.6F};
  EXPECT_EQ(DescribeDetector(task),
            "SSD, 1083 anchors, 91 classes (0 is background), sigmoid; score above 1e-08, NMS for each class "
            "at IoU "
            "0.6, 100 boxes a class, 100 in all");
  task.has_background_class = false;
  task.classes = 80;
  task.detection->decoder = YoloSpec{{{13, 13, std::vector<AnchorShape>(5)}}};
  task.detection->score_kind = ScoreKind::kSoftmaxLogits;
  task.detection->nms = {.score_threshold = 0.01F,
                         .iou_threshold = 0.45F,
                         .max_candidates_per_class = 400,
                         .max_per_class = 0,
                         .max_total = 200};
  EXPECT_EQ(DescribeDetector(task),
            "YOLO, 845 anchors, 80 classes, softmax; score above 0.01, NMS for each class at IoU 0.45, the "
            "best 400 "
            "candidates a class, 200 in all");
  task.detection->decoder = FinishedBoxesSpec{};
  task.detection->nms = {.score_threshold = 0.3F, .max_per_class = 0};
  EXPECT_EQ(DescribeDetector(task),
            "finished boxes, 80 classes; score above 0.3, NMS in the model, 100 in all");
}

TEST(DescribeDetector, SaysHowProposalsAreLookedAt) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 91;
  task.has_background_class = true;
  task.detection.emplace();
  TwoStageSpec stages;
  stages.proposals.layers.push_back({38, 38, 1, 1, std::vector<AnchorShape>(12)});
  stages.proposal_nms.max_total = 300;
  task.detection->decoder = stages;
  EXPECT_THAT(DescribeDetector(task),
              testing::StartsWith("two stages, 17328 anchors, 300 proposals cropped to 14x14, 91 classes"));
  stages.crop = RoiCrop::kPositionSensitive;
  stages.bins = 3;
  stages.crop_size = 18;
  task.detection->decoder = stages;
  EXPECT_THAT(DescribeDetector(task),
              testing::HasSubstr("300 proposals pooled in 3x3 bins at 18x18 points, "));
}

}  // namespace
}  // namespace sightline::postprocess
