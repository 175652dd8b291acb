// Two-stage detectors as TF-OD trains them on COCO: Faster R-CNN (Ren et al., 2015) on ResNet-50 and R-FCN
// (Dai et al., 2016) on ResNet-101
// (research/object_detection/samples/configs/faster_rcnn_resnet50_coco.config and
// rfcn_resnet101_coco.config). Their inputs keep the picture's aspect there, 600 pixels the shorter side and
// at most 1024 the longer; here the sizes are fixed and the rest of the input is black, on both sides instead
// of the right and the bottom.
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "src/zoo/backbones.h"
#include "src/zoo/detection_task.h"
#include "src/zoo/families.h"
#include "src/zoo/ssd_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kStride = 16;
constexpr int kProposals = 300;
constexpr int kClasses = kCocoIds - 1;     // without the background
constexpr int kBoxNumbers = 4 * kClasses;  // of one proposal

struct Variant {
  const char* name;
  const char* family;
  const char* description;
  int width;
  int height;
  PublishedFigures published;
};

const Variant kFasterRcnn{
    "faster_rcnn_resnet50",
    "Faster R-CNN",
    "300 proposals, each a crop through a second network",
    1024,
    600,
    {29.162e6,
     0,
     {},
     "parameters, both stages: Open Model Zoo faster_rcnn_resnet50_coco; mAP: tf1_detection_zoo.md",
     30}};
const Variant kRfcn{
    "rfcn_resnet101",
    "R-FCN",
    "300 proposals, each a mean over position-sensitive maps",
    600,
    600,
    {0, 0, {}, "mAP: tf1_detection_zoo.md; no figure for its size was found that fits its layers", 30}};

// Black is what TF-OD pads with.
PreprocessSpec Preprocess(const Variant& v) {
  PreprocessSpec spec;
  spec.width = v.width;
  spec.height = v.height;
  spec.resize = ResizeMode::kLetterbox;
  spec.kernel = ResizeKernel::kBilinearTf1;
  spec.mean = {123.68F, 116.779F, 103.939F};
  return spec;
}

// grid_anchor_generator: scales of 256 pixels fastest, and no half cell added.
AnchorLayer Anchors(const Variant& v) {
  constexpr double kBase = 256;
  AnchorLayer layer{(v.height + kStride - 1) / kStride,
                    (v.width + kStride - 1) / kStride,
                    static_cast<float>(kStride) / static_cast<float>(v.height),
                    static_cast<float>(kStride) / static_cast<float>(v.width),
                    {},
                    0};
  for (const double aspect_ratio : {0.5, 1.0, 2.0})
    for (const double scale : {0.25, 0.5, 1.0, 2.0})
      layer.shapes.push_back({static_cast<float>(kBase * scale * std::sqrt(aspect_ratio) / v.width),
                              static_cast<float>(kBase * scale / std::sqrt(aspect_ratio) / v.height)});
  return layer;
}

DetectionSpec Detection(const Variant& v, TwoStageSpec stages) {
  stages.proposals = {.layers = {Anchors(v)}};
  stages.proposal_nms = {
      .score_threshold = 0, .iou_threshold = 0.7F, .max_per_class = kProposals, .max_total = kProposals};
  return {.decoder = std::move(stages),
          .score_kind = ScoreKind::kSoftmaxLogits,
          .nms = {.score_threshold = 0, .iou_threshold = 0.6F, .max_per_class = 100, .max_total = 300},
          .outputs = {}};
}

// The region proposal network: a 3x3 convolution, then the heads.
std::vector<GraphOutput> Proposals(GraphBuilder& b, const Value& features, const AnchorLayer& anchors) {
  const Value x =
      b.Act("rpn/act", b.Conv("rpn", features, 512, Square(3, 1, Padding::kSame), {.bias = true}));
  const std::array<Value, 1> maps{x};
  const std::array<AnchorLayer, 1> layers{anchors};
  return SsdOutputs(b, maps, layers, HeadKind::kOneByOne, {.classes = {{-1, 1.5}, {1, 1.5}}});
}

GraphOutput MapOutput(const std::string& name, const Value& map) {
  return {name, map, {map.channels, map.height, map.width}};
}

// Of the map that ends block 3: what the crops look like.
constexpr Moments kFeatureMoments{1, 1.5};

std::vector<GraphOutput> SecondStage(GraphBuilder& b) {
  constexpr int kCrop = 14;
  constexpr double kPooledShare = 0.23;  // as resnet50_v1_slim's
  Value x = b.MaxPool("pool", b.CropsInput(1024, kCrop, kFeatureMoments), Square(2, 2, Padding::kValid));
  x = ResNetBlock4(b, x);
  Value pooled = b.GlobalAveragePool("average", x);
  pooled.moments = {x.moments.mean, x.moments.variance * kPooledShare};
  const Value boxes = b.Gemm("boxes", pooled, kBoxNumbers);
  const Value scores = b.Gemm("classes", pooled, kCocoIds, kLogitDeviation);
  return {{"box_encodings", boxes, {kBoxNumbers}}, {"class_logits", scores, {kCocoIds}}};
}

Definition TwoStage(const Variant& v, TwoStageSpec stages) {
  return {
      .entry = {v.name, v.family, v.description,
                DetectionTask(Preprocess(v), kCocoIds, true, Detection(v, std::move(stages)), v.published)},
      .style = {.batch_norm_epsilon = 1e-5}};
}

}  // namespace

std::vector<Definition> FasterRcnn() {
  Definition network = TwoStage(kFasterRcnn, {.crop = RoiCrop::kBilinear, .crop_size = 14});
  network.detector = [](GraphBuilder& b, const Value& input) {
    const Value features = ResNetStride16(b, input, ResNetDepth::k50);
    std::vector<GraphOutput> outputs = Proposals(b, features, Anchors(kFasterRcnn));
    outputs.push_back(MapOutput("features", features));
    return outputs;
  };
  network.second_stage = SecondStage;
  return {network};
}

std::vector<Definition> Rfcn() {
  constexpr int kBins = 3;
  Definition network = TwoStage(kRfcn, {.crop = RoiCrop::kPositionSensitive, .crop_size = 18, .bins = kBins});
  network.detector = [](GraphBuilder& b, const Value& input) {
    const Value features = ResNetStride16(b, input, ResNetDepth::k101);
    std::vector<GraphOutput> outputs = Proposals(b, features, Anchors(kRfcn));
    Value x = ResNetBlock4(b, features);
    x = b.Act("reduce/act", b.Conv("reduce", x, 1024, {}, {.bias = true}));
    const Value boxes = b.Conv("box_map", x, kBins * kBins * kBoxNumbers, {}, {.bias = true});
    const Value scores = b.Conv("class_map", x, kBins * kBins * kCocoIds, {}, {.bias = true, .deviation = 4});
    outputs.push_back(MapOutput("box_map", boxes));
    outputs.push_back(MapOutput("class_map", scores));
    return outputs;
  };
  return {network};
}

}  // namespace sightline::zoo
