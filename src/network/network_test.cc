#include "src/network/network.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

std::unique_ptr<onnx::ModelProto> SomeModel() {
  auto model = ParseModel(R"(g (float[N,3,8,8] x) => (float[N,10] y) {
      a = Conv<kernel_shape = [3, 3]>(x, w)  b = BatchNormalization(a, gamma, beta, mean, variance)  c = Relu(b)
      d = GlobalAveragePool(c)  e = Flatten(d)  y = Gemm<transB = 1>(e, fc) })");
  AddWeight(*model, "w", {16, 3, 3, 3});
  for (const char* name : {"gamma", "beta", "mean", "variance"}) AddWeight(*model, name, {16});
  AddWeight(*model, "fc", {10, 16});
  return model;
}

TEST(NetworkTest, SameModelGivesSameBytes) {
  auto reordered = SomeModel();
  reordered->mutable_graph()->mutable_initializer()->SwapElements(0, 5);
  const std::string bytes = Load(SomeModel()).Serialize().value();
  EXPECT_EQ(Load(SomeModel()).Serialize().value(), bytes);
  EXPECT_EQ(Load(std::move(reordered)).Serialize().value(), bytes);
}

TEST(NetworkTest, ModelHasItsWeights) {
  const Network network = Load(SomeModel());
  EXPECT_EQ(network.model().graph().initializer_size(), 6);
  onnx::ModelProto copy = network.model();  // owns its own
  copy.mutable_graph()->mutable_initializer(0)->clear_raw_data();
  EXPECT_TRUE(network.model().graph().initializer(0).has_raw_data());
}

TEST(NetworkTest, EveryOutputHasAShape) {
  const Network network = Load(ParseModel("g (float[N,4] x) => (float[] y) { y = Relu(x) }"));
  EXPECT_EQ(network.model().graph().output(0).type().tensor_type().shape().dim_size(), 2);
}

TEST(NetworkTest, WeightsAreSharedAndOutliveTheNetworkTheyCameFrom) {
  auto first = std::make_unique<Network>(Load(SomeModel()));
  const std::vector<std::string> rewrites = {"opset_10"};
  const Network second = first->WithBatch(2).value().WithRewrites(rewrites).value();
  EXPECT_EQ(FindConstant(*first, "w")->raw_data().data(), FindConstant(second, "w")->raw_data().data());
  const std::string weight = FindConstant(*first, "w")->raw_data();
  first.reset();
  EXPECT_EQ(FindConstant(second, "w")->raw_data(), weight);
}

TEST(NetworkTest, MovesAndAssigns) {
  Network network = Load(SomeModel());
  network = network.WithBatch(4).value();
  EXPECT_EQ(network.batch(), 4);
  EXPECT_EQ(network.name(), "test");
}

}  // namespace
}  // namespace sightline::network
