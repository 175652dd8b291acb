// SSD300 and SSD512 (Liu et al., "SSD: Single Shot MultiBox Detector", 2016) on VGG-16 for COCO, as its
// authors train them in Caffe (weiliu89/caffe, branch ssd, examples/ssd/ssd_coco.py).
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "src/zoo/detection_task.h"
#include "src/zoo/families.h"
#include "src/zoo/ssd_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kClasses = kCocoClasses + 1;

// The convolution that makes a layer's map from the one before.
constexpr Window kHalve = Square(3, 2, Padding::kSymmetric);
constexpr Window kTrim = Square(3, 1, Padding::kValid);
constexpr Window kFour = Square(4, 1, Padding::kSymmetric);

struct Layer {
  int cells;
  int step;         // pixels
  double min_size;  // percent of the input's side
  double max_size;
  bool three;       // aspect ratios 3 and 1/3 besides 2 and 1/2
  Window window{};  // not of the first two, which are the backbone's
};

struct Variant {
  const char* name;
  int size;
  std::vector<Layer> layers;
  PublishedFigures published;
};

constexpr char kSource300[] =
    "mAP: arXiv 1807.11626 table 3; torchvision's 35,641,826 parameters and 34.858 G MACs are of 91 classes";
constexpr char kSource512[] = "mAP, parameters and MACs: arXiv 1807.11626 table 3";

const Variant kVariants[] = {
    {"ssd300_vgg16",
     300,
     {{38, 8, 7, 15, false},
      {19, 16, 15, 33, true},
      {10, 32, 33, 51, true, kHalve},
      {5, 64, 51, 69, true, kHalve},
      {3, 100, 69, 87, false, kTrim},
      {1, 300, 87, 105, false, kTrim}},
     {0, 0, {}, kSource300, 23.2}},
    {"ssd512_vgg16",
     512,
     {{64, 8, 4, 10, false},
      {32, 16, 10, 26, true},
      {16, 32, 26, 42, true, kHalve},
      {8, 64, 42, 58, true, kHalve},
      {4, 128, 58, 74, true, kHalve},
      {2, 256, 74, 90, false, kHalve},
      {1, 512, 90, 106, false, kFour}},
     {36.1e6, 99.5e9, {}, kSource512, 26.8}},
};

// PriorBox: the smaller square, one between it and the larger, then pairs of aspect ratios.
AnchorLayer AnchorsOf(const Layer& layer, int size) {
  const float step = static_cast<float>(layer.step) / static_cast<float>(size);
  AnchorLayer anchors{layer.cells, layer.cells, step, step, {}};
  const auto add = [&](double side, double aspect_ratio) {
    const double root = std::sqrt(aspect_ratio);
    anchors.shapes.push_back({static_cast<float>(side * root / 100), static_cast<float>(side / root / 100)});
  };
  add(layer.min_size, 1);
  add(std::sqrt(layer.min_size * layer.max_size), 1);
  for (const double ratio : {2.0, 1 / 2.0}) add(layer.min_size, ratio);
  if (layer.three)
    for (const double ratio : {3.0, 1 / 3.0}) add(layer.min_size, ratio);
  return anchors;
}

Value ConvRelu(GraphBuilder& b, const std::string& name, const Value& x, int channels, const Window& window) {
  return b.Act(name + "/act", b.Conv(name, x, channels, window, {.bias = true}));
}

// VGG-16 whose last pooling keeps its size and whose fully connected layers have become convolutions, the
// first of every third weight, its taps six pixels apart.
std::vector<Value> VggMaps(GraphBuilder& b, const Value& input) {
  constexpr std::array<int, 5> kLayersPerBlock{2, 2, 3, 3, 3};
  constexpr std::array<int, 5> kChannels{64, 128, 256, 512, 512};
  Value x = input;
  Value conv4_3;
  for (size_t block = 0; block < 5; ++block) {
    const std::string prefix = std::to_string(block + 1);
    for (int layer = 1; layer <= kLayersPerBlock[block]; ++layer)
      x = ConvRelu(b, "conv" + prefix + "_" + std::to_string(layer), x, kChannels[block],
                   Square(3, 1, Padding::kSymmetric));
    if (block == 3) conv4_3 = x;
    x = b.MaxPool("pool" + prefix, x,
                  block == 4 ? Square(3, 1, Padding::kSymmetric) : Square(2, 2, Padding::kCeil));
  }
  Window atrous = Square(3, 1, Padding::kSame);
  atrous.dilation = 6;
  x = ConvRelu(b, "fc6", x, 1024, atrous);
  return {b.L2Normalize("conv4_3/norm", conv4_3, 20), ConvRelu(b, "fc7", x, 1024, {})};
}

// Each from the one before: half as many channels, then the layer's convolution.
std::vector<Value> AllMaps(GraphBuilder& b, const Value& input, std::span<const Layer> layers) {
  std::vector<Value> maps = VggMaps(b, input);
  for (size_t i = maps.size(); i < layers.size(); ++i) {
    const int channels = i == 2 ? 512 : 256;
    const std::string name = "conv" + std::to_string(i + 4);
    const Value x = ConvRelu(b, name + "_1", maps.back(), channels / 2, {});
    maps.push_back(ConvRelu(b, name + "_2", x, channels, layers[i].window));
  }
  return maps;
}

// Softmax: a class passes the threshold where its logit is less than ln(1 / 0.01) below the background's,
// which has nearly all the probability. The difference of two logits scatters by sqrt(2) times one's
// deviation.
SsdAims CaffeAims(int anchors) {
  constexpr double kDeviation = 1.5;
  constexpr double kThreshold = -4.605;
  SsdAims aims{.classes =
                   std::vector<ChannelAim>(kClasses, ClassAim(kCandidates / (anchors * (kClasses - 1.0)),
                                                              kThreshold, kDeviation, kClasses - 1))};
  for (ChannelAim& aim : aims.classes) aim.deviation /= std::numbers::sqrt2;
  aims.classes[0].mean = 0;
  aims.classes[0].bias_deviation = 0;
  return aims;
}

Definition Ssd(const Variant& v) {
  SsdSpec ssd{.clip_anchors = false, .order = BoxOrder::kXywh};
  for (const Layer& layer : v.layers) ssd.layers.push_back(AnchorsOf(layer, v.size));
  const DetectionSpec detection{
      .decoder = ssd, .score_kind = ScoreKind::kSoftmaxLogits, .nms = CaffeNms(), .outputs = {}};
  return {.entry = {v.name, "SSD", "SSD as its authors have it in Caffe, on VGG-16",
                    DetectionTask(CaffeSsdPreprocess(v.size), kClasses, true, detection, v.published)},
          .style = {},
          .detector = [&v, layers = ssd.layers](GraphBuilder& b, const Value& input) {
            return SsdOutputs(b, AllMaps(b, input, v.layers), layers, HeadKind::kThreeByThree,
                              CaffeAims(AnchorCount(layers)));
          }};
}

}  // namespace

std::vector<Definition> SsdVgg() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) networks.push_back(Ssd(v));
  return networks;
}

}  // namespace sightline::zoo
