#include "src/postprocess/finished_boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "src/postprocess/detector.h"
#include "src/postprocess/fit_outputs.h"

namespace sightline::postprocess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// TF-OD's numbering: 3 classes from 1 on.
TaskSpec Task() {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 4;
  task.has_background_class = true;
  task.detection.emplace();
  task.detection->decoder = FinishedBoxesSpec{};
  task.detection->nms = {.score_threshold = 0.3F, .max_per_class = 100, .max_total = 100};
  return task;
}

// Five rows of which three are filled; the second and third lie on each other.
struct Outputs {
  std::vector<TensorInfo> infos = {{"boxes", SL_F32, SL_LAYOUT_PLAIN, {1, 5, 4}},
                                   {"classes", SL_F32, SL_LAYOUT_PLAIN, {1, 5}},
                                   {"scores", SL_F32, SL_LAYOUT_PLAIN, {1, 5}},
                                   {"count", SL_F32, SL_LAYOUT_PLAIN, {1}}};
  std::vector<float> boxes = {0.1F, 0.2F, 0.24F, 0.4F, 0.5F, 0.5F, 0.9F, 0.9F, 0.5F, 0.5F,
                              0.9F, 0.9F, 0,     0,    0,    0,    0,    0,    0,    0};
  std::vector<float> classes = {3, 1, 1, 0, 0};
  std::vector<float> scores = {0.6F, 0.9F, 0.4F, 0, 0};
  std::vector<float> count = {3};

  std::vector<TensorView> views() {
    std::vector<TensorView> views;
    float* const data[] = {boxes.data(), classes.data(), scores.data(), count.data()};
    for (size_t i = 0; i < infos.size(); ++i)
      views.push_back({data[i], infos[i].type, infos[i].layout, infos[i].shape});
    return views;
  }
};

Detector MustMake(const TaskSpec& task, const Outputs& outputs) {
  auto made = Detector::Create(task, outputs.infos);
  EXPECT_TRUE(made.ok()) << made.error().message();
  return std::move(made).value();
}

TEST(FinishedBoxes, ComeThroughBestFirstAndOnThePicture) {
  Outputs outputs;
  Detector detector = MustMake(Task(), outputs);
  std::vector<Detection> found;
  // As a letterbox of a picture twice as wide as high: its middle half of the input's height.
  const PictureMap map{.scale_y = 2, .offset_y = -0.5F};
  ASSERT_TRUE(detector.Run(outputs.views(), map, found).ok());
  ASSERT_EQ(found.size(), 2U) << "the first box lies above the picture; nothing is suppressed again";
  EXPECT_EQ(found[0].class_index, 1);
  EXPECT_EQ(found[0].score, 0.9F);
  EXPECT_FLOAT_EQ(found[0].box.left, 0.5F);
  EXPECT_FLOAT_EQ(found[0].box.top, 0.5F);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 1);
  EXPECT_EQ(found[1].score, 0.4F);
  EXPECT_FALSE(detector.candidates().has_value()) << "what the model had before its suppression nobody knows";
  ASSERT_TRUE(detector.Run(outputs.views(), {}, found).ok());
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].class_index, 3);
  EXPECT_FLOAT_EQ(found[1].box.left, 0.2F);
  EXPECT_FLOAT_EQ(found[1].box.top, 0.1F);
}

TEST(FinishedBoxes, ThresholdAndLimitsHold) {
  Outputs outputs;
  TaskSpec task = Task();
  task.detection->nms.score_threshold = 0.6F;
  std::vector<Detection> found;
  ASSERT_TRUE(MustMake(task, outputs).Run(outputs.views(), {}, found).ok());
  EXPECT_EQ(found.size(), 1U) << "above the threshold, not on it";
  task.detection->nms = {.score_threshold = 0, .max_per_class = 1, .max_total = 100};
  ASSERT_TRUE(MustMake(task, outputs).Run(outputs.views(), {}, found).ok());
  EXPECT_EQ(found.size(), 2U) << "one of each class";
  task.detection->nms = {.score_threshold = 0, .max_total = 1};
  ASSERT_TRUE(MustMake(task, outputs).Run(outputs.views(), {}, found).ok());
  EXPECT_EQ(found.size(), 1U);
}

// TFLite_Detection_PostProcess counts classes from 0, and CombinedNonMaxSuppression boxes in whole numbers.
TEST(FinishedBoxes, ClassesFromZeroAndWholeNumbers) {
  Outputs outputs;
  outputs.classes = {2, 0, 0, 0, 0};
  TaskSpec task = Task();
  task.classes = 3;
  task.has_background_class = false;
  std::vector<int32_t> classes = {2, 0, 0, 0, 0};
  std::vector<int64_t> count = {3};
  outputs.infos[1].type = SL_I32;
  outputs.infos[3] = {"count", SL_I64, SL_LAYOUT_PLAIN, {1, 1}};
  auto views = outputs.views();
  views[1].data = classes.data();
  views[3].data = count.data();
  std::vector<Detection> found;
  ASSERT_TRUE(MustMake(task, outputs).Run(views, {}, found).ok());
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].class_index, 0);
  EXPECT_EQ(found[1].class_index, 2);
}

TEST(FinishedBoxes, NothingFoundIsNothing) {
  Outputs outputs;
  outputs.count = {0};
  std::fill(outputs.scores.begin(), outputs.scores.end(), std::numeric_limits<float>::quiet_NaN());
  std::vector<Detection> found;
  ASSERT_TRUE(MustMake(Task(), outputs).Run(outputs.views(), {}, found).ok())
      << "rows that don't count aren't read";
  EXPECT_THAT(found, ::testing::IsEmpty());
}

TEST(FinishedBoxes, WhatCanNotBeIsNamed) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  struct Case {
    std::function<void(Outputs&)> spoil;
    const char* sentence;
    ErrorKind kind = ErrorKind::kInvalidArgument;
  };
  const Case cases[] = {
      {[](Outputs& o) { o.count = {6}; }, "the model says that it found 6 boxes and gives 5"},
      {[](Outputs& o) { o.count = {-1}; },
       "the model says that it found -1 boxes, which is no number of them"},
      {[](Outputs& o) { o.count = {2.5F}; }, "the model says that it found 2.5 boxes"},
      {[](Outputs& o) { o.count = {kNan}; }, "not a number or infinite, first in the number of boxes",
       ErrorKind::kInternal},
      {[](Outputs& o) { o.boxes[6] = kNan; }, "first in box 1, column 2", ErrorKind::kInternal},
      {[](Outputs& o) { o.scores[2] = kNan; }, "first in the score of box 2", ErrorKind::kInternal},
      {[](Outputs& o) { o.classes[0] = kNan; }, "first in the class of box 0", ErrorKind::kInternal},
      {[](Outputs& o) { o.classes[0] = 4; },
       "box 0 is of class 4 and the description has classes 1 to 3, 0 being the background; correct classes, "
       "labels "
       "or background_class"},
      {[](Outputs& o) { o.classes[1] = 0; }, "box 1 is of class 0 and the description has classes 1 to 3"},
      {[](Outputs& o) { o.classes[1] = 1.5F; }, "box 1 is of class 1.5"},
      {[](Outputs& o) { o.scores[0] = 7; }, "box 0 has the score 7, which is no probability"},
      {[](Outputs& o) { o.boxes[3] = 299; },
       "box 0 reaches to 299; boxes are read as fractions of the input's sides, not in pixels"},
  };
  std::vector<Detection> found;
  for (const Case& c : cases) {
    Outputs outputs;
    Detector detector = MustMake(Task(), outputs);
    c.spoil(outputs);
    const Status status = detector.Run(outputs.views(), {}, found);
    ASSERT_FALSE(status.ok()) << c.sentence;
    EXPECT_EQ(status.error().kind(), c.kind) << c.sentence;
    EXPECT_THAT(status.error().message(), HasSubstr(c.sentence));
  }
}

// Where the data decides how many rows there are, a run may give other shapes than there is room for.
TEST(FinishedBoxes, RowsThatDisagreeAreNamed) {
  Outputs outputs;
  Detector detector = MustMake(Task(), outputs);
  auto views = outputs.views();
  views[1].shape = {1, 4};
  std::vector<Detection> found;
  const Status status = detector.Run(views, {}, found);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(
      status.error().message(),
      HasSubstr("the model gave boxes 1x5x4, classes 1x4 and scores 1x5, which are not as many rows"));
}

TEST(FitFinishedBoxes, MisfitsAreNamed) {
  struct Case {
    std::function<void(TaskSpec&, std::vector<TensorInfo>&)> spoil;
    const char* sentence;
  };
  using Infos = std::vector<TensorInfo>;
  const Case cases[] = {
      {[](TaskSpec&, Infos& o) { o.pop_back(); },
       "the decoder reads 4 outputs (boxes, classes, scores, count) and the model has 3: 'boxes', 'classes', "
       "'scores'"},
      {[](TaskSpec& t, Infos&) { t.detection->outputs = {"boxes", "classes", "scores", "number"}; },
       "reads output 'number', which the model does not have"},
      {[](TaskSpec&, Infos& o) { o[0].shape = {1, 20}; },
       "output 'boxes' has shape 1x20; the decoder reads 3 dimensions (batch, boxes, 4 numbers a box)"},
      {[](TaskSpec&, Infos& o) { o[0].shape = {1, 5, 7}; },
       "output 'boxes' has 7 columns and a box has 4 numbers"},
      {[](TaskSpec&, Infos& o) { o[2].shape = {1, 6}; }, "output 'boxes' has 5 boxes and output 'scores' 6"},
      {[](TaskSpec&, Infos& o) { o[3].shape = {1, 5}; },
       "output 'count' has shape 1x5; the decoder reads 1 dimension (batch)"},
      {[](TaskSpec&, Infos& o) { o[0].type = SL_U8; }, "output 'boxes' is uint8; it is read from fp32"},
      {[](TaskSpec&, Infos& o) { o[1].type = SL_F16; },
       "output 'classes' is fp16; it is read from fp32, int32 or int64"},
      {[](TaskSpec& t, Infos&) { t.detection->decoder = FinishedBoxesSpec{.max_boxes = 10}; },
       "output 'boxes' has 5 boxes and the description max_boxes: 10; correct it or take it out"},
      {[](TaskSpec& t, Infos&) { t.classes = 1; },
       "the description has 1 classes; a detector needs 2 or more"},
  };
  for (const Case& c : cases) {
    TaskSpec task = Task();
    Infos infos = Outputs().infos;
    c.spoil(task, infos);
    const auto fitted = FitOutputs(task, infos);
    ASSERT_FALSE(fitted.ok()) << c.sentence;
    EXPECT_EQ(fitted.error().kind(), ErrorKind::kInvalidArgument);
    EXPECT_THAT(fitted.error().message(), HasSubstr(c.sentence));
  }
}

TEST(FitFinishedBoxes, OpenShapesGetRoom) {
  const std::vector<TensorInfo> open = {
      {"count", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_DYNAMIC}},
      {"boxes", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_DYNAMIC, SL_DIM_DYNAMIC, SL_DIM_DYNAMIC}},
      {"classes", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_DYNAMIC, SL_DIM_DYNAMIC}},
      {"scores", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_DYNAMIC, SL_DIM_DYNAMIC}}};
  TaskSpec task = Task();
  task.detection->outputs = {"boxes", "classes", "scores", "count"};
  const auto room = WithRoom(task, open);
  ASSERT_TRUE(room.ok());
  EXPECT_EQ((*room)[0].shape, (Shape{SL_DIM_BATCH}));
  EXPECT_EQ((*room)[1].shape, (Shape{SL_DIM_BATCH, kUsualBoxes, 4}));
  EXPECT_EQ((*room)[2].shape, (Shape{SL_DIM_BATCH, kUsualBoxes}));
  task.detection->decoder = FinishedBoxesSpec{.max_boxes = 7};
  EXPECT_EQ((*WithRoom(task, open))[3].shape, (Shape{SL_DIM_BATCH, 7}));
  auto half_open = open;
  half_open[3].shape[1] = 300;
  task.detection->decoder = FinishedBoxesSpec{};
  EXPECT_EQ((*WithRoom(task, half_open))[1].shape, (Shape{SL_DIM_BATCH, 300, 4})) << "one says it for all";
  EXPECT_THAT(FitOutputs(task, *WithRoom(task, half_open)).value(), ElementsAre(1, 2, 3, 0));
  task.detection->outputs = {"boxes", "classes", "scores", "number"};
  EXPECT_THAT(WithRoom(task, open).error().message(), HasSubstr("reads output 'number'"));
}

}  // namespace
}  // namespace sightline::postprocess
