// VGG (Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014, table
// 1, D and E). The first fully connected layer alone holds 103 million weights.
#include <string>

#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

struct Variant {
  const char* name;
  int layers_per_block[5];
  double parameters;
  double macs;
  double top1_percent;
};

constexpr char kSource[] =
    "parameters and MACs: osmr/imgclsmob (MACs with activations and pooling); top-1: tensorflow/models "
    "research/slim/README.md";

constexpr Variant kVariants[] = {
    {"vgg16", {2, 2, 3, 3, 3}, 138357544, 15480.10e6, 71.5},
    {"vgg19", {2, 2, 4, 4, 4}, 143667240, 19642.55e6, 71.1},
};

constexpr int kBlockChannels[] = {64, 128, 256, 512, 512};
constexpr int kHidden = 4096;

Value Body(GraphBuilder& b, const Value& input, const Variant& v) {
  Value x = input;
  for (int block = 0; block < 5; ++block) {
    const std::string prefix = std::to_string(block + 1);
    for (int layer = 0; layer < v.layers_per_block[block]; ++layer) {
      const std::string name = "conv" + prefix + "_" + std::to_string(layer + 1);
      x = b.Conv(name, x, kBlockChannels[block], Square(3, 1, Padding::kSymmetric), {.bias = true});
      x = b.Act(name + "/act", x);
    }
    x = b.MaxPool("pool" + prefix, x, Square(2, 2, Padding::kValid));
  }
  x = b.Act("fc6/act", b.Gemm("fc6", x, kHidden));
  x = b.Act("fc7/act", b.Gemm("fc7", x, kHidden));
  return b.Gemm("logits", x, kImageNetClasses, kLogitDeviation);
}

}  // namespace

std::vector<Definition> Vgg() {
  std::vector<Definition> networks;
  for (const Variant& v : kVariants) {
    networks.push_back({.entry = {v.name, "VGG", "plain 3x3 convolutions, three fully connected layers",
                                  ClassificationTask(VggPreprocess(224), kImageNetClasses,
                                                     {v.parameters, v.macs, v.top1_percent, kSource})},
                        .style = {},
                        .body = [&v](GraphBuilder& b, const Value& input) { return Body(b, input, v); }});
  }
  return networks;
}

}  // namespace sightline::zoo
