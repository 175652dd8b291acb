#include "src/network/normalize.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What PyTorch writes for x.view(x.size(0), -1).
TEST(NormalizeTest, FoldsPyTorchsFlattenIntoAConstantReshape) {
  const Network network = Load(R"(g (float[batch,3,4,4] x) => (float[batch,48] y) {
      c = Relu(x)  s = Shape(c)  zero = Constant<value = int64 {0}>()  b = Gather<axis = 0>(s, zero)
      axes = Constant<value = int64[1] {0}>()  bs = Unsqueeze(b, axes)
      minus_one = Constant<value = int64[1] {-1}>()  t = Concat<axis = 0>(bs, minus_one)  y = Reshape(c, t) })");
  EXPECT_EQ(OpTypes(network), "Relu Reshape");
  EXPECT_THAT(OperandOf(network, "Reshape"), ElementsAre(0, 48));
  EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, 48));
  EXPECT_EQ(network.model().graph().initializer_size(), 1);
}

// ShuffleNet v2's channel shuffle with every size taken from the shape.
TEST(NormalizeTest, FoldsArithmeticOnShapes) {
  const Network network = Load(R"(g (float[N,6,4,4] x) => (float[N,6,4,4] y)
      <int64 i0 = {0}, int64 i1 = {1}, int64 i2 = {2}, int64[1] axis = {0}, int64[1] two = {2}> {
      s = Shape(x)  n = Gather(s, i0)  c = Gather(s, i1)  h = Gather(s, i2)
      half = Div(c, two)  nn = Unsqueeze(n, axis)  hh = Unsqueeze(h, axis)
      split = Concat<axis = 0>(nn, two, half, hh, hh)  a = Reshape(x, split)
      b = Transpose<perm = [0, 2, 1, 3, 4]>(a)  y = Reshape(b, s) })");
  EXPECT_EQ(OpTypes(network), "Reshape Transpose Reshape");
  EXPECT_THAT(OperandOf(network, "Reshape"), ElementsAre(0, 2, 3, 4, 4));
  EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, 6, 4, 4));
}

// The batch multiplied into another dimension, and taken out again.
TEST(NormalizeTest, FollowsMultiplesOfTheBatch) {
  const Network network = Load(R"(g (float[N,6,2,2] x) => (float[N,6,2,2] y)
      <int64 i0 = {0}, int64[1] axis = {0}, int64[1] three = {3}, int64[2] rest = {2, 4}> {
      s = Shape(x)  n = Gather(s, i0)  nn = Unsqueeze(n, axis)  folded = Mul(nn, three)
      t = Concat<axis = 0>(folded, rest)  a = Reshape(x, t)  b = Relu(a)  y = Reshape(b, s) })");
  EXPECT_EQ(OpTypes(network), "Reshape Relu Reshape");
  EXPECT_THAT(OperandOf(network, "Reshape"), ElementsAre(-1, 2, 4));
  EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, 6, 2, 2));
  EXPECT_THAT(DimsOf(network.WithBatch(5).value(), "a"), ElementsAre(15, 2, 4));
}

TEST(NormalizeTest, ReshapeTargetsLeaveTheBatchToZero) {
  const Network network =
      Load("g (float[N,8,1,1] x) => (float[N,8] y) <int64[2] t = {-1, 8}> { y = Reshape(x, t) }");
  EXPECT_THAT(OperandOf(network, "Reshape"), ElementsAre(0, 8));
  EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, 8));
}

// torch.Tensor.expand: Shape -> ConstantOfShape -> Mul -> Equal -> Where -> Expand.
TEST(NormalizeTest, FoldsPyTorchsExpand) {
  const Network network = Load(R"(g (float[2,3,1] x) => (float[2,3,4] y)
      <int64[3] wanted = {-1, 3, 4}, int64[1] three = {3}, int64 minus_one = {-1}> {
      ones = ConstantOfShape<value = int64[1] {1}>(three)  m = Mul(ones, minus_one)  e = Equal(wanted, m)
      shape = Where(e, ones, wanted)  y = Expand(x, shape) })");
  EXPECT_EQ(OpTypes(network), "Expand");
  EXPECT_THAT(OperandOf(network, "Expand"), ElementsAre(1, 3, 4));
}

TEST(NormalizeTest, InfersResizesWhoseSizesComeFromAShape) {
  const Network network = Load(R"(g (float[N,3,4,5] x) => (float[N,3,8,10] y)
      <int64[1] from = {2}, int64[1] to = {4}, int64[1] zero = {0}, int64[1] two = {2}> {
      s = Shape(x)  hw = Slice(s, from, to)  nc = Slice(s, zero, two)  hw2 = Mul(hw, two)
      sizes = Concat<axis = 0>(nc, hw2)  y = Resize<mode = "nearest">(x, , , sizes) })");
  EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, 3, 8, 10));
}

TEST(NormalizeTest, FoldsWeightsThatAreMovedBeforeUse) {
  auto model = ParseModel(
      "g (float[N,4] x) => (float[N,6] y) { wt = Transpose<perm = [1, 0]>(w)  y = MatMul(x, wt) }");
  AddWeight(*model, "w", {6, 4}, 0.0F, 1.0F);
  const Network network = Load(std::move(model));
  EXPECT_EQ(OpTypes(network), "MatMul");
  const onnx::TensorProto* wt = FindConstant(network, "wt");
  ASSERT_NE(wt, nullptr);
  EXPECT_THAT(Dims(*wt), ElementsAre(4, 6));
  const auto* values = reinterpret_cast<const float*>(wt->raw_data().data());
  EXPECT_FLOAT_EQ(values[1], 4.0F);  // w[1][0]
  EXPECT_EQ(FindConstant(network, "w"), nullptr);
}

TEST(NormalizeTest, RemovesIdentityAndDropout) {
  const Network network = Load(R"(g (float[N,3] x) => (float[N,3] y) <float ratio = {0.5}> {
      a = Identity(x)  b = Relu(a)  c, mask = Dropout(b, ratio)  d = Identity(c)  e = Sigmoid(d)  y = Identity(e) })");
  EXPECT_EQ(OpTypes(network), "Relu Sigmoid");
  EXPECT_EQ(network.model().graph().output(0).name(), "y");
  EXPECT_EQ(network.model().graph().node(1).output(0), "y");
}

TEST(NormalizeTest, KeepsADropoutThatDrops) {
  const Network training =
      Load(R"(g (float[N,3] x) => (float[N,3] y) <float ratio = {0.5}, bool train = {1}> {
      a = Relu(x)  y = Dropout(a, ratio, train) })");
  EXPECT_EQ(OpTypes(training), "Relu Dropout");
  const Network masked = Load("g (float[N,3] x) => (float[N,3] y, bool[N,3] mask) { y, mask = Dropout(x) }");
  EXPECT_EQ(OpTypes(masked), "Dropout");
}

TEST(NormalizeTest, KeepsAnIdentityBetweenInputAndOutput) {
  EXPECT_EQ(OpTypes(Load("g (float[N,3] x) => (float[N,3] y) { y = Identity(x) }")), "Identity");
  EXPECT_EQ(
      OpTypes(Load("g (float[N,3] x) => (float[N,3] y, float[N,3] z) { y = Relu(x)  z = Identity(y) }")),
      "Relu Identity");
}

TEST(NormalizeTest, DropsWhatNoOutputNeeds) {
  auto model =
      ParseModel("g (float[N,3] x) => (float[N,3] y) { a = Sigmoid(x)  b = Add(a, w)  y = Relu(x) }");
  AddWeight(*model, "w", {3});
  const Network network = Load(std::move(model));
  EXPECT_EQ(OpTypes(network), "Relu");
  EXPECT_EQ(network.model().graph().initializer_size(), 0);
}

TEST(NormalizeTest, NamesNodesUniquelyAndKeepsGivenNames) {
  auto model =
      ParseModel("g (float[N,3] x) => (float[N,3] y) { a = Relu(x)  b = Relu(a)  c = Relu(b)  y = Relu(c) }");
  model->mutable_graph()->mutable_node(1)->set_name("same");
  model->mutable_graph()->mutable_node(2)->set_name("same");
  model->mutable_graph()->mutable_node(3)->set_name("Relu_0");
  const Network network = Load(std::move(model));
  std::vector<std::string> names;
  for (const auto& node : network.model().graph().node()) names.push_back(node.name());
  EXPECT_THAT(names, ElementsAre("Relu_0_2", "same", "same_2", "Relu_0"));
}

TEST(NormalizeTest, CallsAnOpenBatchN) {
  for (const char* dim : {"batch_size", "N", "0"}) {
    SCOPED_TRACE(dim);
    const Network network =
        Load(fmt::format("g (float[{0},3,4] x) => (float[{0},3,4] y) {{ y = Relu(x) }}", dim));
    EXPECT_EQ(network.batch(), std::nullopt);
    EXPECT_EQ(network.model().graph().output(0).type().tensor_type().shape().dim(0).dim_param(), "N");
    EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, 3, 4));
  }
}

TEST(NormalizeTest, CallsNothingElseN) {
  const Network network = Load("g (float[B,3,N] x) => (float[B,3,N] y) { y = Relu(x) }");
  const auto& shape = network.model().graph().input(0).type().tensor_type().shape();
  EXPECT_EQ(shape.dim(0).dim_param(), "N");
  EXPECT_NE(shape.dim(2).dim_param(), "N");
  EXPECT_THAT(DimsOf(network.WithBatch(2).value(), "y"), ElementsAre(2, 3, -1));
}

TEST(NormalizeTest, LeavesTheTypeOfAnUnknownOperatorToTheFile) {
  auto model = ParseModel(R"(g (float[N,3] x) => (float[N,3] y) {
      a = Relu(x)  b = custom.Odd(a)  c = custom.Odder(b)  y = Relu(b) })");
  const Network silent = Load(std::move(model));
  EXPECT_EQ(OpTypes(silent), "Relu Odd Relu");
  EXPECT_THAT(DimsOf(silent, "b"), ElementsAre(-2));
  EXPECT_THAT(DimsOf(silent, "y"), ElementsAre(-1, 3));

  model = ParseModel("g (float[N,3] x) => (float[N,5] y) { b = custom.Odd(x)  y = Relu(b) }");
  auto& info = *model->mutable_graph()->add_value_info();
  info = model->graph().output(0);
  info.set_name("b");
  EXPECT_THAT(DimsOf(Load(std::move(model)), "b"), ElementsAre(-1, 5));
}

TEST(NormalizeTest, LeavesDynamicSizesOpen) {
  const Network network =
      Load(R"(g (float[N,3,H,W] x) => (float[N,M] y) <int64[1] zero = {0}, int64[1] one = {1},
      int64[1] minus_one = {-1}> {
      s = Shape(x)  n = Slice(s, zero, one)  t = Concat<axis = 0>(n, minus_one)  y = Reshape(x, t) })");
  EXPECT_EQ(OpTypes(network), "Reshape");
  EXPECT_THAT(OperandOf(network, "Reshape"), ElementsAre(0, -1));
  EXPECT_THAT(DimsOf(network, "y"), ElementsAre(-1, -1));
}

TEST(NormalizeTest, KeepsASubgraphsOuterValues) {
  const Network network = Load(R"(g (float[N,3] x, bool[1] cond) => (float[N,3] y) {
      a = Relu(x)  b = Identity(a)
      y = If(cond) <then_branch = t () => (float[N,3] r) { r = Sigmoid(b) },
                    else_branch = e () => (float[N,3] r) { r = Tanh(b) }> })");
  EXPECT_EQ(OpTypes(network), "Relu If");
  EXPECT_EQ(FindNode(network, "If")->attribute(0).g().node(0).input(0), "a");
}

}  // namespace
}  // namespace sightline::network
