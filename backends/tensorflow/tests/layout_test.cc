// Networks of several layers, in which a tensor changes its memory order on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "backends/tensorflow/tests/runner.h"

namespace sightline::tensorflow {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// A flattened picture goes into fully connected layers as it lies; the first one's weights follow.
TEST(LayoutTest, FlattenIntoGemm) {
  ModelMaker maker;
  maker.Input("x", {-1, 3, 4, 5})
      .Weights("w", {6, 60})
      .Weights("b", {6})
      .Weights("w2", {2, 60})
      .Weights("b2", {2})
      .Node("Relu", {"x"}, "r")
      .Node("Flatten", {"r"}, "f")
      .Node("Relu", {"f"}, "fr")
      .Node("Gemm", {"fr", "w", "b"}, "y", {MakeInt("transB", 1)})
      .Node("Gemm", {"f", "w2", "b2"}, "z", {MakeInt("transB", 1)})
      .Output("y")
      .Output("z");
  ExpectSame(*maker.Make());
  EXPECT_THAT(ExecutedTypes(*maker.Make()), Not(Contains("Transpose")));
}

// Whoever else reads the flattened picture sees it in ONNX's order.
TEST(LayoutTest, FlattenIntoAnOutput) {
  ModelMaker maker;
  maker.Input("x", {-1, 3, 4, 5}).Node("Relu", {"x"}, "r").Node("Flatten", {"r"}, "f").Output("f");
  ExpectSame(*maker.Make());
}

TEST(LayoutTest, FlattenOfOnePixelCostsNothing) {
  ModelMaker maker;
  maker.Input("x", {-1, 3, 4, 5})
      .Weights("w", {7, 3})
      .Weights("b", {7})
      .Node("GlobalAveragePool", {"x"}, "g")
      .Node("Flatten", {"g"}, "f")
      .Node("Gemm", {"f", "w", "b"}, "y", {MakeInt("transB", 1)})
      .Node("Softmax", {"y"}, "p", {MakeInt("axis", 1)})
      .Output("p");
  ExpectSame(*maker.Make());
  EXPECT_THAT(ExecutedTypes(*maker.Make()), Not(Contains("Transpose")));
}

TEST(LayoutTest, ConcatOfChannelsAndAPictureAsOutput) {
  ModelMaker maker;
  maker.Input("x", {-1, 2, 4, 5})
      .Node("Relu", {"x"}, "r")
      .Node("Concat", {"x", "r"}, "y", {MakeInt("axis", 1)})
      .Output("y");
  ExpectSame(*maker.Make());
}

// [N, C, H, W] -> [N, 2, C/2, H, W] -> swap -> [N, C, H, W]: channel c comes from (c % 2) * C/2 + c / 2.
TEST(LayoutTest, ChannelShuffle) {
  ModelMaker maker;
  maker.Input("x", {2, 6, 3, 4})
      .Ints("split", {2, 2, 3, 3, 4})
      .Ints("join", {2, 6, 3, 4})
      .Node("Reshape", {"x", "split"}, "s")
      .Node("Transpose", {"s"}, "t", {MakeInts("perm", {0, 2, 1, 3, 4})})
      .Node("Reshape", {"t", "join"}, "y")
      .Output("y");
  const Array x = InputOf(*maker.Make(), 2);
  Array y = x;
  for (size_t n = 0; n < 2; ++n) {
    for (size_t c = 0; c < 6; ++c) {
      for (size_t pixel = 0; pixel < 12; ++pixel) {
        y.values[(n * 6 + c) * 12 + pixel] = x.values[(n * 6 + (c % 2) * 3 + c / 2) * 12 + pixel];
      }
    }
  }
  ExpectSame(*maker.Make(), 2, {{"y", y}});
}

// With the batch open, [N, 3, H, W] -> [N*3, 1, H, W] has the same dims[0] on both sides and is no split of
// channels: the elements must come out in ONNX's order.
TEST(LayoutTest, ChannelsFoldedIntoAnOpenBatch) {
  ModelMaker maker;
  maker.Input("x", {-1, 3, 4, 5})
      .Ints("fold", {-1, 1, 4, 5})
      .Ints("unfold", {-1, 3})
      .Node("Relu", {"x"}, "r")
      .Node("Reshape", {"r", "fold"}, "f")
      .Node("GlobalAveragePool", {"f"}, "g")
      .Node("Reshape", {"g", "unfold"}, "y")
      .Output("y");
  const Array x = InputOf(*maker.Make(), 2);
  Array means{{2, 3}, std::vector<double>(6, 0.0)};
  for (size_t i = 0; i < x.values.size(); ++i) means.values[i / 20] += std::max(x.values[i], 0.0) / 20;
  ExpectSame(*maker.Make(), 2, {{"y", means}});
}

// The head of a detector: channels-last in ONNX is how the picture lies already.
TEST(LayoutTest, TransposeToChannelsLastCostsNothing) {
  ModelMaker maker;
  maker.Input("x", {1, 3, 4, 5})
      .Node("Relu", {"x"}, "r")
      .Node("Transpose", {"r"}, "y", {MakeInts("perm", {0, 2, 3, 1})})
      .Output("y");
  const Array x = InputOf(*maker.Make(), 1);
  Array y{{1, 4, 5, 3}, {}};
  for (size_t pixel = 0; pixel < 20; ++pixel) {
    for (size_t c = 0; c < 3; ++c) y.values.push_back(std::max(0.0, x.values[c * 20 + pixel]));
  }
  ExpectSame(*maker.Make(), 1, {{"y", y}});
  EXPECT_THAT(ExecutedTypes(*maker.Make()), Not(Contains("Transpose")));
}

// Squeeze and excitation: one number per channel, [N, C] -> [N, C, 1, 1], times the picture; a constant [C,
// 1, 1] plus.
TEST(LayoutTest, BroadcastsOverChannels) {
  ModelMaker maker;
  maker.Input("x", {2, 3, 4, 5})
      .Weights("k", {3, 1, 1})
      .Ints("shape", {2, 3, 1, 1})
      .Node("GlobalAveragePool", {"x"}, "g")
      .Node("Flatten", {"g"}, "f")
      .Node("Reshape", {"f", "shape"}, "e")
      .Node("Mul", {"x", "e"}, "m")
      .Node("Add", {"k", "m"}, "y")
      .Output("y");
  const Array x = InputOf(*maker.Make(), 2);
  const auto& k = maker.Make()->graph().initializer(0).float_data();
  Array y = x;
  for (size_t i = 0; i < 6; ++i) {
    double mean = 0;
    for (size_t pixel = 0; pixel < 20; ++pixel) mean += x.values[i * 20 + pixel] / 20;
    for (size_t pixel = 0; pixel < 20; ++pixel) {
      y.values[i * 20 + pixel] =
          x.values[i * 20 + pixel] * mean + static_cast<double>(k[static_cast<int>(i % 3)]);
    }
  }
  ExpectSame(*maker.Make(), 2, {{"y", y}});
}

TEST(RefusalTest, NamesTheOperatorsAndTheirLayers) {
  ModelMaker maker;
  maker.Input("x", {1, 3, 4, 5}).Node("Selu", {"x"}, "a").Node("ThresholdedRelu", {"a"}, "y").Output("y");
  EXPECT_THAT(LoadError(*maker.Make()), AllOf(HasSubstr("Selu"), HasSubstr("a_node"),
                                              HasSubstr("not supported by"), HasSubstr("TensorFlow")));
}

TEST(RefusalTest, NamesTheLayerThatCantBeTranslated) {
  ModelMaker maker(11);
  maker.Input("x", {1, 2, 4, 5})
      .Node("DepthToSpace", {"x"}, "y", {MakeInt("blocksize", 1), MakeText("mode", "CRD")})
      .Output("y");
  EXPECT_THAT(LoadError(*maker.Make()),
              HasSubstr("layer 'y_node' (DepthToSpace): only mode DCR is supported"));
}

TEST(RefusalTest, WeightsComputedAtRunTime) {
  ModelMaker maker;
  maker.Input("x", {1, 1, 4, 4}).Input("w", {1, 1, 3, 3}).Node("Conv", {"x", "w"}, "y").Output("y");
  EXPECT_THAT(LoadError(*maker.Make()), HasSubstr("input 'w' must be a constant of fp32 values"));
}

}  // namespace
}  // namespace sightline::tensorflow
