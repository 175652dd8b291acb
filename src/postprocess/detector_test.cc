#include "src/postprocess/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "src/postprocess/anchors.h"
#include "src/postprocess/test_naive_detector.h"

namespace sightline::postprocess {
namespace {

using ::testing::HasSubstr;
using testing::NaiveDetection;

// Outputs with their memory, batch dimension 1.
struct Outputs {
  std::vector<TensorInfo> infos;
  std::vector<Tensor> tensors;

  float* Add(const std::string& name, const Shape& shape, Layout layout = SL_LAYOUT_PLAIN) {
    infos.push_back({name, SL_F32, layout, shape});
    tensors.emplace_back(SL_F32, layout, shape);
    return tensors.back().view().f32();
  }
  std::vector<TensorView> views() const {
    std::vector<TensorView> views;
    for (const Tensor& tensor : tensors) views.push_back(tensor.view());
    return views;
  }
};

Detector MustMake(const TaskSpec& task, const Outputs& outputs) {
  auto made = Detector::Create(task, outputs.infos);
  EXPECT_TRUE(made.ok()) << made.error().message();
  return std::move(made).value();
}

std::vector<Detection> MustRun(Detector& detector, const Outputs& outputs, const PictureMap& map = {}) {
  std::vector<Detection> detections;
  const Status status = detector.Run(outputs.views(), map, detections);
  EXPECT_TRUE(status.ok()) << status.error().message();
  return detections;
}

// One cell, two anchors in the middle, four classes of which the first is background.
TaskSpec SmallSsd() {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 4;
  task.has_background_class = true;
  task.detection.emplace();
  SsdSpec spec;
  spec.layers.push_back({1, 1, 1, 1, {{0.2F, 0.4F}, {0.6F, 0.3F}}});
  task.detection->decoder = spec;
  task.detection->nms.score_threshold = 0.25F;
  return task;
}

Outputs SmallSsdOutputs(const std::vector<float>& boxes, const std::vector<float>& scores) {
  Outputs outputs;
  std::copy(boxes.begin(), boxes.end(), outputs.Add("boxes", {1, 2, 4}));
  std::copy(scores.begin(), scores.end(), outputs.Add("scores", {1, 2, 4}));
  return outputs;
}

float LogOdds(double share) {
  return static_cast<float>(std::log(share / (1 - share)));
}

TEST(Detector, SsdByHand) {
  const TaskSpec task = SmallSsd();
  // ty, tx, th, tw. The first anchor moves right by 0.5 of its width, down by 0.25 of its height and doubles
  // its width; the second stays.
  const auto outputs = SmallSsdOutputs({2.5F, 5, 0, 5 * std::log(2.0F), 0, 0, 0, 0},
                                       {LogOdds(0.99), LogOdds(0.2), LogOdds(0.75), LogOdds(0.1),
                                        LogOdds(0.99), LogOdds(0.3), LogOdds(0.2), LogOdds(0.24)});
  Detector detector = MustMake(task, outputs);
  const auto found = MustRun(detector, outputs);
  ASSERT_EQ(found.size(), 2U) << "the background is no class";
  EXPECT_EQ(detector.candidates(), 2);
  EXPECT_EQ(found[0].class_index, 2);
  EXPECT_NEAR(found[0].score, 0.75, 1e-6);
  // Centre (0.5 + 0.1, 0.5 + 0.1), size 0.4 x 0.4.
  EXPECT_NEAR(found[0].box.left, 0.4, 1e-6);
  EXPECT_NEAR(found[0].box.right, 0.8, 1e-6);
  EXPECT_NEAR(found[0].box.top, 0.4, 1e-6);
  EXPECT_NEAR(found[0].box.bottom, 0.8, 1e-6);
  EXPECT_EQ(found[1].class_index, 1);
  EXPECT_NEAR(found[1].score, 0.3, 1e-6);
  EXPECT_NEAR(found[1].box.left, 0.2, 1e-6);
  EXPECT_NEAR(found[1].box.bottom, 0.65, 1e-6);
}

TEST(Detector, CaffesOrderAndSoftmax) {
  TaskSpec task = SmallSsd();
  std::get<SsdSpec>(task.detection->decoder).order = BoxOrder::kXywh;
  task.detection->score_kind = ScoreKind::kSoftmaxLogits;
  // Shares 1/10, 2/10, 3/10, 4/10; then all background.
  const auto outputs = SmallSsdOutputs({5, 2.5F, 5 * std::log(2.0F), 0, 0, 0, 0, 0},
                                       {0, std::log(2.0F), std::log(3.0F), std::log(4.0F), 20, 0, 0, 0});
  Detector detector = MustMake(task, outputs);
  const auto found = MustRun(detector, outputs);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(found[0].score, 0.4, 1e-6);
  EXPECT_EQ(found[0].class_index, 3);
  EXPECT_NEAR(found[1].score, 0.3, 1e-6);
  EXPECT_EQ(found[1].class_index, 2);
  for (const Detection& d : found) {
    EXPECT_NEAR(d.box.left, 0.4, 1e-6);
    EXPECT_NEAR(d.box.bottom, 0.8, 1e-6);
  }
}

TEST(Detector, BoxesAreOfThePictureAndCutToIt) {
  const TaskSpec task = SmallSsd();
  const auto outputs = SmallSsdOutputs({0, 0, 0, 0, 0, 0, 0, 0}, {-9, 9, -9, -9, -9, -9, 8, -9});
  Detector detector = MustMake(task, outputs);
  // As a letterbox of a picture twice as wide as high: it fills the middle half of the input's height.
  const auto found = MustRun(detector, outputs, {.scale_y = 2, .offset_y = -0.5F});
  ASSERT_EQ(found.size(), 2U);
  // From 0.3 to 0.7 of the input's height.
  EXPECT_NEAR(found[0].box.top, 0.1, 1e-6);
  EXPECT_NEAR(found[0].box.bottom, 0.9, 1e-6);
  EXPECT_NEAR(found[0].box.left, 0.4, 1e-6);
  // Shown a part of the picture the boxes do not reach, there is nothing; half in it, a half.
  EXPECT_THAT(MustRun(detector, outputs, {.offset_x = 2}), ::testing::IsEmpty());
  EXPECT_EQ(detector.candidates(), 0);
  EXPECT_EQ(MustRun(detector, outputs, {.offset_x = 0.5F})[0].box.right, 1.0F);
}

// One cell of a 2 x 2 map, one anchor of 50 x 100 pixels of 200 x 200, two classes.
TEST(Detector, YoloByHand) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 2;
  task.preprocess.width = task.preprocess.height = 200;
  task.detection.emplace();
  task.detection->decoder = YoloSpec{{{2, 2, {{50, 100}}}}};
  task.detection->nms.score_threshold = 0.3F;
  Outputs outputs;
  float* const map = outputs.Add("map", {1, 7, 2, 2});
  std::fill(map, map + 28, -20.0F);
  const auto set = [&](int channel, float value) { map[channel * 4 + 1] = value; };  // row 0, column 1
  set(0, 0);
  set(1, LogOdds(0.75));
  set(2, std::log(2.0F));
  set(3, 0);
  set(4, LogOdds(0.8));
  set(5, LogOdds(0.3));
  set(6, LogOdds(0.5));
  Detector detector = MustMake(task, outputs);
  const auto found = MustRun(detector, outputs);
  ASSERT_EQ(found.size(), 1U) << "0.8 * 0.3 is below the threshold";
  EXPECT_EQ(found[0].class_index, 1);
  EXPECT_NEAR(found[0].score, 0.4, 1e-6);
  // Centre ((1 + 0.5) / 2, 0.75 / 2), size 0.5 x 0.5.
  EXPECT_NEAR(found[0].box.left, 0.5, 1e-6);
  EXPECT_NEAR(found[0].box.right, 1.0, 1e-6);
  EXPECT_NEAR(found[0].box.top, 0.125, 1e-6);
  EXPECT_NEAR(found[0].box.bottom, 0.625, 1e-6);
}

TaskSpec RandomTask(ScoreKind kind, bool background) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 11;
  task.has_background_class = background;
  task.preprocess.width = 320;
  task.preprocess.height = 240;
  task.detection.emplace();
  task.detection->score_kind = kind;
  task.detection->nms = {.score_threshold = 0.2F,
                         .iou_threshold = 0.5F,
                         .max_candidates_per_class = 40,
                         .max_per_class = 12,
                         .max_total = 60};
  return task;
}

// Values whose scores all differ, some of them above the threshold. Probabilities where `kind` says so.
std::vector<float> RandomValues(size_t count, ScoreKind kind, std::mt19937& random) {
  std::normal_distribution<float> normal(-1.5F, 1.5F);
  std::vector<float> values(count);
  for (float& value : values) {
    value = normal(random);
    if (kind == ScoreKind::kProbabilities)
      value = static_cast<float>(testing::NaiveSigmoid(static_cast<double>(value)));
  }
  return values;
}

void ExpectSame(const std::vector<Detection>& found, const std::vector<NaiveDetection>& expected,
                const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  EXPECT_GT(found.size(), 5U) << what;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].class_index, expected[i].class_index) << what << ", " << i;
    EXPECT_NEAR(found[i].score, expected[i].score, 2e-6) << what << ", " << i;
    EXPECT_NEAR(found[i].box.left, expected[i].box.left, 1e-5) << what << ", " << i;
    EXPECT_NEAR(found[i].box.top, expected[i].box.top, 1e-5) << what << ", " << i;
    EXPECT_NEAR(found[i].box.right, expected[i].box.right, 1e-5) << what << ", " << i;
    EXPECT_NEAR(found[i].box.bottom, expected[i].box.bottom, 1e-5) << what << ", " << i;
  }
}

constexpr PictureMap kSomeMap{.scale_x = 1.25F, .offset_x = -0.125F, .scale_y = 1, .offset_y = 0};

TEST(Detector, SsdAgreesWithTheDefinition) {
  std::mt19937 random(7);
  for (const ScoreKind kind :
       {ScoreKind::kProbabilities, ScoreKind::kSigmoidLogits, ScoreKind::kSoftmaxLogits}) {
    for (const bool background : {false, true}) {
      for (const BoxOrder order : {BoxOrder::kYxhw, BoxOrder::kXywh}) {
        TaskSpec task = RandomTask(kind, background);
        SsdSpec spec;
        spec.layers.push_back({7, 9, 1.0F / 7, 1.0F / 9, {{0.1F, 0.2F}, {0.2F, 0.15F}, {0.3F, 0.3F}}});
        spec.layers.push_back({3, 4, 0.3F, 0.25F, {{0.5F, 0.4F}, {0.9F, 1.2F}}});
        spec.clip_anchors = background;
        spec.order = order;
        task.detection->decoder = spec;
        const auto anchors = static_cast<size_t>(AnchorCount(spec));
        const auto boxes = RandomValues(anchors * 4, ScoreKind::kSigmoidLogits, random);
        const auto scores = RandomValues(anchors * 11, kind, random);
        Outputs outputs;
        std::copy(boxes.begin(), boxes.end(), outputs.Add("boxes", {1, static_cast<int64_t>(anchors), 4}));
        std::copy(scores.begin(), scores.end(),
                  outputs.Add("scores", {1, static_cast<int64_t>(anchors), 11}));
        Detector detector = MustMake(task, outputs);
        const auto candidates = testing::NaiveSsd(task, boxes, scores, kSomeMap);
        ExpectSame(MustRun(detector, outputs, kSomeMap), testing::NaiveNms(task, candidates),
                   "kind " + std::to_string(static_cast<int>(kind)));
        EXPECT_EQ(detector.candidates(), static_cast<int>(candidates.size()));
      }
    }
  }
}

// The same map with its channels last.
std::vector<float> ChannelsLast(const std::vector<float>& map, size_t cells) {
  std::vector<float> turned(map.size());
  const size_t channels = map.size() / cells;
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < cells; ++i) turned[i * channels + c] = map[c * cells + i];
  }
  return turned;
}

TEST(Detector, YoloAgreesWithTheDefinition) {
  std::mt19937 random(8);
  for (const ScoreKind kind :
       {ScoreKind::kProbabilities, ScoreKind::kSigmoidLogits, ScoreKind::kSoftmaxLogits}) {
    for (const bool last : {false, true}) {
      TaskSpec task = RandomTask(kind, false);
      task.detection->nms.score_threshold = kind == ScoreKind::kSoftmaxLogits ? 0.1F : 0.2F;
      const YoloSpec spec{{{6, 8, {{40, 60}, {90, 50}, {150, 130}}}, {12, 16, {{10, 20}, {30, 30}}}}};
      task.detection->decoder = spec;
      std::vector<std::vector<float>> maps;
      Outputs outputs;
      for (const YoloHead& head : spec.heads) {
        const auto channels = static_cast<int64_t>(head.anchors.size()) * 16;
        const auto cells = static_cast<size_t>(head.rows) * static_cast<size_t>(head.columns);
        maps.push_back(RandomValues(static_cast<size_t>(channels) * cells, kind, random));
        const Shape shape =
            last ? Shape{1, head.rows, head.columns, channels} : Shape{1, channels, head.rows, head.columns};
        const auto values = last ? ChannelsLast(maps.back(), cells) : maps.back();
        std::copy(
            values.begin(), values.end(),
            outputs.Add("map" + std::to_string(maps.size()), shape, last ? SL_LAYOUT_NHWC : SL_LAYOUT_NCHW));
      }
      Detector detector = MustMake(task, outputs);
      const auto candidates = testing::NaiveYolo(task, maps, kSomeMap);
      ExpectSame(MustRun(detector, outputs, kSomeMap), testing::NaiveNms(task, candidates),
                 "kind " + std::to_string(static_cast<int>(kind)) + (last ? ", channels last" : ""));
      EXPECT_EQ(detector.candidates(), static_cast<int>(candidates.size()));
    }
  }
}

TEST(Detector, TheSamePictureTwiceGivesTheSame) {
  TaskSpec task = RandomTask(ScoreKind::kSigmoidLogits, true);
  SsdSpec spec;
  spec.layers.push_back({10, 10, 0.1F, 0.1F, {{0.1F, 0.2F}, {0.2F, 0.15F}}});
  task.detection->decoder = spec;
  std::mt19937 random(9);
  Outputs outputs;
  const auto boxes = RandomValues(800, ScoreKind::kSigmoidLogits, random);
  std::copy(boxes.begin(), boxes.end(), outputs.Add("boxes", {1, 200, 4}));
  float* const scores = outputs.Add("scores", {1, 200, 11});
  std::fill(scores, scores + 2200, 0.5F);  // nothing but ties
  Detector detector = MustMake(task, outputs);
  const auto first = MustRun(detector, outputs);
  EXPECT_EQ(first.size(), 60U);
  EXPECT_EQ(first[0].class_index, 1);
  EXPECT_EQ(MustRun(detector, outputs), first);
}

TEST(Detector, WhatIsNotFiniteIsNamed) {
  const TaskSpec ssd = SmallSsd();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  std::vector<Detection> found;
  for (const auto& [at, sentence] : {std::pair<size_t, const char*>{6, "in the box of anchor 1, column 2"},
                                     {8 + 3, "in the scores of anchor 0, column 3"}}) {
    for (const float bad : {kNan, kInfinite, -kInfinite}) {
      for (const ScoreKind kind :
           {ScoreKind::kProbabilities, ScoreKind::kSigmoidLogits, ScoreKind::kSoftmaxLogits}) {
        TaskSpec task = ssd;
        task.detection->score_kind = kind;
        std::vector<float> values(16, 0.1F);
        values[at] = bad;
        const auto outputs =
            SmallSsdOutputs({values.begin(), values.begin() + 8}, {values.begin() + 8, values.end()});
        Detector detector = MustMake(task, outputs);
        const Status status = detector.Run(outputs.views(), {}, found);
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().kind(), ErrorKind::kInternal);
        EXPECT_THAT(status.error().message(), HasSubstr("not a number or infinite, first "));
        EXPECT_THAT(status.error().message(), HasSubstr(sentence));
      }
    }
  }
}

TEST(Detector, YoloNamesWhatIsNotFiniteWhereItMatters) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 2;
  task.preprocess.width = task.preprocess.height = 64;
  task.detection.emplace();
  task.detection->decoder = YoloSpec{{{2, 2, {{50, 100}}}}};
  task.detection->nms.score_threshold = 0.3F;
  std::vector<Detection> found;
  for (const bool last : {false, true}) {
    for (const ScoreKind kind : {ScoreKind::kSigmoidLogits, ScoreKind::kSoftmaxLogits}) {
      task.detection->score_kind = kind;
      Outputs outputs;
      float* const map = outputs.Add("map", last ? Shape{1, 2, 2, 7} : Shape{1, 7, 2, 2},
                                     last ? SL_LAYOUT_NHWC : SL_LAYOUT_NCHW);
      const auto at = [&](size_t channel, size_t cell) -> float& {
        return map[last ? cell * 7 + channel : channel * 4 + cell];
      };
      std::fill(map, map + 28, 0.0F);
      for (size_t cell = 0; cell < 4; ++cell) at(4, cell) = -9;
      at(4, 3) = 9;
      Detector detector = MustMake(task, outputs);
      const auto run_with = [&](size_t channel, size_t cell, float bad) {
        const float before = at(channel, cell);
        at(channel, cell) = bad;
        const Status status = detector.Run(outputs.views(), {}, found);
        at(channel, cell) = before;
        return status;
      };
      for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity()}) {
        EXPECT_THAT(run_with(4, 1, bad).error().message(),
                    HasSubstr("head 0, anchor 0, row 0, column 1, channel 4"));
        EXPECT_THAT(run_with(2, 3, bad).error().message(),
                    HasSubstr("head 0, anchor 0, row 1, column 1, channel 2"));
        EXPECT_THAT(run_with(6, 3, bad).error().message(),
                    HasSubstr("head 0, anchor 0, row 1, column 1, channel 6"));
        EXPECT_TRUE(run_with(6, 0, bad).ok()) << "of a cell without an object nothing else is read";
      }
    }
  }
}

TEST(Detector, HugeNumbersGiveBoxesThatFillThePicture) {
  const TaskSpec task = SmallSsd();
  const auto outputs = SmallSsdOutputs({0, 0, 3e38F, 3e38F, 0, 0, -3e38F, -3e38F},
                                       {0, 3e38F, -3e38F, -3e38F, 0, 3e38F, -3e38F, -3e38F});
  Detector detector = MustMake(task, outputs);
  const auto found = MustRun(detector, outputs);
  ASSERT_GE(found.size(), 1U);
  EXPECT_EQ(found[0].box, (Box{0, 0, 1, 1}));
  EXPECT_EQ(found[0].score, 1.0F);
}

}  // namespace
}  // namespace sightline::postprocess
