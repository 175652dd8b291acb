#include "src/network/consistency.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::HasSubstr;
using Weights = std::vector<std::pair<std::string, std::vector<int64_t>>>;

std::string Check(const std::string& graph, const Weights& weights) {
  auto model = ParseModel(graph);
  for (const auto& [name, dims] : weights) AddWeight(*model, name, dims);
  const Result<Network> network = Network::FromModel(std::move(model), "test");
  return network.ok() ? "ok" : network.error().message();
}

TEST(ConsistencyTest, ComparesConvolutionsWithTheirInput) {
  const std::string conv = "g (float[N,6,8,8] x) => (float[N,4,6,6] y) { y = Conv(x, w, b) }";
  EXPECT_EQ(Check(conv, {{"w", {4, 6, 3, 3}}, {"b", {4}}}), "ok");
  EXPECT_THAT(
      Check(conv, {{"w", {4, 3, 3, 3}}, {"b", {4}}}),
      HasSubstr(
          "node 'Conv_0' (Conv): its inputs do not fit together: the channel dimension of the weights has "
          "size 3 and should have 6"));
  EXPECT_THAT(Check(conv, {{"w", {4, 6, 3, 3}}, {"b", {5}}}),
              HasSubstr("the bias has size 5 and should have 4"));
}

TEST(ConsistencyTest, ComparesGroups) {
  const auto grouped = [](int group) {
    return fmt::format("g (float[N,6,8,8] x) => (float[N,4,6,6] y) {{ y = Conv<group = {}>(x, w) }}", group);
  };
  EXPECT_EQ(Check(grouped(2), {{"w", {4, 3, 3, 3}}}), "ok");
  EXPECT_THAT(Check(grouped(4), {{"w", {4, 2, 3, 3}}}), HasSubstr("6 channels can't be split into 4 groups"));
  EXPECT_THAT(Check(grouped(3), {{"w", {4, 2, 3, 3}}}), HasSubstr("4 filters can't be split into 3 groups"));
  EXPECT_THAT(Check(grouped(0), {{"w", {4, 2, 3, 3}}}), HasSubstr("0 groups"));
}

TEST(ConsistencyTest, ComparesTransposedConvolutions) {
  const std::string graph = "g (float[N,6,4,4] x) => (float[N,5,5,5] y) { y = ConvTranspose(x, w, b) }";
  EXPECT_EQ(Check(graph, {{"w", {6, 5, 2, 2}}, {"b", {5}}}), "ok");
  EXPECT_THAT(Check(graph, {{"w", {4, 5, 2, 2}}, {"b", {5}}}),
              HasSubstr("first dimension of the weights has size 4"));
}

TEST(ConsistencyTest, ComparesMatrixProducts) {
  const std::string graph = "g (float[N,6] x) => (float[N,4] y) { y = Gemm<transB = 1>(x, w) }";
  EXPECT_EQ(Check(graph, {{"w", {4, 6}}}), "ok");
  EXPECT_THAT(Check(graph, {{"w", {6, 4}}}), HasSubstr("inner dimension of the second matrix has size 4"));
}

TEST(ConsistencyTest, ComparesTheBiasOfAMatrixProduct) {
  const std::string graph = "g (float[N,6] x) => (float[N,4] y) { y = Gemm<transB = 1>(x, w, b) }";
  EXPECT_EQ(Check(graph, {{"w", {4, 6}}, {"b", {4}}}), "ok");
  EXPECT_EQ(Check(graph, {{"w", {4, 6}}, {"b", {1, 1}}}), "ok");
  EXPECT_THAT(Check(graph, {{"w", {4, 6}}, {"b", {5}}}),
              HasSubstr("the bias has shape 5 and the result Nx4"));
  EXPECT_THAT(Check(graph, {{"w", {4, 6}}, {"b", {2, 4}}}), HasSubstr("the bias has shape 2x4"));
  EXPECT_THAT(Check(graph, {{"w", {4, 6}}, {"b", {1, 1, 4}}}), HasSubstr("the bias has 3 dimensions"));
}

TEST(ConsistencyTest, ABiasOfTheFilesBatchHoldsForThatBatchOnly) {
  auto model = ParseModel("g (float[2,6] x) => (float[2,4] y) { y = Gemm<transB = 1>(x, w, b) }");
  AddWeight(*model, "w", {4, 6});
  AddWeight(*model, "b", {2, 4});
  EXPECT_THAT(Load(std::move(model)).WithBatch(4).error().message(), HasSubstr("the bias has shape 2x4"));
}

TEST(ConsistencyTest, ComparesBatchNormalization) {
  const std::string graph =
      "g (float[N,6,4,4] x) => (float[N,6,4,4] y) { y = BatchNormalization(x, s, b, m, v) }";
  EXPECT_EQ(Check(graph, {{"s", {6}}, {"b", {6}}, {"m", {6}}, {"v", {6}}}), "ok");
  EXPECT_THAT(Check(graph, {{"s", {6}}, {"b", {6}}, {"m", {6}}, {"v", {7}}}),
              HasSubstr("the variance has size 7 and should have 6"));
}

TEST(ConsistencyTest, ComparesReshapes) {
  EXPECT_THAT(
      Check("g (float[1,3,4] x) => (float[1,10] y) <int64[2] t = {1, 10}> { y = Reshape(x, t) }", {}),
      HasSubstr(
          "node 'Reshape_0' (Reshape): its inputs do not fit together: 1x3x4 can't be reshaped to 1x10"));
  // An open batch whose Reshape takes it for one: the file contradicts itself.
  EXPECT_THAT(Check("g (float[N,3,4] x) => (float[1,12] y) <int64[2] t = {1, 12}> { y = Reshape(x, t) }", {}),
              HasSubstr("Nx3x4 can't be reshaped to 1x12"));
}

}  // namespace
}  // namespace sightline::network
