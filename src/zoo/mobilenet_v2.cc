// MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, table 2), at
// TF-slim's widths and resolutions (research/slim/nets/mobilenet/mobilenet_v2.py).
#include <algorithm>
#include <string>

#include "src/zoo/backbones.h"
#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

struct Variant {
  const char* width_name;
  double width;
  int size;
  double million_macs;
  double million_parameters;
  double top1_percent;
};

constexpr char kSource[] = "tensorflow/models research/slim/nets/mobilenet/README.md";

constexpr Variant kVariants[] = {
    {"0.35", 0.35, 96, 11, 1.66, 45.5},   {"0.35", 0.35, 128, 20, 1.66, 50.8},
    {"0.35", 0.35, 160, 30, 1.66, 55.7},  {"0.35", 0.35, 192, 43, 1.66, 58.2},
    {"0.35", 0.35, 224, 59, 1.66, 60.3},  {"0.5", 0.5, 96, 18, 1.95, 51.2},
    {"0.5", 0.5, 128, 32, 1.95, 57.7},    {"0.5", 0.5, 160, 50, 1.95, 61.0},
    {"0.5", 0.5, 192, 71, 1.95, 63.9},    {"0.5", 0.5, 224, 97, 1.95, 65.4},
    {"0.75", 0.75, 96, 39, 2.61, 58.8},   {"0.75", 0.75, 128, 69, 2.61, 63.2},
    {"0.75", 0.75, 160, 107, 2.61, 66.4}, {"0.75", 0.75, 192, 153, 2.61, 68.7},
    {"0.75", 0.75, 224, 209, 2.61, 69.8}, {"1.0", 1.0, 96, 56, 3.47, 60.3},
    {"1.0", 1.0, 128, 99, 3.47, 65.3},    {"1.0", 1.0, 160, 154, 3.47, 68.8},
    {"1.0", 1.0, 192, 221, 3.47, 70.7},   {"1.0", 1.0, 224, 300, 3.47, 71.8},
    {"1.3", 1.3, 224, 509, 5.34, 74.4},   {"1.4", 1.4, 224, 582, 6.06, 75.0},
};

struct Stage {
  int expansion;
  int channels;
  int repeats;
  int stride;  // of the first unit
};

constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                             {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

constexpr double kPooledShare = 0.26;

// TF-slim's rounding: to a multiple of 8, but never more than 10 % down.
int Channels(int full, double width) {
  const double wanted = full * width;
  const int rounded = std::max(8, static_cast<int>(wanted + 4) / 8 * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

// `expanded` receives the input of the depthwise convolution.
Value InvertedResidual(GraphBuilder& b, const std::string& name, const Value& x, int expansion, int channels,
                       int stride, Value& expanded) {
  Value y = x;
  if (expansion != 1)
    y = b.ConvBnAct(name + "/expand", y, x.channels * expansion, Square(1, 1, Padding::kSame));
  expanded = y;
  y = b.DepthwiseBnAct(name + "/depthwise", y, Square(3, stride, Padding::kSame));
  y = b.ConvBn(name + "/project", y, channels, Square(1, 1, Padding::kSame));
  return stride == 1 && x.channels == channels ? b.Add(name + "/add", x, y) : y;
}

}  // namespace

Taps MobileNetV2Taps(GraphBuilder& b, const Value& input, double width) {
  constexpr int kLastStride = 14;  // the block that goes from stride 16 to 32
  Value x = b.ConvBnAct("conv0", input, Channels(32, width), Square(3, 2, Padding::kSame));
  Taps taps;
  int index = 1;
  for (const Stage& stage : kStages) {
    for (int repeat = 0; repeat < stage.repeats; ++repeat) {
      Value expanded;
      x = InvertedResidual(b, "block" + std::to_string(index), x, stage.expansion,
                           Channels(stage.channels, width), repeat == 0 ? stage.stride : 1, expanded);
      if (index++ == kLastStride) taps.stride16 = expanded;
    }
  }
  // Narrow networks keep the last layer's full width.
  taps.stride32 = b.ConvBnAct("conv1", x, Channels(1280, std::max(1.0, width)), Square(1, 1, Padding::kSame));
  return taps;
}

std::vector<Definition> MobileNetV2() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) {
    const std::string name = std::string("mobilenet_v2_") + v.width_name + "_" + std::to_string(v.size);
    const PublishedFigures published{v.million_parameters * 1e6, v.million_macs * 1e6, v.top1_percent,
                                     kSource};
    networks.push_back(
        {.entry = {name, "MobileNetV2", std::string("inverted residuals, width ") + v.width_name,
                   ClassificationTask(InceptionPreprocess(v.size), kImageNetClassesWithBackground,
                                      published)},
         .style = {.activation = Activation::kRelu6},
         .body = [width = v.width](GraphBuilder& b, const Value& input) {
           const Value x = MobileNetV2Taps(b, input, width).stride32;
           return b.Classifier(x, kImageNetClassesWithBackground, kPooledShare);
         }});
  }
  return networks;
}

}  // namespace sightline::zoo
