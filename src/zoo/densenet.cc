// DenseNet-121 (Huang et al., "Densely Connected Convolutional Networks", 2016, table 1): every layer sees
// the outputs of all layers of its block; batch normalization and ReLU come before each convolution.
#include <array>
#include <string>

#include "src/zoo/families.h"

namespace sightline::zoo {
namespace {

constexpr int kLayersPerBlock[] = {6, 12, 24, 16};
constexpr int kGrowth = 32;
constexpr int kBottleneck = 4 * kGrowth;
constexpr double kPooledShare = 0.68;

Value ActConv(GraphBuilder& b, const std::string& name, const Value& x, int channels, int kernel) {
  const Value normalized = b.Act(name + "/act", b.BatchNorm(name + "/bn", x));
  return b.Conv(name, normalized, channels, Square(kernel, 1, Padding::kSymmetric));
}

Value DenseLayer(GraphBuilder& b, const std::string& name, const Value& x) {
  const Value narrow = ActConv(b, name + "/conv1", x, kBottleneck, 1);
  const std::array<Value, 2> parts{x, ActConv(b, name + "/conv2", narrow, kGrowth, 3)};
  return b.Concat(name, parts);
}

Value Transition(GraphBuilder& b, const std::string& name, const Value& x) {
  const Value y = ActConv(b, name, x, x.channels / 2, 1);
  return b.AveragePool(name + "/pool", y, Square(2, 2, Padding::kValid));
}

Value Body(GraphBuilder& b, const Value& input) {
  Value x = b.ConvBnAct("conv0", input, 2 * kGrowth, Square(7, 2, Padding::kSymmetric));
  x = b.MaxPool("pool0", x, Square(3, 2, Padding::kSymmetric));
  for (int block = 0; block < 4; ++block) {
    const std::string name = std::to_string(block + 1);
    if (block > 0) x = Transition(b, "transition" + std::to_string(block), x);
    for (int layer = 0; layer < kLayersPerBlock[block]; ++layer)
      x = DenseLayer(b, "block" + name + "/layer" + std::to_string(layer + 1), x);
  }
  x = b.Act("norm5/act", b.BatchNorm("norm5", x));
  return b.Classifier(x, kImageNetClasses, kPooledShare);
}

}  // namespace

std::vector<Definition> DenseNet() {
  const PublishedFigures published{7978856, 2.834e9, 74.434, "torchvision weight metadata, IMAGENET1K_V1"};
  return {{.entry = {"densenet121", "DenseNet", "dense blocks, growth 32",
                     ClassificationTask(TorchvisionPreprocess(224), kImageNetClasses, published)},
           .style = {.batch_norm_epsilon = 1e-5},
           .body = Body}};
}

}  // namespace sightline::zoo
