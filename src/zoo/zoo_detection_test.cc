// The detectors: sizes and anchors as published, outputs as their DetectionSpec reads them.
#include <onnx/onnx_pb.h>

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/zoo/detection_task.h"
#include "src/zoo/ssd_blocks.h"
#include "src/zoo/yolo_blocks.h"
#include "src/zoo/zoo.h"

namespace sightline::zoo {
namespace {

using testing::ElementsAre;

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const Entry& entry : Entries())
    if (entry.task.task == Task::kDetection) names.push_back(entry.name);
  return names;
}

const DetectionSpec& DetectionOf(const TaskSpec& task) {
  if (!task.detection) throw std::logic_error("the network detects nothing");
  return *task.detection;
}

const DetectionSpec& DetectionOf(const char* name) {
  return DetectionOf(Find(name).value()->task);
}

std::vector<int64_t> DimsAfterBatch(const onnx::ValueInfoProto& info) {
  const auto& shape = info.type().tensor_type().shape();
  EXPECT_FALSE(shape.dim(0).has_dim_value()) << info.name() << " must have an open batch";
  std::vector<int64_t> dims;
  for (int i = 1; i < shape.dim_size(); ++i) dims.push_back(shape.dim(i).dim_value());
  return dims;
}

TEST(ZooDetection, EveryColumnOfScoresHasAName) {
  for (const Entry& entry : Entries()) {
    if (entry.task.task != Task::kDetection) continue;
    EXPECT_EQ(entry.task.labels.size(), static_cast<size_t>(entry.task.classes)) << entry.name;
    EXPECT_EQ(entry.task.labels.at(0), entry.task.has_background_class ? "background" : "person")
        << entry.name;
  }
}

// What reads the boxes of the first, or only, network; null: it is a YOLO.
const SsdSpec* BoxesOf(const DetectionSpec& detection) {
  if (const auto* stages = std::get_if<TwoStageSpec>(&detection.decoder)) return &stages->proposals;
  return std::get_if<SsdSpec>(&detection.decoder);
}

class ZooDetectionTest : public testing::TestWithParam<std::string> {
 protected:
  const TaskSpec& task() const { return Find(GetParam()).value()->task; }
};

TEST_P(ZooDetectionTest, OutputsAreWhatTheDecoderReads) {
  const network::Network network = Build(GetParam()).value();
  const auto& outputs = network.model().graph().output();
  if (const SsdSpec* ssd = BoxesOf(DetectionOf(task()))) {
    ASSERT_GE(outputs.size(), 2);
    EXPECT_EQ(outputs[0].name(), "box_encodings");
    EXPECT_EQ(outputs[1].name(), "class_logits");
    EXPECT_THAT(DimsAfterBatch(outputs[0]), ElementsAre(AnchorCount(ssd->layers), 4));
    const bool proposes = std::holds_alternative<TwoStageSpec>(DetectionOf(task()).decoder);
    const int columns = proposes ? 2 : task().classes;
    EXPECT_THAT(DimsAfterBatch(outputs[1]), ElementsAre(AnchorCount(ssd->layers), columns));
    return;
  }
  const auto& heads = std::get<YoloSpec>(DetectionOf(task()).decoder).heads;
  ASSERT_EQ(static_cast<size_t>(outputs.size()), heads.size());
  for (size_t i = 0; i < heads.size(); ++i) {
    const auto& output = outputs[static_cast<int>(i)];
    const auto channels = static_cast<int64_t>(heads[i].anchors.size()) * (5 + task().classes);
    EXPECT_EQ(output.name(), "map_" + std::to_string(heads[i].rows));
    EXPECT_THAT(DimsAfterBatch(output), ElementsAre(channels, heads[i].rows, heads[i].columns));
  }
}

TEST_P(ZooDetectionTest, IsAsLargeAsPublished) {
  network::NetworkCost cost = Count(GetParam()).value();
  if (const auto second = CountSecondStage(GetParam()); second.ok()) cost.parameters += second->parameters;
  const PublishedFigures& published = task().published;
  EXPECT_FALSE(published.source.empty());
  if (published.parameters > 0) {
    EXPECT_NEAR(static_cast<double>(cost.parameters), published.parameters, 0.01 * published.parameters);
  }
  if (published.macs > 0) {
    EXPECT_NEAR(static_cast<double>(cost.macs), published.macs, 0.02 * published.macs);
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, ZooDetectionTest, testing::ValuesIn(Names()),
                         [](const testing::TestParamInfo<std::string>& named) { return named.param; });

int Anchors(const char* name) {
  const DetectionSpec& detection = DetectionOf(name);
  const SsdSpec* ssd = BoxesOf(detection);
  return ssd != nullptr ? AnchorCount(ssd->layers) : AnchorCount(std::get<YoloSpec>(detection.decoder));
}

// weiliu89/caffe README, tensorflow/models, onnx/models; the others are grids times boxes.
TEST(ZooDetectionTest, AnchorsAreAsManyAsPublished) {
  for (const char* name :
       {"ssd_mobilenet_v1_300", "ssd_mobilenet_v2_300", "ssdlite_mobilenet_v2_300", "ssd_inception_v2_300"})
    EXPECT_EQ(Anchors(name), 1917) << name;
  EXPECT_EQ(Anchors("ssdlite_mobilenet_v2_320"), 2034);
  EXPECT_EQ(Anchors("ssdlite_mobilenet_v3_large_320"), 2034);
  EXPECT_EQ(Anchors("ssd300_vgg16"), 8732);
  EXPECT_EQ(Anchors("ssd512_vgg16"), 24564);
  EXPECT_EQ(Anchors("yolov2_416"), 845);
  EXPECT_EQ(Anchors("yolov2_608"), 1805);
  EXPECT_EQ(Anchors("yolov2_tiny_416"), 845);
  EXPECT_EQ(Anchors("yolov3_320"), 6300);
  EXPECT_EQ(Anchors("yolov3_416"), 10647);
  EXPECT_EQ(Anchors("yolov3_608"), 22743);
  EXPECT_EQ(Anchors("yolov3_tiny_416"), 2535);
}

// torchvision's metadata says 35,641,826 parameters for 91 classes: ours has 10 fewer, each with a filter of
// 3x3 over the map's channels and a bias for every box.
TEST(ZooDetectionTest, Ssd300HasExactlyTheParametersOfTorchvision) {
  constexpr int64_t kBoxes[] = {4, 6, 6, 6, 4, 4};
  constexpr int64_t kChannels[] = {512, 1024, 512, 256, 256, 256};
  int64_t of_ten_classes = 0;
  for (size_t i = 0; i < 6; ++i) of_ten_classes += 10 * kBoxes[i] * (9 * kChannels[i] + 1);
  EXPECT_EQ(Count("ssd300_vgg16").value().parameters + of_ten_classes, 35641826);
}

const SsdSpec& SsdOf(const char* name) {
  return std::get<SsdSpec>(DetectionOf(name).decoder);
}

TEST(ZooDetectionTest, TfOdAnchorsFollowItsGenerator) {
  const SsdSpec& ssd = SsdOf("ssd_mobilenet_v1_300");
  ASSERT_EQ(ssd.layers.size(), 6U);
  EXPECT_EQ(ssd.order, BoxOrder::kYxhw);
  EXPECT_FALSE(ssd.clip_anchors);
  const AnchorLayer& first = ssd.layers[0];
  EXPECT_FLOAT_EQ(first.step_x, 1 / 19.0F);
  ASSERT_EQ(first.shapes.size(), 3U);
  EXPECT_FLOAT_EQ(first.shapes[0].width, 0.1F);
  EXPECT_FLOAT_EQ(first.shapes[1].width, 0.28284271F);
  EXPECT_FLOAT_EQ(first.shapes[1].height, 0.14142136F);
  EXPECT_FLOAT_EQ(first.shapes[2].width, 0.14142136F);
  EXPECT_FLOAT_EQ(ssd.layers[1].shapes[0].width, 0.35F);
  EXPECT_FLOAT_EQ(ssd.layers[1].shapes[5].width, 0.41833001F);   // sqrt(0.35 * 0.5)
  EXPECT_FLOAT_EQ(ssd.layers[5].shapes[5].height, 0.97467943F);  // sqrt(0.95 * 1)
}

TEST(ZooDetectionTest, CaffeAnchorsFollowItsPriorBoxes) {
  const SsdSpec& ssd = SsdOf("ssd300_vgg16");
  EXPECT_EQ(ssd.order, BoxOrder::kXywh);
  EXPECT_FLOAT_EQ(ssd.layers[4].step_y, 100 / 300.0F);
  const AnchorLayer& first = ssd.layers[0];
  ASSERT_EQ(first.shapes.size(), 4U);
  EXPECT_FLOAT_EQ(first.shapes[0].width * 300, 21);
  EXPECT_FLOAT_EQ(first.shapes[1].width * 300, 30.740852F);  // sqrt(21 * 45)
  EXPECT_FLOAT_EQ(first.shapes[2].width * 300, 29.698485F);  // 21 * sqrt(2)
  EXPECT_FLOAT_EQ(first.shapes[3].height * 300, 29.698485F);
  EXPECT_EQ(ssd.layers[1].shapes.size(), 6U);
  EXPECT_FLOAT_EQ(SsdOf("ssd512_vgg16").layers[0].shapes[0].width * 512, 20.48F);
}

TEST(ZooDetectionTest, YoloAnchorsAreInPixels) {
  const auto heads = [](const char* name) { return std::get<YoloSpec>(DetectionOf(name).decoder).heads; };
  EXPECT_FLOAT_EQ(heads("yolov2_608")[0].anchors[4].width, 9.77052F * 32);
  EXPECT_EQ(heads("yolov3_416")[0].rows, 13);
  EXPECT_EQ(heads("yolov3_416")[0].anchors[0].width, 116);
  EXPECT_EQ(heads("yolov3_tiny_416")[1].anchors[0].width, 10);  // mask 0,1,2
}

TEST(ZooDetectionTest, ThresholdsAreThoseOfTheFamily) {
  const auto nms = [](const char* name) { return DetectionOf(name).nms; };
  EXPECT_FLOAT_EQ(nms("ssd_mobilenet_v2_300").score_threshold, 0.3F);
  EXPECT_FLOAT_EQ(nms("ssd_mobilenet_v2_300").iou_threshold, 0.6F);
  EXPECT_EQ(nms("ssd_mobilenet_v2_300").max_total, 100);
  EXPECT_FLOAT_EQ(nms("ssd300_vgg16").score_threshold, 0.01F);
  EXPECT_EQ(nms("ssd300_vgg16").max_candidates_per_class, 400);
  EXPECT_EQ(nms("ssd300_vgg16").max_total, 200);
  EXPECT_FLOAT_EQ(nms("yolov3_416").score_threshold, 0.25F);
  EXPECT_FLOAT_EQ(nms("yolov3_416").iou_threshold, 0.45F);
}

std::vector<std::string> OutputsOf(const network::Network& network) {
  std::vector<std::string> outputs;
  for (const onnx::ValueInfoProto& output : network.model().graph().output())
    outputs.push_back(output.name());
  return outputs;
}

TEST(ZooDetectionTest, FasterRcnnCropsItsFeaturesForASecondNetwork) {
  const network::Network first = Build("faster_rcnn_resnet50").value();
  EXPECT_THAT(OutputsOf(first), ElementsAre("box_encodings", "class_logits", "features"));
  EXPECT_THAT(DimsAfterBatch(first.model().graph().output(2)), ElementsAre(1024, 38, 64));
  EXPECT_EQ(Anchors("faster_rcnn_resnet50"), 29184);
  const network::Network second = BuildSecondStage("faster_rcnn_resnet50").value();
  EXPECT_EQ(second.model().graph().input(0).name(), "crops");
  EXPECT_THAT(DimsAfterBatch(second.model().graph().input(0)), ElementsAre(1024, 14, 14));
  EXPECT_THAT(OutputsOf(second), ElementsAre("box_encodings", "class_logits"));
  EXPECT_THAT(DimsAfterBatch(second.model().graph().output(0)), ElementsAre(360));
  EXPECT_THAT(DimsAfterBatch(second.model().graph().output(1)), ElementsAre(91));
}

TEST(ZooDetectionTest, RfcnEndsInPositionSensitiveMaps) {
  const network::Network network = Build("rfcn_resnet101").value();
  EXPECT_THAT(OutputsOf(network), ElementsAre("box_encodings", "class_logits", "box_map", "class_map"));
  EXPECT_THAT(DimsAfterBatch(network.model().graph().output(2)), ElementsAre(9 * 90 * 4, 38, 38));
  EXPECT_THAT(DimsAfterBatch(network.model().graph().output(3)), ElementsAre(9 * 91, 38, 38));
  EXPECT_EQ(Anchors("rfcn_resnet101"), 17328);
}

TEST(ZooDetectionTest, OnlyCroppingDetectorsHaveASecondNetwork) {
  const auto second = BuildSecondStage("rfcn_resnet101");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message(), "rfcn_resnet101 has no second network");
  EXPECT_FALSE(BuildSecondStage("faster_rcnn").ok());
}

TEST(ZooDetectionTest, ProposalsAndTheirClassesAreWeededOutAsTfOdDoes) {
  const DetectionSpec& detection = DetectionOf("faster_rcnn_resnet50");
  EXPECT_EQ(detection.score_kind, ScoreKind::kSoftmaxLogits);
  EXPECT_FLOAT_EQ(detection.nms.iou_threshold, 0.6F);
  EXPECT_EQ(detection.nms.max_per_class, 100);
  EXPECT_EQ(detection.nms.max_total, 300);
  ASSERT_TRUE(std::holds_alternative<TwoStageSpec>(detection.decoder));
  const auto& stages = std::get<TwoStageSpec>(detection.decoder);
  EXPECT_FLOAT_EQ(stages.proposal_nms.iou_threshold, 0.7F);
  EXPECT_EQ(stages.proposal_nms.max_total, 300);
  EXPECT_EQ(stages.crop, RoiCrop::kBilinear);
  EXPECT_EQ(stages.crop_size, 14);
  const AnchorLayer& anchors = stages.proposals.layers[0];
  EXPECT_EQ(anchors.offset, 0);
  EXPECT_FLOAT_EQ(anchors.shapes[0].height * 600, 64 * 1.41421356F);  // aspect ratio 1/2, scale 1/4 of 256
  EXPECT_FLOAT_EQ(anchors.shapes[0].width * 1024, 64 / 1.41421356F);
  EXPECT_FLOAT_EQ(anchors.shapes[1].height * 600, 128 * 1.41421356F);  // scales fastest
}

}  // namespace
}  // namespace sightline::zoo
