// Inception v3 (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015), as
// TF-slim has it (research/slim/nets/inception_v3.py), without the auxiliary classifier, which serves
// training only.
#include "src/zoo/families.h"
#include "src/zoo/inception_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kSize = 299;
constexpr double kPooledShare = 1.1;
constexpr Padding kValid = Padding::kValid;

Block Block35(int pool_channels) {
  return {{ConvStep(64, 1)},
          {ConvStep(48, 1), ConvStep(64, 5)},
          {ConvStep(64, 1), ConvStep(96, 3), ConvStep(96, 3)},
          {AveragePoolStep(3), ConvStep(pool_channels, 1)}};
}

Block Block17(int inner) {
  return {{ConvStep(192, 1)},
          {ConvStep(inner, 1), ConvStep1x7(inner), ConvStep7x1(192)},
          {ConvStep(inner, 1), ConvStep7x1(inner), ConvStep1x7(inner), ConvStep7x1(inner), ConvStep1x7(192)},
          {AveragePoolStep(3), ConvStep(192, 1)}};
}

Block Block8() {
  return {{ConvStep(320, 1)},
          {ConvStep(384, 1), ForkStep(384)},
          {ConvStep(448, 1), ConvStep(384, 3), ForkStep(384)},
          {AveragePoolStep(3), ConvStep(192, 1)}};
}

Block ReductionTo17() {
  return {{ConvStep(384, 3, 2, kValid)},
          {ConvStep(64, 1), ConvStep(96, 3), ConvStep(96, 3, 2, kValid)},
          {MaxPoolStep(3, 2, kValid)}};
}

Block ReductionTo8() {
  return {{ConvStep(192, 1), ConvStep(320, 3, 2, kValid)},
          {ConvStep(192, 1), ConvStep1x7(192), ConvStep7x1(192), ConvStep(192, 3, 2, kValid)},
          {MaxPoolStep(3, 2, kValid)}};
}

Value Body(GraphBuilder& b, const Value& input) {
  const Branch stem{ConvStep(32, 3, 2, kValid), ConvStep(32, 3, 1, kValid), ConvStep(64, 3),
                    MaxPoolStep(3, 2, kValid),  ConvStep(80, 1, 1, kValid), ConvStep(192, 3, 1, kValid),
                    MaxPoolStep(3, 2, kValid)};
  const std::pair<const char*, Block> blocks[] = {
      {"mixed_5b", Block35(32)},     {"mixed_5c", Block35(64)},  {"mixed_5d", Block35(64)},
      {"mixed_6a", ReductionTo17()}, {"mixed_6b", Block17(128)}, {"mixed_6c", Block17(160)},
      {"mixed_6d", Block17(160)},    {"mixed_6e", Block17(192)}, {"mixed_7a", ReductionTo8()},
      {"mixed_7b", Block8()},        {"mixed_7c", Block8()}};
  Value x = ApplyBranch(b, "stem", input, stem);
  for (const auto& [name, block] : blocks) x = ApplyBlock(b, name, x, block);
  return b.Classifier(x, kImageNetClassesWithBackground, kPooledShare);
}

}  // namespace

std::vector<Definition> InceptionV3() {
  const PublishedFigures published{23.835e6, 5.7345e9, 78.0,
                                   "parameters: osmr/imgclsmob (23,834,568 without the auxiliary "
                                   "classifier); MACs: Open Model Zoo (11.469 GFLOPs, two per MAC); "
                                   "top-1: tensorflow/models research/slim/README.md"};
  return {
      {.entry = {"inception_v3", "InceptionV3", "TF-slim, without the auxiliary classifier",
                 ClassificationTask(InceptionPreprocess(kSize), kImageNetClassesWithBackground, published)},
       .style = {.batch_norm_scale = false},
       .body = Body}};
}

}  // namespace sightline::zoo
