// Inception-ResNet-v2 (Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections
// on Learning", 2016), as TF-slim has it (research/slim/nets/inception_resnet_v2.py), without the auxiliary
// classifier. The residuals are scaled down before they are added, which the authors found to keep training
// stable.
#include "src/zoo/families.h"
#include "src/zoo/inception_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kSize = 299;
constexpr double kPooledShare = 10;
constexpr Padding kValid = Padding::kValid;

Block Mixed5b() {
  return {{ConvStep(96, 1)},
          {ConvStep(48, 1), ConvStep(64, 5)},
          {ConvStep(64, 1), ConvStep(96, 3), ConvStep(96, 3)},
          {AveragePoolStep(3), ConvStep(64, 1)}};
}

Block Mixed6a() {
  return {{ConvStep(384, 3, 2, kValid)},
          {ConvStep(256, 1), ConvStep(256, 3), ConvStep(384, 3, 2, kValid)},
          {MaxPoolStep(3, 2, kValid)}};
}

Block Mixed7a() {
  return {{ConvStep(256, 1), ConvStep(384, 3, 2, kValid)},
          {ConvStep(256, 1), ConvStep(288, 3, 2, kValid)},
          {ConvStep(256, 1), ConvStep(288, 3), ConvStep(320, 3, 2, kValid)},
          {MaxPoolStep(3, 2, kValid)}};
}

struct Residual {
  const char* name;
  Block block;
  int repeats;
  double scale;
};

// Without activation it is the last block of the network.
Value ApplyResidual(GraphBuilder& b, const std::string& name, const Value& x, const Block& block,
                    double scale, bool activation) {
  const Value mixed = ApplyBlock(b, name + "/mixed", x, block);
  Value up = b.Conv(name + "/up", mixed, x.channels, Square(1, 1, Padding::kSame), {.bias = true});
  if (scale != 1) up = b.Scale(name + "/scale", up, scale);
  const Value sum = b.Add(name + "/add", x, up);
  return activation ? b.Act(name, sum) : sum;
}

Value ApplyResiduals(GraphBuilder& b, const Value& x, const Residual& residual) {
  Value y = x;
  for (int i = 1; i <= residual.repeats; ++i)
    y = ApplyResidual(b, residual.name + std::string("_") + std::to_string(i), y, residual.block,
                      residual.scale, true);
  return y;
}

Value Body(GraphBuilder& b, const Value& input) {
  const Branch stem{ConvStep(32, 3, 2, kValid), ConvStep(32, 3, 1, kValid), ConvStep(64, 3),
                    MaxPoolStep(3, 2, kValid),  ConvStep(80, 1, 1, kValid), ConvStep(192, 3, 1, kValid),
                    MaxPoolStep(3, 2, kValid)};
  const Block block35{{ConvStep(32, 1)},
                      {ConvStep(32, 1), ConvStep(32, 3)},
                      {ConvStep(32, 1), ConvStep(48, 3), ConvStep(64, 3)}};
  const Block block17{{ConvStep(192, 1)}, {ConvStep(128, 1), ConvStep1x7(160), ConvStep7x1(192)}};
  const Block block8{{ConvStep(192, 1)}, {ConvStep(192, 1), ConvStep1x3(224), ConvStep3x1(256)}};
  Value x = ApplyBranch(b, "stem", input, stem);
  x = ApplyBlock(b, "mixed_5b", x, Mixed5b());
  x = ApplyResiduals(b, x, {"block35", block35, 10, 0.17});
  x = ApplyBlock(b, "mixed_6a", x, Mixed6a());
  x = ApplyResiduals(b, x, {"block17", block17, 20, 0.10});
  x = ApplyBlock(b, "mixed_7a", x, Mixed7a());
  x = ApplyResiduals(b, x, {"block8", block8, 9, 0.20});
  x = ApplyResidual(b, "block8_10", x, block8, 1.0, false);
  x = b.ConvBnAct("conv_7b", x, 1536, Square(1, 1, Padding::kSame));
  return b.Classifier(x, kImageNetClassesWithBackground, kPooledShare);
}

}  // namespace

std::vector<Definition> InceptionResnetV2() {
  const PublishedFigures published{
      55843464, 13188.64e6, 80.4,
      "parameters and MACs: osmr/imgclsmob; top-1: tensorflow/models research/slim/README.md"};
  return {
      {.entry = {"inception_resnet_v2", "InceptionResnetV2", "TF-slim, without the auxiliary classifier",
                 ClassificationTask(InceptionPreprocess(kSize), kImageNetClassesWithBackground, published)},
       .style = {.batch_norm_scale = false},
       .body = Body}};
}

}  // namespace sightline::zoo
