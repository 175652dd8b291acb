// Each way in which a description and a model can be of different opinions is one sentence.
#include "src/postprocess/fit_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace sightline::postprocess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TaskSpec SsdTask() {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 91;
  task.has_background_class = true;
  task.detection.emplace();
  SsdSpec spec;
  spec.layers.push_back({19, 19, 1.0F / 19, 1.0F / 19, std::vector<AnchorShape>(3, {0.1F, 0.1F})});
  spec.layers.push_back({10, 10, 0.1F, 0.1F, std::vector<AnchorShape>(6, {0.1F, 0.1F})});
  task.detection->decoder = spec;
  return task;
}

TaskSpec YoloTask() {
  TaskSpec task = SsdTask();
  task.classes = 80;
  task.has_background_class = false;
  task.detection->decoder = YoloSpec{
      {{13, 13, std::vector<AnchorShape>(3, {10, 10})}, {26, 26, std::vector<AnchorShape>(3, {10, 10})}}};
  return task;
}

std::vector<TensorInfo> SsdOutputs() {
  return {{"boxes", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_BATCH, 1683, 4}},
          {"scores", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_BATCH, 1683, 91}}};
}

std::vector<TensorInfo> YoloOutputs() {
  return {{"coarse", SL_F32, SL_LAYOUT_NCHW, {1, 255, 13, 13}},
          {"fine", SL_F32, SL_LAYOUT_NCHW, {1, 255, 26, 26}}};
}

TEST(FitOutputs, ByOrderOrByName) {
  EXPECT_THAT(FitOutputs(SsdTask(), SsdOutputs()).value(), ElementsAre(0, 1));
  TaskSpec named = SsdTask();
  named.detection->outputs = {"boxes", "scores"};
  auto outputs = SsdOutputs();
  std::swap(outputs[0], outputs[1]);
  EXPECT_THAT(FitOutputs(named, outputs).value(), ElementsAre(1, 0));
  EXPECT_THAT(FitOutputs(YoloTask(), YoloOutputs()).value(), ElementsAre(0, 1));
}

TEST(FitOutputs, TensorFlowsFourDimensionsAndChannelsLastAreFine) {
  auto outputs = SsdOutputs();
  outputs[0].shape = {1, 1683, 1, 4};
  EXPECT_TRUE(FitOutputs(SsdTask(), outputs).ok());
  auto maps = YoloOutputs();
  maps[0] = {"coarse", SL_F32, SL_LAYOUT_NHWC, {1, 13, 13, 255}};
  EXPECT_TRUE(FitOutputs(YoloTask(), maps).ok());
}

struct Case {
  std::function<void(TaskSpec&, std::vector<TensorInfo>&)> spoil;
  std::string sentence;
};

void ExpectMisfits(const std::vector<Case>& cases, const TaskSpec& task,
                   const std::vector<TensorInfo>& outputs) {
  for (const Case& c : cases) {
    TaskSpec spoiled = task;
    std::vector<TensorInfo> infos = outputs;
    c.spoil(spoiled, infos);
    const auto fitted = FitOutputs(spoiled, infos);
    ASSERT_FALSE(fitted.ok()) << c.sentence;
    EXPECT_EQ(fitted.error().kind(), ErrorKind::kInvalidArgument);
    EXPECT_THAT(fitted.error().message(), HasSubstr(c.sentence));
  }
}

TEST(FitOutputs, SsdMisfitsAreNamed) {
  using Infos = std::vector<TensorInfo>;
  ExpectMisfits(
      {{[](TaskSpec&, Infos& o) { o[0].shape[1] = 1682; },
        "output 'boxes' has 1682 anchors and the description 1683 (19x19x3 + 10x10x6)"},
       {[](TaskSpec&, Infos& o) { o[1].shape[1] = 1917; }, "output 'scores' has 1917 anchors"},
       {[](TaskSpec& t, Infos&) { t.classes = 90; },
        "output 'scores' has 91 columns and the description 90 classes, background included"},
       {[](TaskSpec&, Infos& o) { o[0].shape[2] = 7; },
        "output 'boxes' has 7 columns and the description 4 numbers"},
       {[](TaskSpec&, Infos& o) { o[0].shape = {1, 6732}; },
        "output 'boxes' has shape 1x6732; the decoder reads 3 dimensions: batch, 1683 anchors, 4 numbers a "
        "box"},
       {[](TaskSpec&, Infos& o) { o[0].shape = {1, 1683, 2, 2}; }, "output 'boxes' has shape 1x1683x2x2"},
       {[](TaskSpec&, Infos& o) { o[1].type = SL_F16; },
        "output 'scores' is fp16; detections are read from fp32"},
       {[](TaskSpec&, Infos& o) { o.pop_back(); },
        "the decoder reads 2 outputs (boxes, then scores) and the model has 1: 'boxes'"},
       {[](TaskSpec& t, Infos&) { t.detection->outputs = {"boxes", "classes"}; },
        "reads output 'classes', which the model does not have; its outputs are 'boxes', 'scores'"},
       {[](TaskSpec& t, Infos&) { t.detection->outputs = {"boxes"}; },
        "the description names 1 outputs to read and the decoder reads 2"}},
      SsdTask(), SsdOutputs());
}

TEST(FitOutputs, YoloMisfitsAreNamed) {
  using Infos = std::vector<TensorInfo>;
  ExpectMisfits(
      {{[](TaskSpec& t, Infos&) { t.classes = 20; },
        "output 'coarse' has shape 1x255x13x13 and the description makes it 3 anchors of 5 numbers and "
        "20 classes, 75 channels of 13x13"},
       {[](TaskSpec&, Infos& o) { std::swap(o[0], o[1]); }, "output 'fine' has shape 1x255x26x26"},
       {[](TaskSpec&, Infos& o) { o[1].shape = {1, 255, 676}; }, "output 'fine' has shape 1x255x676"},
       {[](TaskSpec&, Infos& o) { o.pop_back(); }, "the decoder reads 2 outputs (one map for each head)"}},
      YoloTask(), YoloOutputs());
}

TEST(FitOutputs, ADescriptionThatContradictsItselfIsNamed) {
  using Infos = std::vector<TensorInfo>;
  ExpectMisfits(
      {{[](TaskSpec& t, Infos&) { t.classes = 0; }, "the description has 0 classes"},
       {[](TaskSpec& t, Infos&) { t.classes = 1; }, "a detector needs 2 or more"},
       {[](TaskSpec& t, Infos&) { t.detection->decoder = SsdSpec{}; }, "the description has no anchors"},
       {[](TaskSpec& t, Infos&) { t.detection->nms.score_threshold = 1; }, "the score threshold is 1"},
       {[](TaskSpec& t, Infos&) { t.detection->nms.score_threshold = -0.5F; }, "the score threshold is -0.5"},
       {[](TaskSpec& t, Infos&) { t.detection->nms.iou_threshold = 0; }, "the IoU threshold is 0"},
       {[](TaskSpec& t, Infos&) { t.detection->nms.iou_threshold = 1.5F; }, "the IoU threshold is 1.5"},
       {[](TaskSpec& t, Infos&) { t.detection->nms.max_total = 0; }, "the last must be at least 1"}},
      SsdTask(), SsdOutputs());
}

}  // namespace
}  // namespace sightline::postprocess
