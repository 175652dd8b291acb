// MobileNetV1 (Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
// Applications", 2017, table 1), at TF-slim's widths and resolutions.
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
  const char* macs_source;
};

constexpr char kTable[] = "tensorflow/models research/slim/nets/mobilenet_v1.md";
// The paper's table 6; the .md says 317 and derives the row's other resolutions from that, so they are left
// out.
constexpr char kPaper[] =
    "parameters and top-1: tensorflow/models research/slim/nets/mobilenet_v1.md; MACs: arXiv 1704.04861 "
    "table 6";
constexpr char kMisprint[] =
    "tensorflow/models research/slim/nets/mobilenet_v1.md, whose MACs for this network don't fit the rest of "
    "the table "
    "and are left out";

constexpr Variant kVariants[] = {
    {"0.25", 0.25, 128, 14, 0.47, 41.5, kTable},   {"0.25", 0.25, 160, 21, 0.47, 45.5, kTable},
    {"0.25", 0.25, 192, 0, 0.47, 47.7, kMisprint}, {"0.25", 0.25, 224, 41, 0.47, 49.8, kTable},
    {"0.50", 0.50, 128, 49, 1.34, 56.3, kTable},   {"0.50", 0.50, 160, 77, 1.34, 59.1, kTable},
    {"0.50", 0.50, 192, 110, 1.34, 61.7, kTable},  {"0.50", 0.50, 224, 150, 1.34, 63.3, kTable},
    {"0.75", 0.75, 128, 0, 2.59, 62.1, kMisprint}, {"0.75", 0.75, 160, 0, 2.59, 65.3, kMisprint},
    {"0.75", 0.75, 192, 0, 2.59, 67.2, kMisprint}, {"0.75", 0.75, 224, 325, 2.59, 68.4, kPaper},
    {"1.0", 1.0, 128, 186, 4.24, 65.2, kTable},    {"1.0", 1.0, 160, 291, 4.24, 68.0, kTable},
    {"1.0", 1.0, 192, 418, 4.24, 70.0, kTable},    {"1.0", 1.0, 224, 569, 4.24, 70.9, kTable},
};

struct Separable {
  int channels;
  int stride;
};

constexpr Separable kLayers[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                                 {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};

constexpr double kPooledShare = 0.22;

}  // namespace

Taps MobileNetV1Taps(GraphBuilder& b, const Value& input, double width) {
  constexpr int kLastOfStride16 = 11;
  const auto channels = [&](int full) { return std::max(8, static_cast<int>(full * width)); };
  Value x = b.ConvBnAct("conv0", input, channels(32), Square(3, 2, Padding::kSame));
  Taps taps;
  int index = 1;
  for (const Separable& layer : kLayers) {
    const std::string name = "conv" + std::to_string(index);
    x = b.DepthwiseBnAct(name + "/depthwise", x, Square(3, layer.stride, Padding::kSame));
    x = b.ConvBnAct(name + "/pointwise", x, channels(layer.channels), Square(1, 1, Padding::kSame));
    if (index++ == kLastOfStride16) taps.stride16 = x;
  }
  taps.stride32 = x;
  return taps;
}

std::vector<Definition> MobileNetV1() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) {
    const std::string name = std::string("mobilenet_v1_") + v.width_name + "_" + std::to_string(v.size);
    const PublishedFigures published{v.million_parameters * 1e6, v.million_macs * 1e6, v.top1_percent,
                                     v.macs_source};
    networks.push_back(
        {.entry = {name, "MobileNetV1", std::string("depthwise separable, width ") + v.width_name,
                   ClassificationTask(InceptionPreprocess(v.size), kImageNetClassesWithBackground,
                                      published)},
         .style = {.activation = Activation::kRelu6},
         .body = [width = v.width](GraphBuilder& b, const Value& input) {
           const Value x = MobileNetV1Taps(b, input, width).stride32;
           return b.Classifier(x, kImageNetClassesWithBackground, kPooledShare);
         }});
  }
  return networks;
}

}  // namespace sightline::zoo
