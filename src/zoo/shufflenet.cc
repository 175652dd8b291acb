// ShuffleNet v1 (Zhang et al., "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile
// Devices", 2017, table 1, 3 groups) and v2 (Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient
// CNN Architecture Design", 2018, table 5, 1x).
#include <array>
#include <string>

#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

constexpr int kRepeats[] = {4, 8, 4};
constexpr double kPooledShareV1 = 0.81;
constexpr double kPooledShareV2 = 0.13;
constexpr Window kPointwise = Square(1, 1, Padding::kSymmetric);

Window Depthwise(int stride) {
  return Square(3, stride, Padding::kSymmetric);
}

Value Stem(GraphBuilder& b, const Value& input) {
  const Value x = b.ConvBnAct("conv1", input, 24, Square(3, 2, Padding::kSymmetric));
  return b.MaxPool("pool1", x, Square(3, 2, Padding::kSymmetric));
}

constexpr int kGroupsV1 = 3;
constexpr int kChannelsV1[] = {240, 480, 960};

// The very first unit's first convolution is not grouped: its input has too few channels.
Value UnitV1(GraphBuilder& b, const std::string& name, const Value& x, int channels, bool halve, bool first) {
  const int inner = channels / 4;
  Value y = b.ConvBnAct(name + "/conv1", x, inner, kPointwise, first ? 1 : kGroupsV1);
  y = b.ShuffleChannels(name + "/shuffle", y, kGroupsV1);
  y = b.DepthwiseBn(name + "/conv2", y, Depthwise(halve ? 2 : 1));
  y = b.ConvBn(name + "/conv3", y, halve ? channels - x.channels : channels, kPointwise, kGroupsV1);
  if (!halve) return b.Act(name, b.Add(name + "/add", x, y));
  const std::array<Value, 2> parts{b.AveragePool(name + "/pool", x, Depthwise(2), PaddingInMean::kCounted),
                                   y};
  return b.Act(name, b.Concat(name + "/concat", parts));
}

Value BodyV1(GraphBuilder& b, const Value& input) {
  Value x = Stem(b, input);
  for (int stage = 0; stage < 3; ++stage)
    for (int unit = 0; unit < kRepeats[stage]; ++unit) {
      const std::string name = "stage" + std::to_string(stage + 2) + "/unit" + std::to_string(unit + 1);
      x = UnitV1(b, name, x, kChannelsV1[stage], unit == 0, stage == 0 && unit == 0);
    }
  return b.Classifier(x, kImageNetClasses, kPooledShareV1);
}

constexpr int kGroupsV2 = 2;
constexpr int kChannelsV2[] = {116, 232, 464};

// The branch that works: 1x1, depthwise, 1x1, each to `channels`.
Value WorkingBranch(GraphBuilder& b, const std::string& name, const Value& x, int channels, int stride) {
  Value y = b.ConvBnAct(name + "/conv1", x, channels, kPointwise);
  y = b.DepthwiseBn(name + "/conv2", y, Depthwise(stride));
  return b.ConvBnAct(name + "/conv3", y, channels, kPointwise);
}

Value UnitV2(GraphBuilder& b, const std::string& name, const Value& x, int channels, bool halve) {
  std::array<Value, 2> parts;
  if (halve) {
    const Value shortcut = b.DepthwiseBn(name + "/shortcut1", x, Depthwise(2));
    parts = {b.ConvBnAct(name + "/shortcut2", shortcut, channels / 2, kPointwise),
             WorkingBranch(b, name, x, channels / 2, 2)};
  } else {
    const auto [kept, worked] = b.SplitChannels(name + "/split", x);
    parts = {kept, WorkingBranch(b, name, worked, channels / 2, 1)};
  }
  return b.ShuffleChannels(name, b.Concat(name + "/concat", parts), kGroupsV2);
}

Value BodyV2(GraphBuilder& b, const Value& input) {
  Value x = Stem(b, input);
  for (int stage = 0; stage < 3; ++stage)
    for (int unit = 0; unit < kRepeats[stage]; ++unit) {
      const std::string name = "stage" + std::to_string(stage + 2) + "/unit" + std::to_string(unit + 1);
      x = UnitV2(b, name, x, kChannelsV2[stage], unit == 0);
    }
  return b.Classifier(b.ConvBnAct("conv5", x, 1024, kPointwise), kImageNetClasses, kPooledShareV2);
}

// The authors' own: shorter side 256 by OpenCV, centre crop, BGR as the numbers come
// (megvii-model/ShuffleNet-Series, ShuffleNetV1/train.py).
PreprocessSpec MegviiPreprocess(int size) {
  PreprocessSpec spec = CaffePreprocess(size);
  spec.mean = {0, 0, 0};
  return spec;
}

}  // namespace

std::vector<Definition> ShuffleNet() {
  constexpr char kSourceV1[] =
      "parameters: osmr/imgclsmob; MACs and top-1: the authors' megvii-model/ShuffleNet-Series";
  constexpr char kSourceV2[] =
      "parameters and top-1: torchvision weight metadata; MACs: the authors' megvii-model/ShuffleNet-Series";
  const PublishedFigures v1{1865728, 138e6, 67.8, kSourceV1};
  const PublishedFigures v2{2278604, 146e6, 69.362, kSourceV2};
  const Style style{.batch_norm_epsilon = 1e-5};
  return {{.entry = {"shufflenet_v1_g3", "ShuffleNet", "v1, 1x, 3 groups",
                     ClassificationTask(MegviiPreprocess(224), kImageNetClasses, v1)},
           .style = style,
           .body = BodyV1},
          {.entry = {"shufflenet_v2_1.0", "ShuffleNet", "v2, 1x",
                     ClassificationTask(TorchvisionPreprocess(224), kImageNetClasses, v2)},
           .style = style,
           .body = BodyV2}};
}

}  // namespace sightline::zoo
