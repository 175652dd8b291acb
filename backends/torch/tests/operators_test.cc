// What LibTorch's translation does that the tests shared by all translations do not see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "backends/conformance/operators/model_maker.h"
#include "backends/conformance/operators/runner.h"

namespace sightline::conformance {
namespace {

using testing::HasSubstr;

// Convolution, depthwise convolution and pointwise convolution with Clip to 0 and 6 behind each, on `narrow`
// and `wide` channels.
onnx::ModelProto ClippedModel(int64_t narrow, int64_t wide) {
  ModelMaker maker;
  const auto bounds = std::vector{MakeFloat("min", 0), MakeFloat("max", 6)};
  maker.Input("x", {-1, 3, 33, 34})
      .Weights("w1", {narrow, 3, 3, 3})
      .Weights("w2", {narrow, 1, 3, 3})
      .Weights("w3", {wide, narrow, 1, 1})
      .Weights("b1", {narrow})
      .Weights("b3", {wide})
      .Node("Conv", {"x", "w1", "b1"}, "a", {MakeInts("strides", {2, 2}), MakeInts("pads", {1, 0, 1, 1})})
      .Node("Clip", {"a"}, "a6", bounds)
      .Node("Conv", {"a6", "w2"}, "b", {MakeInt("group", narrow), MakeInts("pads", {1, 1, 1, 1})})
      .Node("Clip", {"b"}, "b6", bounds)
      .Node("Conv", {"b6", "w3", "b3"}, "c")
      .Node("Clip", {"c"}, "c6", bounds)
      .Output("c6");
  return *maker.Make();
}

// LibTorch 1.13's optimize_for_inference is wrong for the ones that are no multiples of 16, or of 8 on a CPU
// with AVX2 only; whatever becomes of that, what comes out is right.
TEST(OptimizationTest, IsNeverWrong) {
  ExpectSame(ClippedModel(16, 32));
  ExpectSame(ClippedModel(24, 40));
  ExpectSame(ClippedModel(20, 36));
}

std::string NoteOf(const onnx::ModelProto& model, const std::string& optimize) {
  auto network = network::Network::FromModel(std::make_unique<onnx::ModelProto>(model), "test");
  backend::EngineOptions options;
  options.options["optimize"] = optimize;
  const Result<Loaded> loaded = Load(*network, options);
  return loaded.ok() ? loaded->engine->info().precision_note : loaded.error().message();
}

TEST(OptimizationTest, SaysWhatIsInUse) {
  EXPECT_THAT(NoteOf(ClippedModel(16, 32), "on"), HasSubstr("optimize_for_inference is in use"));
  EXPECT_THAT(NoteOf(ClippedModel(16, 32), "freeze"), HasSubstr("freeze is in use"));
  EXPECT_THAT(NoteOf(ClippedModel(16, 32), "off"), HasSubstr("run as written"));
}

TEST(ConvolutionTest, OverOneAxis) {
  ModelMaker maker;
  maker.Input("x", {-1, 2, 9})
      .Weights("w", {4, 2, 3})
      .Node("Conv", {"x", "w"}, "y", {MakeInts("pads", {0, 2})});
  maker.Output("y");
  EXPECT_EQ(LoadError(*maker.Make()), "");
}

TEST(LrnTest, EvenWindows) {
  ModelMaker maker;
  maker.Input("x", {-1, 6, 3, 2})
      .Node("LRN", {"x"}, "y", {MakeInt("size", 4), MakeFloat("alpha", 0.5f)})
      .Output("y");
  const onnx::ModelProto model = *maker.Make();
  const Array x = InputOf(model, 1);
  Array y = x;
  for (int64_t c = 0; c < 6; ++c) {
    for (int64_t p = 0; p < 6; ++p) {
      double squares = 0;
      for (int64_t k = c - 1; k <= c + 2; ++k) {
        if (k >= 0 && k < 6) squares += x.values[k * 6 + p] * x.values[k * 6 + p];
      }
      y.values[c * 6 + p] = x.values[c * 6 + p] / std::pow(1 + 0.5 / 4 * squares, 0.75);
    }
  }
  ExpectSame(model, 1, {{"y", y}});
}

TEST(SliceTest, Backwards) {
  ModelMaker maker(11);
  maker.Input("x", {1, 5})
      .Ints("from", {-1})
      .Ints("to", {-6})
      .Ints("axes", {1})
      .Ints("steps", {-2})
      .Node("Slice", {"x", "from", "to", "axes", "steps"}, "y")
      .Output("y");
  const onnx::ModelProto model = *maker.Make();
  const Array x = InputOf(model, 1);
  ExpectSame(model, 1, {{"y", {{1, 3}, {x.values[4], x.values[2], x.values[0]}}}});
}

TEST(ErrorsTest, NameTheOperatorAndTheLayer) {
  ModelMaker maker(13);
  maker.Input("x", {1, 5}).Node("Hardmax", {"x"}, "y").Output("y");
  EXPECT_THAT(LoadError(*maker.Make()),
              HasSubstr("operator Hardmax (layer 'y_node') is not supported by LibTorch"));
}

}  // namespace
}  // namespace sightline::conformance
