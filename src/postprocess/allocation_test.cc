// Postprocessing is inside every measurement: no picture, with however many candidates, touches the heap.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/postprocess/detector.h"
#include "src/postprocess/position_sensitive.h"
#include "tests/fakes/count_allocations.h"

namespace sightline::postprocess {
namespace {

void Fill(const Tensor& tensor, float mean, std::mt19937& random) {
  std::normal_distribution<float> normal(mean, 1);
  const TensorView& view = tensor.view();
  for (int64_t i = 0; i < view.shape.elements(); ++i) view.f32()[i] = normal(random);
}

void ExpectNoAllocations(const TaskSpec& task, const std::vector<TensorInfo>& infos) {
  std::vector<Tensor> tensors;
  std::vector<TensorView> views;
  for (const TensorInfo& info : infos) {
    tensors.emplace_back(info.type, info.layout, info.shape);
    views.push_back(tensors.back().view());
  }
  auto detector = Detector::Create(task, infos);
  ASSERT_TRUE(detector.ok()) << detector.error().message();
  std::vector<Detection> detections;
  std::mt19937 random(1);
  int64_t before = 0;
  int32_t candidates = 0;
  for (const float mean : {-9.0F, -3.0F, 0.0F, 3.0F}) {
    for (const Tensor& tensor : tensors) Fill(tensor, mean, random);
    if (mean > -9) before = allocations;
    ASSERT_TRUE(detector->Run(views, {}, detections).ok());
    if (mean > -9) {
      EXPECT_EQ(allocations, before) << mean;
    }
    candidates = std::max(candidates, detector->candidates().value_or(0));
  }
  EXPECT_GT(candidates, 1000);
}

TEST(DetectorAllocation, NoneAfterTheFirstPicture) {
  TaskSpec task;
  task.task = Task::kDetection;
  task.classes = 21;
  task.preprocess.width = task.preprocess.height = 300;
  task.detection.emplace();
  task.detection->nms.score_threshold = 0.3F;
  SsdSpec ssd;
  ssd.layers.push_back({10, 10, 0.1F, 0.1F, {{0.1F, 0.1F}, {0.2F, 0.1F}}});
  task.detection->decoder = ssd;
  const std::vector<TensorInfo> tables = {{"boxes", SL_F32, SL_LAYOUT_PLAIN, {1, 200, 4}},
                                          {"scores", SL_F32, SL_LAYOUT_PLAIN, {1, 200, 21}}};
  ExpectNoAllocations(task, tables);
  task.detection->score_kind = ScoreKind::kSoftmaxLogits;
  task.detection->nms.score_threshold = 0.01F;
  ExpectNoAllocations(task, tables);
  task.detection->decoder = YoloSpec{{{13, 13, {{10, 20}, {50, 60}}}}};
  task.detection->score_kind = ScoreKind::kSigmoidLogits;
  task.detection->nms.score_threshold = 0.3F;
  ExpectNoAllocations(task, {{"map", SL_F32, SL_LAYOUT_NCHW, {1, 52, 13, 13}}});
}

TEST(PoolingAllocation, NoneAfterTheFirstPicture) {
  TwoStageSpec spec;
  spec.bins = 3;
  spec.crop_size = 18;
  std::mt19937 random(1);
  std::uniform_real_distribution<float> side(0, 1);
  for (const SlLayout layout : {SL_LAYOUT_NCHW, SL_LAYOUT_NHWC}) {
    const bool last = layout == SL_LAYOUT_NHWC;
    const Tensor map(SL_F32, layout, last ? Shape{1, 12, 14, 45} : Shape{1, 45, 12, 14});
    Fill(map, 0, random);
    auto pool =
        PositionSensitivePool::Create(spec, {"map", SL_F32, layout, map.view().shape}, 5, "5 numbers");
    ASSERT_TRUE(pool.ok()) << pool.error().message();
    std::vector<Detection> boxes(300);
    std::vector<float> pooled(boxes.size() * 5);
    for (Detection& detection : boxes) {
      detection.box = {side(random) / 2, side(random) / 2, (1 + side(random)) / 2, (1 + side(random)) / 2};
    }
    pool->Run(map.view(), {boxes.data(), 1}, pooled.data());
    const int64_t before = allocations;
    pool->Run(map.view(), boxes, pooled.data());
    EXPECT_EQ(allocations, before) << LayoutName(layout);
  }
}

}  // namespace
}  // namespace sightline::postprocess
