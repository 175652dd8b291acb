#include "src/postprocess/two_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace sightline::postprocess {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Two anchors, the left and the right half of the input; three proposals; two classes of objects.
TaskSpec TwoStageTask() {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 3;
  task.has_background_class = true;
  TwoStageSpec stages;
  stages.proposals.layers = {{1, 2, 1, 0.5F, {{0.5F, 1}}}};
  stages.proposal_nms = {.score_threshold = 0, .iou_threshold = 0.7F, .max_per_class = 3, .max_total = 3};
  stages.crop_size = 2;
  DetectionSpec detection;
  detection.decoder = stages;
  detection.score_kind = ScoreKind::kSoftmaxLogits;
  detection.nms = {.score_threshold = 0.3F, .iou_threshold = 0.6F};
  task.detection = detection;
  return task;
}

TensorInfo Info(const std::string& name, const Shape& shape) {
  return {name, SL_F32, SL_LAYOUT_PLAIN, shape};
}

std::vector<TensorInfo> FirstOutputs() {
  return {Info("boxes", {-1, 2, 4}), Info("objectness", {-1, 2, 2}), Info("features", {-1, 4, 5, 6})};
}

std::vector<TensorInfo> SecondOutputs() {
  return {Info("refined", {-1, 8}), Info("scores", {-1, 3})};
}

TensorView View(std::vector<float>& values, const Shape& shape) {
  return {values.data(), SL_F32, SL_LAYOUT_PLAIN, shape};
}

TEST(Proposer, GivesTheBestBoxesFirst) {
  auto proposer = Proposer::Create(TwoStageTask(), FirstOutputs());
  ASSERT_TRUE(proposer.ok()) << proposer.error().message();
  // The right half is surer to be something, and moves up by half its height.
  std::vector<float> boxes = {0, 0, 0, 0, -5, 0, 0, 0};
  std::vector<float> objectness = {0, 1, 0, 2};
  std::vector<float> features(120);
  const TensorView outputs[] = {View(boxes, {1, 2, 4}), View(objectness, {1, 2, 2}),
                                View(features, {1, 4, 5, 6})};
  std::vector<Detection> proposals;
  ASSERT_TRUE(proposer->Run(outputs, proposals).ok());
  ASSERT_THAT(proposals, SizeIs(2));
  EXPECT_EQ(proposals[0].box, (Box{0.5F, 0, 1, 0.5F})) << "cut to the input";
  EXPECT_EQ(proposals[1].box, (Box{0, 0, 0.5F, 1}));
  EXPECT_NEAR(proposals[0].score, 1 / (1 + std::exp(-2)), 1e-6);
}

TEST(Refiner, MovesEachProposalForEachClass) {
  auto refiner = Refiner::Create(TwoStageTask(), SecondOutputs());
  ASSERT_TRUE(refiner.ok()) << refiner.error().message();
  const Detection proposals[] = {{{0, 0, 0.5F, 1}, 1, 0.9F}, {{0.5F, 0, 1, 1}, 1, 0.8F}};
  std::vector<float> boxes(3 * 8);
  boxes[0 * 8 + 4 + 1] = 10;  // proposal 0, class 2: right by its own width
  std::vector<float> scores = {0, -9, 3, 5, 0, 0, 0, 9, 9};
  const TensorView outputs[] = {View(boxes, {3, 8}), View(scores, {3, 3})};
  std::vector<Detection> detections;
  ASSERT_TRUE(refiner->Run(outputs, proposals, {}, detections).ok());
  ASSERT_THAT(detections, SizeIs(1)) << "proposal 1 is background, and row 2 is no proposal";
  EXPECT_EQ(detections[0].class_index, 2);
  EXPECT_EQ(detections[0].box, (Box{0.5F, 0, 1, 1}));
  EXPECT_NEAR(detections[0].score, std::exp(3) / (1 + std::exp(-9) + std::exp(3)), 1e-6);
  EXPECT_EQ(refiner->candidates(), 1);
}

TEST(Refiner, SuppressesWithinAClassOnly) {
  auto refiner = Refiner::Create(TwoStageTask(), SecondOutputs());
  ASSERT_TRUE(refiner.ok());
  const Detection proposals[] = {{{0, 0, 1, 1}, 1, 0.9F}, {{0, 0, 1, 0.9F}, 1, 0.8F}};
  std::vector<float> boxes(3 * 8);
  std::vector<float> scores = {-9, 1, 1, -9, 0.9F, 1, 0, 0, 0};
  const TensorView outputs[] = {View(boxes, {3, 8}), View(scores, {3, 3})};
  std::vector<Detection> detections;
  ASSERT_TRUE(refiner->Run(outputs, proposals, {}, detections).ok());
  EXPECT_EQ(refiner->candidates(), 4);
  EXPECT_THAT(detections, SizeIs(2)) << "one of each class";
}

TEST(Refiner, FindsNothingInNoProposals) {
  auto refiner = Refiner::Create(TwoStageTask(), SecondOutputs());
  ASSERT_TRUE(refiner.ok());
  std::vector<float> boxes(3 * 8, std::numeric_limits<float>::quiet_NaN());
  std::vector<float> scores(9, 1);
  const TensorView outputs[] = {View(boxes, {3, 8}), View(scores, {3, 3})};
  std::vector<Detection> detections(1);
  EXPECT_TRUE(refiner->Run(outputs, {}, {}, detections).ok());
  EXPECT_THAT(detections, IsEmpty());
}

TEST(Refiner, NamesValuesThatAreNoNumbers) {
  auto refiner = Refiner::Create(TwoStageTask(), SecondOutputs());
  ASSERT_TRUE(refiner.ok());
  const Detection proposals[] = {{{0, 0, 1, 1}, 1, 1}, {{0, 0, 1, 1}, 1, 1}};
  std::vector<float> boxes(3 * 8);
  std::vector<float> scores(9);
  const TensorView outputs[] = {View(boxes, {3, 8}), View(scores, {3, 3})};
  std::vector<Detection> detections;
  scores[4] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(refiner->Run(outputs, proposals, {}, detections).error().message(),
              HasSubstr("the scores of proposal 1, column 1"));
  scores[4] = 0;
  boxes[9] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refiner->Run(outputs, proposals, {}, detections).error().message(),
              HasSubstr("the boxes of proposal 1, column 1"));
}

TEST(TwoStages, SayWhatDoesNotFit) {
  const auto first = [](std::vector<TensorInfo> outputs) {
    const auto made = Proposer::Create(TwoStageTask(), outputs);
    return made.ok() ? "no error" : made.error().message();
  };
  EXPECT_THAT(first({}),
              HasSubstr("a first stage has 3 outputs (boxes, objectness, features), and the model has 0"));
  auto outputs = FirstOutputs();
  outputs[2].shape = {-1, 4};
  EXPECT_THAT(first(outputs),
              HasSubstr("output 'features' has shape ?x4; a first stage's features are fp32 maps"));
  outputs = FirstOutputs();
  outputs[2].layout = SL_LAYOUT_NHWC;
  EXPECT_THAT(first(outputs), HasSubstr("a first stage's features are fp32 maps, [N, C, H, W]"));
  outputs = FirstOutputs();
  outputs[0].shape = {-1, 3, 4};
  EXPECT_THAT(first(outputs), HasSubstr("output 'boxes' has 3 anchors and the description 2"));

  TaskSpec pooling = TwoStageTask();
  std::get<TwoStageSpec>(pooling.detection->decoder).crop = RoiCrop::kPositionSensitive;
  EXPECT_THAT(
      Proposer::Create(pooling, FirstOutputs()).error().message(),
      HasSubstr("a first stage has 4 outputs (boxes, objectness, a map of boxes, a map of scores), and "
                "the model has 3"));

  const auto second = [](std::vector<TensorInfo> tensors, int classes = 3) {
    TaskSpec task = TwoStageTask();
    task.classes = classes;
    const auto made = Refiner::Create(task, tensors);
    return made.ok() ? "no error" : made.error().message();
  };
  EXPECT_THAT(second({}), HasSubstr("a second stage has 2 outputs (boxes, scores), and the model has 0"));
  EXPECT_THAT(
      second(SecondOutputs(), 4),
      HasSubstr("output 'refined' of the second stage has shape ?x8; each row must hold 4 numbers for each "
                "of 3 classes"));
  EXPECT_THAT(second(SecondOutputs(), 1), HasSubstr("the description has 1 classes"));
  outputs = SecondOutputs();
  outputs[1].type = SL_F16;
  EXPECT_THAT(second(outputs), HasSubstr("output 'scores' of the second stage is fp16"));
}

}  // namespace
}  // namespace sightline::postprocess
