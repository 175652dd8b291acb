#include "src/network/quantize.h"

#include <cmath>
#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "onnx/checker.h"
#include "src/network/reference_evaluator.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

template <typename T>
std::vector<T> ValuesOf(const Network& network, const std::string& name) {
  const onnx::TensorProto* tensor = FindConstant(network, name);
  if (tensor == nullptr) return {};
  std::vector<T> values(tensor->raw_data().size() / sizeof(T));
  std::memcpy(values.data(), tensor->raw_data().data(), tensor->raw_data().size());
  return values;
}

Network Must(Result<Network> network) {
  if (!network.ok()) throw std::runtime_error(network.error().message());
  return *std::move(network);
}

// Two pixels of two channels, two filters of size 1.
std::unique_ptr<onnx::ModelProto> SmallConv() {
  auto model = ParseModel("g (float[N,2,1,2] x) => (float[N,2,1,2] y) { y = Conv(x, w, b) }");
  const std::vector<float> weights = {1.0F, -0.5F, 0.02F, 0.005F};
  const std::vector<float> bias = {0.3F, -0.1F};
  *model->mutable_graph()->add_initializer() =
      MakeFloatTensor("w", std::vector<int64_t>{2, 2, 1, 1}, weights);
  *model->mutable_graph()->add_initializer() = MakeFloatTensor("b", std::vector<int64_t>{2}, bias);
  return model;
}

TEST(Quantize, AConvolutionByHand) {
  const Network network = Load(SmallConv());
  EXPECT_THAT(TensorsToCalibrate(network), ElementsAre("x"));
  const Network quantized = Must(Quantize(network, {{"x", {-1, 1.55F}}}));
  EXPECT_EQ(OpTypes(quantized), "QuantizeLinear DequantizeLinear DequantizeLinear DequantizeLinear Conv");
  onnx::checker::check_model(quantized.model());
  const std::string conv = FindNode(quantized, "Conv")->name();
  // 2.55 / 255, and -1 is 100 steps below zero.
  EXPECT_THAT(ValuesOf<float>(quantized, "x_scale"), ElementsAre(FloatNear(0.01F, 1e-7F)));
  EXPECT_THAT(ValuesOf<uint8_t>(quantized, "x_zero_point"), ElementsAre(100));
  // Each filter's largest weight is 127; -0.5 is 63.5 steps, of which -64 is the even neighbour, 0.005
  // is 31.75.
  EXPECT_THAT(ValuesOf<int8_t>(quantized, conv + "/weights_int8"), ElementsAre(127, -64, 127, 32));
  EXPECT_THAT(ValuesOf<float>(quantized, conv + "/weights_scale"),
              Pointwise(FloatNear(1e-8F), {1 / 127.0F, 0.02F / 127}));
  // 0.3 / (0.01 / 127) = 3810, -0.1 / (0.01 * 0.02 / 127) = -63500.
  EXPECT_THAT(ValuesOf<int32_t>(quantized, conv + "/bias_int32"), ElementsAre(3810, -63500));

  // Pixels (0.504, 1.2) and (-3, 0.255): in steps of 0.01 they become 0.50, 1.20, -1 (the end) and 0.26 (25.5
  // to the even 26).
  const FloatTensor result = ReferenceEvaluator(quantized).Run({{{1, 2, 1, 2}, {0.504F, -3, 1.2F, 0.255F}}});
  const float half = 64 / 127.0F;
  const float small = 0.02F * 32 / 127;
  EXPECT_THAT(result.values, Pointwise(FloatNear(1e-5F),
                                       {0.5F - half * 1.2F + 0.3F, -1 - half * 0.26F + 0.3F,
                                        0.02F * 0.5F + small * 1.2F - 0.1F, -0.02F + small * 0.26F - 0.1F}));
}

TEST(Quantize, SymmetricActivationsHaveNoZeroPointAndBiasesMayStay) {
  const Network network = Load(SmallConv());
  const Network quantized = Must(
      Quantize(network, {{"x", {-1, 1.27F}}}, {.symmetric_activations = true, .quantize_biases = false}));
  EXPECT_EQ(OpTypes(quantized), "QuantizeLinear DequantizeLinear DequantizeLinear Conv");
  EXPECT_EQ(FindConstant(quantized, "x_zero_point")->data_type(), onnx::TensorProto::INT8);
  EXPECT_THAT(ValuesOf<int8_t>(quantized, "x_zero_point"), ElementsAre(0));
  EXPECT_THAT(ValuesOf<float>(quantized, "x_scale"), ElementsAre(FloatNear(0.01F, 1e-7F)));
  EXPECT_EQ(FindNode(quantized, "Conv")->input(2), "b");
}

TEST(Quantize, WeightsMayHaveABitLess) {
  const Network network = Load(SmallConv());
  const Network quantized = Must(Quantize(network, {{"x", {-1, 1.55F}}}, {.weight_limit = 64}));
  const std::string conv = FindNode(quantized, "Conv")->name();
  EXPECT_THAT(ValuesOf<int8_t>(quantized, conv + "/weights_int8"), ElementsAre(64, -32, 64, 16));
  EXPECT_THAT(ValuesOf<float>(quantized, conv + "/weights_scale"),
              Pointwise(FloatNear(1e-8F), {1 / 64.0F, 0.02F / 64}));
}

TEST(Quantize, RangesAreMappedWithZeroInThem) {
  EXPECT_EQ(MapRange({0, 0}, false).scale, 1);
  EXPECT_FLOAT_EQ(MapRange({1, 5.1F}, false).scale, 0.02F) << "from 0, which padding is made of";
  EXPECT_EQ(MapRange({1, 5.1F}, false).zero_point, 0);
  EXPECT_EQ(MapRange({-5.1F, -1}, false).zero_point, 255);
  EXPECT_FLOAT_EQ(MapRange({-2.54F, 1}, true).scale, 0.02F);
}

TEST(Quantize, BatchNormalizationIsFoldedAndComputesTheSame) {
  auto model = ParseModel(R"(g (float[N,2,3,3] x) => (float[N,2,3,3] y) <float[2] gamma = {1.5, 0.5},
      float[2] beta = {0.1, -0.2}, float[2] mean = {0.3, 0.4}, float[2] variance = {0.25, 4.0}> {
      c = Conv(x, w)  n = BatchNormalization(c, gamma, beta, mean, variance)  y = Relu(n) })");
  AddWeight(*model, "w", {2, 2, 1, 1});
  const Network network = Load(std::move(model));
  const Network ready = Must(ReadyToQuantize(network));
  EXPECT_EQ(OpTypes(ready), "Conv Relu");
  const FloatTensor input = Ramp({2, 2, 3, 3});
  EXPECT_THAT(ReferenceEvaluator(ready).Run({input}).values,
              Pointwise(FloatNear(1e-5F), ReferenceEvaluator(network).Run({input}).values));
}

TEST(Quantize, BatchNormalizationOfAResultThatOthersReadStays) {
  auto model = ParseModel(R"(g (float[N,2,3,3] x) => (float[N,2,3,3] y) <float[2] one = {1.0, 1.0}> {
      c = Conv(x, w)  n = BatchNormalization(c, one, one, one, one)  y = Add(n, c) })");
  AddWeight(*model, "w", {2, 2, 1, 1});
  EXPECT_EQ(OpTypes(Must(ReadyToQuantize(Load(std::move(model))))), "Conv BatchNormalization Add");
}

TEST(Quantize, WhatOnlyPicksOrJoinsValuesHasOneScaleOnAllSides) {
  auto model = ParseModel(R"(g (float[N,2,4,4] x) => (float[N,2,2,2] y) {
      a = Relu(x)  b = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(a)
      c = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(x)  d = Concat<axis = 1>(b, c)  y = Conv(d, w) })");
  AddWeight(*model, "w", {2, 4, 1, 1});
  const Network network = Load(std::move(model));
  EXPECT_THAT(TensorsToCalibrate(network), ElementsAre("a", "x", "b", "c", "d"));
  const Network quantized =
      Must(Quantize(network, {{"a", {0, 1}}, {"x", {-3, 1}}, {"b", {0, 1}}, {"c", {-2, 2}}, {"d", {-2, 2}}}));
  for (const char* tensor : {"a", "x", "b", "c", "d"}) {
    EXPECT_THAT(ValuesOf<float>(quantized, std::string(tensor) + "_scale"),
                ElementsAre(FloatNear(5.0F / 255, 1e-6F)))
        << tensor;
  }
}

TEST(Quantize, AMissingOrInfiniteRangeIsNamed) {
  const Network network = Load(SmallConv());
  EXPECT_THAT(Quantize(network, {}).error().message(), HasSubstr("no range is known of tensor 'x'"));
  EXPECT_THAT(Quantize(network, {{"x", {0, INFINITY}}}).error().message(),
              HasSubstr("tensor 'x' has values that are not finite"));
}

TEST(Quantize, TensorsInsideBecomeOutputs) {
  auto model = ParseModel("g (float[N,2] x) => (float[N,2] y) { a = Relu(x)  y = Sigmoid(a) }");
  const Network network = Load(std::move(model));
  const Network more = Must(WithOutputs(network, {"x", "a", "y"}));
  ASSERT_EQ(more.Graph().output_count, 2) << "the input is not given again";
  EXPECT_STREQ(more.Graph().values[more.Graph().outputs[1]].name, "a");
  EXPECT_THAT(WithOutputs(network, {"b"}).error().message(), HasSubstr("has no tensor 'b'"));
}

}  // namespace
}  // namespace sightline::network
