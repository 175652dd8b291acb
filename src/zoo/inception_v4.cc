// Inception v4 (Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on
// Learning", 2016, figures 3 to 9), as TF-slim has it (research/slim/nets/inception_v4.py), without the
// auxiliary classifier.
#include "src/zoo/families.h"
#include "src/zoo/inception_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kSize = 299;
constexpr double kPooledShare = 0.64;
constexpr Padding kValid = Padding::kValid;

Value Stem(GraphBuilder& b, const Value& input) {
  const Branch first{ConvStep(32, 3, 2, kValid), ConvStep(32, 3, 1, kValid), ConvStep(64, 3)};
  const Block mixed_3a{{MaxPoolStep(3, 2, kValid)}, {ConvStep(96, 3, 2, kValid)}};
  const Block mixed_4a{{ConvStep(64, 1), ConvStep(96, 3, 1, kValid)},
                       {ConvStep(64, 1), ConvStep1x7(64), ConvStep7x1(64), ConvStep(96, 3, 1, kValid)}};
  const Block mixed_5a{{ConvStep(192, 3, 2, kValid)}, {MaxPoolStep(3, 2, kValid)}};
  Value x = ApplyBranch(b, "stem", input, first);
  x = ApplyBlock(b, "mixed_3a", x, mixed_3a);
  x = ApplyBlock(b, "mixed_4a", x, mixed_4a);
  return ApplyBlock(b, "mixed_5a", x, mixed_5a);
}

Block InceptionA() {
  return {{ConvStep(96, 1)},
          {ConvStep(64, 1), ConvStep(96, 3)},
          {ConvStep(64, 1), ConvStep(96, 3), ConvStep(96, 3)},
          {AveragePoolStep(3), ConvStep(96, 1)}};
}

Block ReductionA() {
  return {{ConvStep(384, 3, 2, kValid)},
          {ConvStep(192, 1), ConvStep(224, 3), ConvStep(256, 3, 2, kValid)},
          {MaxPoolStep(3, 2, kValid)}};
}

Block InceptionB() {
  return {{ConvStep(384, 1)},
          {ConvStep(192, 1), ConvStep1x7(224), ConvStep7x1(256)},
          {ConvStep(192, 1), ConvStep7x1(192), ConvStep1x7(224), ConvStep7x1(224), ConvStep1x7(256)},
          {AveragePoolStep(3), ConvStep(128, 1)}};
}

Block ReductionB() {
  return {{ConvStep(192, 1), ConvStep(192, 3, 2, kValid)},
          {ConvStep(256, 1), ConvStep1x7(256), ConvStep7x1(320), ConvStep(320, 3, 2, kValid)},
          {MaxPoolStep(3, 2, kValid)}};
}

Block InceptionC() {
  return {{ConvStep(256, 1)},
          {ConvStep(384, 1), ForkStep(256)},
          {ConvStep(384, 1), ConvStep3x1(448), ConvStep1x3(512), ForkStep(256)},
          {AveragePoolStep(3), ConvStep(256, 1)}};
}

Value Repeat(GraphBuilder& b, const std::string& name, const Value& x, const Block& block, int times) {
  Value y = x;
  for (int i = 0; i < times; ++i) y = ApplyBlock(b, name + static_cast<char>('b' + i), y, block);
  return y;
}

Value Body(GraphBuilder& b, const Value& input) {
  Value x = Stem(b, input);
  x = Repeat(b, "mixed_5", x, InceptionA(), 4);
  x = ApplyBlock(b, "mixed_6a", x, ReductionA());
  x = Repeat(b, "mixed_6", x, InceptionB(), 7);
  x = ApplyBlock(b, "mixed_7a", x, ReductionB());
  x = Repeat(b, "mixed_7", x, InceptionC(), 3);
  return b.Classifier(x, kImageNetClassesWithBackground, kPooledShare);
}

}  // namespace

std::vector<Definition> InceptionV4() {
  const PublishedFigures published{
      42.648e6, 12.292e9, 80.2,
      "parameters and MACs: Open Model Zoo googlenet-v4-tf (24.584 GFLOPs, two per MAC); "
      "top-1: tensorflow/models research/slim/README.md"};
  return {
      {.entry = {"inception_v4", "InceptionV4", "TF-slim, without the auxiliary classifier",
                 ClassificationTask(InceptionPreprocess(kSize), kImageNetClassesWithBackground, published)},
       .style = {.batch_norm_scale = false},
       .body = Body}};
}

}  // namespace sightline::zoo
