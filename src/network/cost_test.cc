#include "src/network/cost.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

TEST(CostTest, CountsAConvolution) {
  auto model = ParseModel(
      "g (float[N,3,8,8] x) => (float[N,16,4,4] y) {"
      "y = Conv<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(x, w, b) }");
  AddWeight(*model, "w", {16, 3, 3, 3});
  AddWeight(*model, "b", {16});
  const NetworkCost cost = Load(std::move(model)).Cost();
  ASSERT_EQ(cost.layers.size(), 1u);
  const LayerCost& conv = cost.layers.front();
  EXPECT_EQ(conv.op_type, "Conv");
  EXPECT_EQ(conv.output_shape, "1x16x4x4");
  EXPECT_EQ(conv.parameters, 16 * 3 * 3 * 3 + 16);  // 448
  EXPECT_EQ(conv.macs, 16 * 4 * 4 * (3 * 3 * 3));   // 256 outputs of 27 products: 6912
  EXPECT_EQ(conv.weight_bytes, 4 * 448);
  EXPECT_EQ(conv.input_bytes, 4 * 3 * 8 * 8);
  EXPECT_EQ(conv.output_bytes, 4 * 16 * 4 * 4);
  EXPECT_EQ(cost.macs, 6912);
  EXPECT_EQ(cost.activation_bytes, 4 * 16 * 4 * 4);
}

TEST(CostTest, CountsDepthwiseAndGroupedConvolutionsByTheirGroups) {
  auto model = ParseModel(
      "g (float[N,8,4,4] x) => (float[N,16,4,4] y) {"
      "a = Conv<pads = [1, 1, 1, 1], group = 8>(x, dw)  y = Conv<group = 2>(a, pw) }");
  AddWeight(*model, "dw", {8, 1, 3, 3});
  AddWeight(*model, "pw", {16, 4, 1, 1});
  const NetworkCost cost = Load(std::move(model)).Cost();
  EXPECT_EQ(cost.layers[0].macs, 8 * 16 * 9);   // each output sums over one channel's 3 x 3
  EXPECT_EQ(cost.layers[1].macs, 16 * 16 * 4);  // each output sums over 8 / 2 channels
  EXPECT_EQ(cost.parameters, 72 + 64);
}

TEST(CostTest, CountsATransposedConvolutionByItsInput) {
  auto model = ParseModel(
      "g (float[N,3,4,4] x) => (float[N,5,8,8] y) {"
      "y = ConvTranspose<kernel_shape = [2, 2], strides = [2, 2]>(x, w) }");
  AddWeight(*model, "w", {3, 5, 2, 2});
  const NetworkCost cost = Load(std::move(model)).Cost();
  EXPECT_EQ(cost.macs, 3 * 4 * 4 * (5 * 2 * 2));  // every input value meets 5 filters of 2 x 2: 960
}

TEST(CostTest, CountsMatrixProductsInEveryOrientation) {
  for (const char* attributes : {"", "<transB = 1>", "<transA = 1>", "<transA = 1, transB = 1>"}) {
    SCOPED_TRACE(attributes);
    const bool transposed_a = std::string(attributes).find("transA") != std::string::npos;
    const bool transposed_b = std::string(attributes).find("transB") != std::string::npos;
    auto model = ParseModel(fmt::format("g (float[{}] x) => (float[2,7] y) {{ y = Gemm{}(x, w, b) }}",
                                        transposed_a ? "5,2" : "2,5", attributes));
    AddWeight(*model, "w", transposed_b ? std::vector<int64_t>{7, 5} : std::vector<int64_t>{5, 7});
    AddWeight(*model, "b", {7});
    const NetworkCost cost = Load(std::move(model)).Cost();
    EXPECT_EQ(cost.macs, 2 * 7 * 5);  // the batch of 2 the file has
    EXPECT_EQ(cost.parameters, 35 + 7);
  }
}

TEST(CostTest, CountsABatchedMatMul) {
  const NetworkCost cost =
      Load("g (float[N,4,6,5] a, float[N,4,5,7] b) => (float[N,4,6,7] y) { y = MatMul(a, b) }").Cost();
  EXPECT_EQ(cost.macs, 4 * 6 * 7 * 5);
  EXPECT_EQ(cost.parameters, 0);
}

TEST(CostTest, CountsGammaAndBetaButNotTheStatistics) {
  auto model = ParseModel(
      "g (float[N,6,4,4] x) => (float[N,6,4,4] y) {"
      "y = BatchNormalization(x, gamma, beta, mean, variance) }");
  for (const char* name : {"gamma", "beta", "mean", "variance"}) AddWeight(*model, name, {6});
  const NetworkCost cost = Load(std::move(model)).Cost();
  EXPECT_EQ(cost.parameters, 12);
  EXPECT_EQ(cost.macs, 0);
  EXPECT_EQ(cost.weight_bytes, 4 * 24);
}

TEST(CostTest, CountsLearnedFactorsAndNotFixedOnes) {
  auto model =
      ParseModel(R"(g (float[N,3,4,4] x) => (float[N,3,4,4] y) <float six = {6.0}, float[1] third = {0.33}> {
      a = Sub(x, mean)  b = Mul(a, third)  c = Mul(b, scale)  d = Clip(c, , six)  y = PRelu(d, slope) })");
  AddWeight(*model, "mean", {1, 3, 1, 1});
  AddWeight(*model, "scale", {1, 3, 1, 1});
  AddWeight(*model, "slope", {3, 1, 1});
  const NetworkCost cost = Load(std::move(model)).Cost();
  EXPECT_EQ(cost.parameters, 3 + 3);  // scale and slope
}

TEST(CostTest, CountsSharedWeightsOnce) {
  auto model = ParseModel("g (float[N,3,4,4] x) => (float[N,3,4,4] y) { a = Conv(x, w)  y = Conv(a, w) }");
  AddWeight(*model, "w", {3, 3, 1, 1});
  const NetworkCost cost = Load(std::move(model)).Cost();
  EXPECT_EQ(cost.parameters, 9);
  EXPECT_EQ(cost.layers[1].parameters, 0);
  EXPECT_EQ(cost.layers[1].macs, cost.layers[0].macs);
}

TEST(CostTest, CountsForOnePictureWhereTheBatchIsOpenAndForTheBatchElse) {
  auto model = ParseModel("g (float[N,3,4,4] x) => (float[N,48] y) { y = Flatten(x) }");
  const Network open = Load(std::move(model));
  EXPECT_EQ(open.Cost().layers.front().output_shape, "1x48");
  EXPECT_EQ(open.WithBatch(4).value().Cost().layers.front().output_shape, "4x48");
  EXPECT_EQ(open.WithBatch(4).value().Cost().activation_bytes, 4 * open.Cost().activation_bytes);
}

TEST(CostTest, SaysWhereAShapeIsNotKnown) {
  const NetworkCost cost = Load("g (float[N,3,H,W] x) => (float[N,3,H,W] y) { y = Relu(x) }").Cost();
  EXPECT_EQ(cost.layers.front().output_shape, "?");
  EXPECT_EQ(cost.activation_bytes, 0);
}

// Windows cut out of a picture and laid side by side: their number is a multiple of the batch.
TEST(CostTest, CountsWhereADimensionIsAMultipleOfAnOpenBatch) {
  auto model = ParseModel(
      "g (float[N,4,8] x) => (float[N,4,16] y) <int64[2] rows = {-1, 8}, int64[3] back = {-1, 4, 16}> {"
      "a = Reshape(x, rows)  b = MatMul(a, w)  y = Reshape(b, back) }");
  AddWeight(*model, "w", {8, 16});
  const Network network = Load(std::move(model));
  EXPECT_EQ(network.Cost().macs, 4 * 8 * 16);
  EXPECT_EQ(network.Cost().macs, network.WithBatch(1).value().Cost().macs);
  EXPECT_EQ(network.Cost().layers[1].output_shape, "4x16");
  EXPECT_EQ(network.Cost().layers[1].output_bytes, 4 * 4 * 16);
}

TEST(CostTest, CountsWeightsThatReachTheirLayerThroughACast) {
  auto model =
      ParseModel("g (float[N,3,4,4] x) => (float[N,8,4,4] y) { w = Cast<to = 1>(half)  y = Conv(x, w) }");
  const int64_t dims[] = {8, 3, 1, 1};
  *model->mutable_graph()->add_initializer() =
      MakeTensor("half", onnx::TensorProto::FLOAT16, dims, std::string(2 * 24, '\0'));
  const NetworkCost cost = Load(std::move(model)).Cost();
  EXPECT_EQ(cost.parameters, 24);
  EXPECT_EQ(cost.weight_bytes, 48);
}

TEST(CostTest, CountsThatLeaveTheNumbersStayAtTheirEnd) {
  const NetworkCost cost =
      Load("g (float[1000000,200000000] x, float[200000000,1000000] z) => (float y) { y = MatMul(x, z) }")
          .Cost();
  EXPECT_EQ(cost.macs, INT64_MAX);
}

}  // namespace
}  // namespace sightline::network
