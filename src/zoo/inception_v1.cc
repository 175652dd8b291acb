// Inception v1 (Szegedy et al., "Going deeper with convolutions", 2014), as TF-slim has it
// (research/slim/nets/inception_v1.py): with batch normalization, and 3x3 convolutions where the paper has
// 5x5.
#include "src/zoo/families.h"
#include "src/zoo/inception_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kSize = 224;
constexpr double kPooledShare = 0.17;

// Channels: 1x1; 1x1 then 3x3; 1x1 then 3x3; pool then 1x1.
Block Mixed(int one, int reduce3, int three, int reduce5, int five, int pool) {
  return {{ConvStep(one, 1)},
          {ConvStep(reduce3, 1), ConvStep(three, 3)},
          {ConvStep(reduce5, 1), ConvStep(five, 3)},
          {MaxPoolStep(3, 1), ConvStep(pool, 1)}};
}

Value Body(GraphBuilder& b, const Value& input) {
  const Branch stem{ConvStep(64, 7, 2), MaxPoolStep(3, 2), ConvStep(64, 1), ConvStep(192, 3),
                    MaxPoolStep(3, 2)};
  Value x = ApplyBranch(b, "stem", input, stem);
  x = ApplyBlock(b, "mixed_3b", x, Mixed(64, 96, 128, 16, 32, 32));
  x = ApplyBlock(b, "mixed_3c", x, Mixed(128, 128, 192, 32, 96, 64));
  x = b.MaxPool("pool_4a", x, Square(3, 2, Padding::kSame));
  x = ApplyBlock(b, "mixed_4b", x, Mixed(192, 96, 208, 16, 48, 64));
  x = ApplyBlock(b, "mixed_4c", x, Mixed(160, 112, 224, 24, 64, 64));
  x = ApplyBlock(b, "mixed_4d", x, Mixed(128, 128, 256, 24, 64, 64));
  x = ApplyBlock(b, "mixed_4e", x, Mixed(112, 144, 288, 32, 64, 64));
  x = ApplyBlock(b, "mixed_4f", x, Mixed(256, 160, 320, 32, 128, 128));
  x = b.MaxPool("pool_5a", x, Square(2, 2, Padding::kSame));
  x = ApplyBlock(b, "mixed_5b", x, Mixed(256, 160, 320, 32, 128, 128));
  x = ApplyBlock(b, "mixed_5c", x, Mixed(384, 192, 384, 48, 128, 128));
  return b.Classifier(x, kImageNetClassesWithBackground, kPooledShare);
}

}  // namespace

std::vector<Definition> InceptionV1() {
  const PublishedFigures published{
      6.619e6, 1.508e9, 69.8,
      "parameters and MACs: Open Model Zoo googlenet-v1-tf (3.016 GFLOPs, two per MAC); "
      "top-1: tensorflow/models research/slim/README.md"};
  return {
      {.entry = {"inception_v1", "InceptionV1", "TF-slim: GoogLeNet with batch normalization",
                 ClassificationTask(InceptionPreprocess(kSize), kImageNetClassesWithBackground, published)},
       .style = {.batch_norm_scale = false},
       .body = Body}};
}

}  // namespace sightline::zoo
