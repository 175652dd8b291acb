// ResNet (He et al., "Deep Residual Learning for Image Recognition", 2015, table 1). Three networks go by the
// name ResNet-50, with equal parameters and different work; they differ in where a block's stride sits:
//   v1       the authors' Caffe models: in the first unit's first 1x1 convolution (3.86 G MACs)
//   v1.5     torchvision, MLPerf: in the first unit's 3x3 convolution (4.09 G)
//   v1_slim  TF-slim: in the last unit's 3x3 convolution, a block earlier than the others (3.48 G)
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "src/zoo/backbones.h"
#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

enum class StridePlace { kFirst1x1, kFirst3x3, kLast3x3 };

struct Variant {
  const char* name;
  bool bottleneck;
  StridePlace stride_place;
  int units[4];
  double million_parameters;
  double million_macs;
  double top1_percent;
  double pooled_share;  // see GraphBuilder::Classifier
  const char* source;
};

constexpr char kTorchvision[] = "torchvision weight metadata, IMAGENET1K_V1";
constexpr char kAuthors[] =
    "parameters and MACs: osmr/imgclsmob (MACs with batch normalization and activations); top-1: the "
    "authors' "
    "KaimingHe/deep-residual-networks, one crop";
constexpr char kSlim50[] =
    "parameters: torchvision, whose tensors are the same; MACs: Open Model Zoo resnet-50-tf (6.996 GFLOPs, "
    "two per MAC); top-1: tensorflow/models research/slim/README.md";
constexpr char kSlim[] =
    "parameters: torchvision, whose tensors are the same; MACs not published; top-1: tensorflow/models "
    "research/slim/README.md";

constexpr StridePlace k1x1 = StridePlace::kFirst1x1;
constexpr StridePlace k3x3 = StridePlace::kFirst3x3;
constexpr StridePlace kLast = StridePlace::kLast3x3;

constexpr Variant kVariants[] = {
    {"resnet18", false, k3x3, {2, 2, 2, 2}, 11.689512, 1814, 69.758, 0.22, kTorchvision},
    {"resnet34", false, k3x3, {3, 4, 6, 3}, 21.797672, 3664, 73.314, 0.19, kTorchvision},
    {"resnet50_v1", true, k1x1, {3, 4, 6, 3}, 25.557032, 3877.95, 75.3, 0.46, kAuthors},
    {"resnet50_v1.5", true, k3x3, {3, 4, 6, 3}, 25.557032, 4089, 76.13, 0.24, kTorchvision},
    {"resnet50_v1_slim", true, kLast, {3, 4, 6, 3}, 25.557032, 3498, 75.2, 0.23, kSlim50},
    {"resnet101_v1", true, k1x1, {3, 4, 23, 3}, 44.549160, 7597.95, 76.4, 0.85, kAuthors},
    {"resnet101_v1.5", true, k3x3, {3, 4, 23, 3}, 44.549160, 7801, 77.374, 1.3, kTorchvision},
    {"resnet101_v1_slim", true, kLast, {3, 4, 23, 3}, 44.549160, 0, 76.4, 0.56, kSlim},
    {"resnet152_v1", true, k1x1, {3, 8, 36, 3}, 60.192808, 11321.85, 77, 2.8, kAuthors},
    {"resnet152_v1.5", true, k3x3, {3, 8, 36, 3}, 60.192808, 11514, 78.312, 3.7, kTorchvision},
    {"resnet152_v1_slim", true, kLast, {3, 8, 36, 3}, 60.192808, 0, 76.8, 3.9, kSlim},
};

std::string Describe(const Variant& v) {
  if (!v.bottleneck) return "two 3x3 convolutions a unit, torchvision";
  switch (v.stride_place) {
    case StridePlace::kFirst1x1:
      return "the authors' own: stride in a block's first 1x1";
    case StridePlace::kFirst3x3:
      return "torchvision, MLPerf: stride in a block's first 3x3";
    case StridePlace::kLast3x3:
      return "TF-slim: stride in a block's last 3x3";
  }
  return "";
}

Window Same(int size, int stride = 1) {
  return Square(size, stride, Padding::kSymmetric);
}

// The way around a unit: nothing, a 1x1 convolution where the width changes, or TF-slim's subsampling.
Value Shortcut(GraphBuilder& b, const std::string& name, const Value& x, int channels, int stride) {
  if (x.channels != channels) return b.ConvBn(name + "/shortcut", x, channels, Same(1, stride));
  if (stride != 1) return b.MaxPool(name + "/shortcut", x, Same(1, stride));
  return x;
}

Value Unit(GraphBuilder& b, const std::string& name, const Value& x, int inner, int stride,
           const Variant& v) {
  const int channels = v.bottleneck ? 4 * inner : inner;
  const Value shortcut = Shortcut(b, name, x, channels, stride);
  Value y;
  if (v.bottleneck) {
    const int first = v.stride_place == StridePlace::kFirst1x1 ? stride : 1;
    y = b.ConvBnAct(name + "/conv1", x, inner, Same(1, first));
    y = b.ConvBnAct(name + "/conv2", y, inner, Same(3, stride / first));
    y = b.ConvBn(name + "/conv3", y, channels, Same(1));
  } else {
    y = b.ConvBnAct(name + "/conv1", x, inner, Same(3, stride));
    y = b.ConvBn(name + "/conv2", y, channels, Same(3));
  }
  return b.Act(name, b.Add(name + "/add", shortcut, y));
}

// Block 0 keeps the size and the others halve it; in TF-slim blocks 0 to 2 halve it, at their end.
int StrideOf(const Variant& v, int block, int unit) {
  if (v.stride_place == StridePlace::kLast3x3) return block < 3 && unit + 1 == v.units[block] ? 2 : 1;
  return block > 0 && unit == 0 ? 2 : 1;
}

Padding PoolPadding(StridePlace place) {
  switch (place) {
    case StridePlace::kFirst1x1:
      return Padding::kCeil;
    case StridePlace::kFirst3x3:
      return Padding::kSymmetric;
    case StridePlace::kLast3x3:
      return Padding::kSame;
  }
  return Padding::kSymmetric;
}

Value Block(GraphBuilder& b, const Value& x, const Variant& v, int block, bool keep_size) {
  Value y = x;
  for (int unit = 0; unit < v.units[block]; ++unit) {
    const std::string name = "block" + std::to_string(block + 1) + "/unit" + std::to_string(unit + 1);
    y = Unit(b, name, y, 64 << block, keep_size ? 1 : StrideOf(v, block, unit), v);
  }
  return y;
}

Value Stem(GraphBuilder& b, const Value& input, const Variant& v) {
  const Value x = b.ConvBnAct("conv1", input, 64, Same(7, 2));
  return b.MaxPool("pool1", x, Square(3, 2, PoolPadding(v.stride_place)));
}

const Variant& SlimVariant(std::string_view name) {
  return *std::find_if(std::begin(kVariants), std::end(kVariants),
                       [name](const Variant& v) { return v.name == name; });
}

Value Body(GraphBuilder& b, const Value& input, const Variant& v) {
  Value x = Stem(b, input, v);
  for (int block = 0; block < 4; ++block) x = Block(b, x, v, block, false);
  return b.Classifier(x, kImageNetClasses, v.pooled_share);
}

PreprocessSpec Preprocess(StridePlace place) {
  switch (place) {
    case StridePlace::kFirst1x1:
      return CaffePreprocess(224);
    case StridePlace::kFirst3x3:
      return TorchvisionPreprocess(224);
    case StridePlace::kLast3x3:
      return VggPreprocess(224);
  }
  return TorchvisionPreprocess(224);
}

}  // namespace

Value ResNetStride16(GraphBuilder& b, const Value& input, ResNetDepth depth) {
  const Variant& v = SlimVariant(depth == ResNetDepth::k50 ? "resnet50_v1_slim" : "resnet101_v1_slim");
  Value x = Stem(b, input, v);
  for (int block = 0; block < 3; ++block) x = Block(b, x, v, block, block == 2);
  return x;
}

Value ResNetBlock4(GraphBuilder& b, const Value& x) {
  return Block(b, x, SlimVariant("resnet50_v1_slim"), 3, true);
}

std::vector<Definition> ResNet() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) {
    const PublishedFigures published{v.million_parameters * 1e6, v.million_macs * 1e6, v.top1_percent,
                                     v.source};
    networks.push_back(
        {.entry = {v.name, "ResNet", Describe(v),
                   ClassificationTask(Preprocess(v.stride_place), kImageNetClasses, published)},
         .style = {.batch_norm_epsilon = 1e-5},
         .body = [&v](GraphBuilder& b, const Value& input) { return Body(b, input, v); }});
  }
  return networks;
}

}  // namespace sightline::zoo
