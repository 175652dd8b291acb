#include "src/network/preconditions.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Check(const std::string& graph, const std::vector<int64_t>& weights = {}, int opset = 13) {
  auto model = ParseModel(graph, opset);
  if (!weights.empty()) AddWeight(*model, "w", weights);
  const Result<Network> network = Network::FromModel(std::move(model), "test");
  return network.ok() ? "ok" : network.error().message();
}

std::string Conv(const std::string& attributes, const std::string& input = "N,3,8,8") {
  return fmt::format("g (float[{}] x) => (float y) {{ y = Conv{}(x, w) }}", input, attributes);
}

TEST(PreconditionsTest, WindowsStepAndReachForward) {
  for (const char* attribute : {"strides", "dilations", "kernel_shape"}) {
    EXPECT_THAT(Check(Conv(fmt::format("<{} = [0, 0]>", attribute)), {4, 3, 3, 3}),
                AllOf(HasSubstr("node 'Conv_0' (Conv)"), HasSubstr(fmt::format("'{}' holds 0", attribute))));
    EXPECT_THAT(Check(Conv(fmt::format("<{} = [1]>", attribute)), {4, 3, 3, 3}),
                HasSubstr("has 1 entries and should have 2"));
  }
  EXPECT_THAT(Check(Conv("<pads = [0, 0, 0, -9]>"), {4, 3, 3, 3}), HasSubstr("'pads' holds -9"));
  EXPECT_THAT(Check("g (float[1,3,8,8] x) => (float y) { y = MaxPool<kernel_shape = [-2, -2]>(x) }"),
              HasSubstr("'kernel_shape' holds -2"));
  EXPECT_THAT(Check("g (float[1,3,8,8] x) => (float y) {"
                    "y = AveragePool<kernel_shape = [2, 2], strides = [0, 0]>(x) }"),
              HasSubstr("'strides' holds 0"));
}

TEST(PreconditionsTest, WeightsHaveTheRankOfTheInput) {
  EXPECT_THAT(Check(Conv("", "1,3,8"), {4, 3, 3, 3}),
              HasSubstr("the weights have 4 dimensions, and the input has 3"));
  EXPECT_THAT(Check("g (float[1,3,8] x) => (float y) { y = ConvTranspose(x, w) }", {3, 4, 3, 3}),
              HasSubstr("the weights have 4 dimensions"));
  EXPECT_THAT(Check(Conv("", "1,3"), {4, 3}), HasSubstr("none that a window could slide along"));
}

TEST(PreconditionsTest, KernelShapeIsThatOfTheWeights) {
  EXPECT_EQ(Check(Conv("<kernel_shape = [3, 3]>"), {4, 3, 3, 3}), "ok");
  EXPECT_THAT(Check(Conv("<kernel_shape = [5, 5]>"), {4, 3, 3, 3}),
              HasSubstr("'kernel_shape' says 5 where the weights have 3"));
}

// ONNX finds auto_pad by subtraction: without a bound this would take years.
TEST(PreconditionsTest, WindowsSlideOverWhatCanBe) {
  EXPECT_THAT(Check(Conv("<auto_pad = \"SAME_UPPER\", strides = [2, 2]>", "1,3,2000000000,8"), {4, 3, 3, 3}),
              HasSubstr("beyond what is read"));
  EXPECT_THAT(
      Check(Conv("<auto_pad = \"SAME_UPPER\", strides = [2, 2]>", "1,3,4611686018427387904,8"), {4, 3, 3, 3}),
      HasSubstr("larger than any tensor"));
}

TEST(PreconditionsTest, AxesExist) {
  const auto softmax = [](const char* axis) {
    return fmt::format("g (float[2,3,4] x) => (float y) {{ y = Softmax<axis = {}>(x) }}", axis);
  };
  EXPECT_EQ(Check(softmax("-3")), "ok");
  EXPECT_THAT(Check(softmax("3")), HasSubstr("axis 3 does not exist in an input of 3 dimensions"));
  // In 32 bits this would be -1.
  EXPECT_THAT(Check(softmax("9223372036854775807")), HasSubstr("axis 9223372036854775807 does not exist"));
  EXPECT_THAT(
      Check("g (float[2] x, float[2] s) => (float y) { y = LayerNormalization<axis = 1>(x, s) }", {}, 17),
      HasSubstr("axis 1 does not exist"));
}

TEST(PreconditionsTest, WhatIsConcatenatedHasOneType) {
  EXPECT_THAT(
      Check("g (float[2] x) => (float y) <float[2] a = {1, 2}, double[2] b = {1, 2}> {"
            "c = Concat<axis = 0>(a, b)  d = Cast<to = 1>(c)  y = Add(x, d) }"),
      HasSubstr("'Concat_0' (Concat): its inputs do not fit together: they are not of one element type"));
}

TEST(PreconditionsTest, ResultsHaveSizesThatCanBe) {
  EXPECT_THAT(Check(Conv("", "N,3,2,2"), {4, 3, 7, 7}),
              AllOf(HasSubstr("node 'Conv_0' (Conv): its output 'y' would have the shape"),
                    HasSubstr("x4x-4x-4, which can't be")));
  const auto resize = [](const char* scale) {
    return fmt::format(
        "g (float[1,3,4,4] x) => (float y) <float[4] s = {{1, 1, {0}, {0}}}> {{"
        "y = Resize(x, , s) }}",
        scale);
  };
  EXPECT_EQ(Check(resize("2")), "ok");
  EXPECT_THAT(Check(resize("0.0")), HasSubstr("which can't be"));
  EXPECT_THAT(Check(resize("1.0e30")), HasSubstr("which can't be"));
  EXPECT_THAT(Check("g (float[1,3] x) => (float y) <int64[2] r = {1, -1}> { y = Tile(x, r) }"),
              HasSubstr("which can't be"));
  EXPECT_THAT(Check("g (float[4294967296,3] x) => (float y) { y = Relu(x) }"),
              HasSubstr("larger than any tensor"));
}

}  // namespace
}  // namespace sightline::network
