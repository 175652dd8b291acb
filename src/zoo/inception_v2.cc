// Inception v2 is BN-Inception (Ioffe, Szegedy, "Batch Normalization: Accelerating Deep Network Training by
// Reducing Internal Covariate Shift", 2015, figure 5). Two networks: `inception_v2` as the paper's figure has
// it in the Caffe port that most others convert, and `inception_v2_slim`
// (research/slim/nets/inception_v2.py), which starts with a separable 7x7 convolution and has narrower pooled
// branches in two blocks.
#include "src/zoo/backbones.h"
#include "src/zoo/families.h"
#include "src/zoo/inception_blocks.h"

namespace sightline::zoo {
namespace {

constexpr int kSize = 224;
constexpr double kPooledShare = 0.83;

enum class Pooling { kAverage, kMax };

struct Mixed {
  int one;
  int reduce3, three;
  int reduce_double3, double3;
  Pooling pooling;
  int pool;
};

Block MixedBlock(const Mixed& m, PaddingInMean padding) {
  const Step pool = m.pooling == Pooling::kAverage ? AveragePoolStep(3, padding) : MaxPoolStep(3, 1);
  return {{ConvStep(m.one, 1)},
          {ConvStep(m.reduce3, 1), ConvStep(m.three, 3)},
          {ConvStep(m.reduce_double3, 1), ConvStep(m.double3, 3), ConvStep(m.double3, 3)},
          {pool, ConvStep(m.pool, 1)}};
}

Block Reduction(int reduce3, int three, int reduce_double3, int double3, Padding conv, Padding pool) {
  return {{ConvStep(reduce3, 1), ConvStep(three, 3, 2, conv)},
          {ConvStep(reduce_double3, 1), ConvStep(double3, 3), ConvStep(double3, 3, 2, conv)},
          {MaxPoolStep(3, 2, pool)}};
}

// What the two networks differ in.
struct Variant {
  bool separable_stem;
  Padding conv;
  Padding pool;
  int pool_4d;
  int pool_4e;
  PaddingInMean padding_in_mean;
  int classes;
  bool stem_batch_norm = false;  // of the separable stem
};

constexpr Variant kCaffe{false, Padding::kSymmetric,     Padding::kCeil,  128,
                         128,   PaddingInMean::kCounted, kImageNetClasses};
// As TF-OD builds it: its hyperparameters' normalizer reaches the separable convolution too.
constexpr Variant kDetection{true, Padding::kSame, Padding::kSame, 96, 96, PaddingInMean::kLeftOut, 0, true};
constexpr Variant kSlim{
    true, Padding::kSame, Padding::kSame, 96, 96, PaddingInMean::kLeftOut, kImageNetClassesWithBackground};

// TF-slim's separable convolution has bias and ReLU and no batch normalization: inception_arg_scope gives
// its normalizer to conv2d only.
Value Stem(GraphBuilder& b, const Value& input, const Variant& v) {
  constexpr int kDepthMultiplier = 8;
  Value x;
  if (v.separable_stem) {
    x = b.Conv("stem/depthwise", input, 3 * kDepthMultiplier, Square(7, 2, v.conv), {.groups = 3});
    x = v.stem_batch_norm ? b.ConvBn("stem/pointwise", x, 64, {})
                          : b.Conv("stem/pointwise", x, 64, Square(1, 1, v.conv), {.bias = true});
    x = b.Act("stem/pointwise/act", x);
  } else {
    x = b.ConvBnAct("stem/conv", input, 64, Square(7, 2, v.conv));
  }
  return ApplyBranch(
      b, "stem", x,
      {MaxPoolStep(3, 2, v.pool), ConvStep(64, 1), ConvStep(192, 3), MaxPoolStep(3, 2, v.pool)});
}

Taps Maps(GraphBuilder& b, const Value& input, const Variant& v) {
  constexpr Pooling kAverage = Pooling::kAverage;
  const auto mixed = [&v](const Mixed& m) { return MixedBlock(m, v.padding_in_mean); };
  Value x = Stem(b, input, v);
  x = ApplyBlock(b, "mixed_3b", x, mixed({64, 64, 64, 64, 96, kAverage, 32}));
  x = ApplyBlock(b, "mixed_3c", x, mixed({64, 64, 96, 64, 96, kAverage, 64}));
  x = ApplyBlock(b, "mixed_4a", x, Reduction(128, 160, 64, 96, v.conv, v.pool));
  x = ApplyBlock(b, "mixed_4b", x, mixed({224, 64, 96, 96, 128, kAverage, 128}));
  x = ApplyBlock(b, "mixed_4c", x, mixed({192, 96, 128, 96, 128, kAverage, 128}));
  Taps taps{.stride16 = x};
  x = ApplyBlock(b, "mixed_4d", x, mixed({160, 128, 160, 128, 160, kAverage, v.pool_4d}));
  x = ApplyBlock(b, "mixed_4e", x, mixed({96, 128, 192, 160, 192, kAverage, v.pool_4e}));
  x = ApplyBlock(b, "mixed_5a", x, Reduction(128, 192, 192, 256, v.conv, v.pool));
  x = ApplyBlock(b, "mixed_5b", x, mixed({352, 192, 320, 160, 224, kAverage, 128}));
  taps.stride32 = ApplyBlock(b, "mixed_5c", x, mixed({352, 192, 320, 192, 224, Pooling::kMax, 128}));
  return taps;
}

Value Body(GraphBuilder& b, const Value& input, const Variant& v) {
  return b.Classifier(Maps(b, input, v).stride32, v.classes, kPooledShare);
}

}  // namespace

Taps InceptionV2Taps(GraphBuilder& b, const Value& input) {
  return Maps(b, input, kDetection);
}

std::vector<Definition> InceptionV2() {
  const PublishedFigures caffe{11295240, 2048.06e6, 74.61,
                               "osmr/imgclsmob, BN-Inception converted from Caffe"};
  PreprocessSpec caffe_preprocess = CaffePreprocess(kSize);
  caffe_preprocess.mean = {104, 117, 128};  // of the ported weights, not Caffe's usual 123 for red
  // 10,173,112 without the classifier, which adds 1024 x 1001 weights and 1001 biases.
  const PublishedFigures slim{
      11.199e6, 0, 73.9,
      "parameters: Huang et al., arXiv 1611.10012 table 2 (10,173,112), plus the classifier; top-1: "
      "tensorflow/models research/slim/README.md; MACs not published"};
  return {{.entry = {"inception_v2", "InceptionV2", "BN-Inception as in Caffe, 7x7 stem",
                     ClassificationTask(caffe_preprocess, kImageNetClasses, caffe)},
           .style = {.batch_norm_epsilon = 1e-5, .bias_before_batch_norm = true},
           .body = [](GraphBuilder& b, const Value& input) { return Body(b, input, kCaffe); }},
          {.entry = {"inception_v2_slim", "InceptionV2", "TF-slim, separable 7x7 stem",
                     ClassificationTask(InceptionPreprocess(kSize), kImageNetClassesWithBackground, slim)},
           .style = {.batch_norm_scale = false},
           .body = [](GraphBuilder& b, const Value& input) { return Body(b, input, kSlim); }}};
}

}  // namespace sightline::zoo
