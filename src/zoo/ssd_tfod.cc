// SSD (Liu et al., "SSD: Single Shot MultiBox Detector", 2016) on MobileNets and Inception v2, as TF-OD
// trains it on COCO (tensorflow/models research/object_detection/samples/configs and
// models/ssd_*_feature_extractor.py).
#include <string>

#include "src/zoo/backbones.h"
#include "src/zoo/detection_task.h"
#include "src/zoo/families.h"
#include "src/zoo/ssd_blocks.h"

namespace sightline::zoo {
namespace {

struct Variant {
  const char* name;
  const char* description;
  int size;
  Taps (*taps)(GraphBuilder&, const Value& input);
  HeadKind extra;
  HeadKind head;
  PublishedFigures published;
};

Taps FullMobileNetV1(GraphBuilder& b, const Value& input) {
  return MobileNetV1Taps(b, input, 1.0);
}

Taps FullMobileNetV2(GraphBuilder& b, const Value& input) {
  return MobileNetV2Taps(b, input, 1.0);
}

const Variant kVariants[] = {
    {"ssd_mobilenet_v1_300",
     "SSD on MobileNetV1, 1x1 heads",
     300,
     FullMobileNetV1,
     HeadKind::kThreeByThree,
     HeadKind::kOneByOne,
     {6.807e6, 1247e6, {}, "parameters and MACs: Open Model Zoo ssd_mobilenet_v1_coco, half its FLOPs", 21}},
    {"ssd_mobilenet_v2_300",
     "SSD on MobileNetV2, 3x3 heads",
     300,
     FullMobileNetV2,
     HeadKind::kSeparable,
     HeadKind::kThreeByThree,
     {16.818e6,
      1887.5e6,
      {},
      "parameters and MACs: Open Model Zoo ssd_mobilenet_v2_coco, half its FLOPs",
      22}},
    {"ssdlite_mobilenet_v2_300",
     "separable heads, the size of TF-OD's zoo",
     300,
     FullMobileNetV2,
     HeadKind::kSeparable,
     HeadKind::kSeparable,
     {4.475e6, 762.5e6, {}, "parameters and MACs: Open Model Zoo ssdlite_mobilenet_v2, half its FLOPs", 22}},
    {"ssdlite_mobilenet_v2_320",
     "separable heads, the size of the paper",
     320,
     FullMobileNetV2,
     HeadKind::kSeparable,
     HeadKind::kSeparable,
     {0, 800e6, {}, "MACs: arXiv 1801.04381 table 6, whose 4.3 M parameters are of 80 classes", 22.1}},
    {"ssdlite_mobilenet_v3_large_320",
     "separable heads, hard swish and squeeze-excite",
     320,
     MobileNetV3LargeTaps,
     HeadKind::kSeparable,
     HeadKind::kSeparable,
     {3.22e6,
      510e6,
      {},
      "header of TF-OD's ssdlite_mobilenet_v3_large_320x320_coco.config, half its FLOPs",
      22.6}},
    {"ssd_inception_v2_300",
     "SSD on Inception v2, 3x3 heads",
     300,
     InceptionV2Taps,
     HeadKind::kThreeByThree,
     HeadKind::kThreeByThree,
     {0,
      0,
      {},
      "mAP: tf1_detection_zoo.md; the 13.7 M and 3.8 G MACs of arXiv 1704.04861 table 13 are of a network "
      "with 1x1 "
      "heads",
      24}},
};

// Column 0, the background, is read by nobody: it answers opposite to the classes.
SsdAims TfOdAims(int anchors) {
  constexpr double kDeviation = 1.5;
  constexpr double kLogitOfThreshold = -0.8473;  // ln(0.3 / 0.7)
  const double share = kCandidates / (anchors * (kCocoIds - 1.0));
  const ChannelAim of_class = ClassAim(share, kLogitOfThreshold, kDeviation, kCocoIds - 1);
  SsdAims aims{.classes = std::vector<ChannelAim>(kCocoIds, of_class)};
  aims.classes[0] = {.mean = -of_class.mean, .deviation = of_class.deviation};
  return aims;
}

Definition Ssd(const Variant& v) {
  const SsdSpec ssd{.layers = TfOdAnchors(v.size)};
  const DetectionSpec detection{
      .decoder = ssd, .score_kind = ScoreKind::kSigmoidLogits, .nms = TfOdNms(), .outputs = {}};
  return {.entry = {v.name, "SSD", v.description,
                    DetectionTask(TfOdSsdPreprocess(v.size), kCocoIds, true, detection, v.published)},
          .style = {.activation = Activation::kRelu6},
          .detector = [&v, layers = ssd.layers](GraphBuilder& b, const Value& input) {
            const std::vector<Value> maps = TfOdMaps(b, v.taps(b, input), v.extra);
            return SsdOutputs(b, maps, layers, v.head, TfOdAims(AnchorCount(layers)));
          }};
}

}  // namespace

std::vector<Definition> SsdTfOd() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) networks.push_back(Ssd(v));
  return networks;
}

}  // namespace sightline::zoo
