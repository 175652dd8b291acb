#include "src/network/rewrites.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/reference_evaluator.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Network Apply(const Network& network, const std::vector<std::string>& names) {
  Result<Network> rewritten = network.WithRewrites(names);
  if (!rewritten.ok()) throw std::runtime_error(rewritten.error().message());
  return *std::move(rewritten);
}

void ExpectSameResult(const Network& a, const Network& b, const std::vector<int64_t>& input_dims) {
  const FloatTensor input = Ramp(input_dims);
  const FloatTensor x = ReferenceEvaluator(a).Run({input});
  const FloatTensor y = ReferenceEvaluator(b).Run({input});
  EXPECT_EQ(x.dims, y.dims);
  EXPECT_THAT(y.values, testing::Pointwise(testing::FloatNear(1e-5F), x.values));
}

TEST(RewritesTest, MinAndMaxWithANumberBecomeClip) {
  for (const int opset : {8, 13}) {
    SCOPED_TRACE(opset);
    const Network network =
        Load(R"(g (float[N,4] x) => (float[N,4] y) <float six = {6.0}, float[1] zero = {0.0}> {
        a = Min(x, six)  y = Max(zero, a) })",
             opset);
    const Network rewritten = Apply(network, {"min_max_to_clip"});
    EXPECT_EQ(OpTypes(rewritten), "Clip Clip");
    EXPECT_EQ(HasAttribute(*FindNode(rewritten, "Clip"), "max"), opset < 11);
    ExpectSameResult(network, rewritten, {2, 4});
  }
}

TEST(RewritesTest, MinStaysWhereTheConstantIsNoNumberOrAddsDimensions) {
  const Network network = Load(R"(g (float[N,4] x) => (float[1,N,4] y)
      <float[4] each = {1.0, 2.0, 3.0, 4.0}, float[1,1,1] deep = {3.0}> { a = Min(x, each)  y = Max(a, deep) })");
  EXPECT_EQ(OpTypes(Apply(network, {"min_max_to_clip"})), "Min Max");
}

TEST(RewritesTest, AveragePoolThatCountsPaddingBecomesPadAndPool) {
  for (const int opset : {10, 13}) {
    SCOPED_TRACE(opset);
    const Network network = Load(R"(g (float[N,2,5,6] x) => (float[N,2,3,3] y) {
        y = AveragePool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 0], count_include_pad = 1>(x) })",
                                 opset);
    const Network rewritten = Apply(network, {"average_pool_include_pad"});
    EXPECT_EQ(OpTypes(rewritten), "Pad AveragePool");
    EXPECT_THAT(DimsOf(rewritten, rewritten.model().graph().node(0).output(0)), ElementsAre(-1, 2, 7, 7));
    EXPECT_FALSE(HasAttribute(*FindNode(rewritten, "AveragePool"), "count_include_pad"));
    ExpectSameResult(network, rewritten, {2, 2, 5, 6});
  }
}

TEST(RewritesTest, AveragePoolWithoutPaddingOnlyLosesTheAttribute) {
  const Network network = Load(R"(g (float[N,2,6,6] x) => (float[N,2,3,3] y) {
      y = AveragePool<kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], count_include_pad = 1>(x) })");
  const Network rewritten = Apply(network, {"average_pool_include_pad"});
  EXPECT_EQ(OpTypes(rewritten), "AveragePool");
  ExpectSameResult(network, rewritten, {1, 2, 6, 6});
}

TEST(RewritesTest, AGateGetsTheShapeOfWhatItGates) {
  for (const int opset : {10, 13}) {
    SCOPED_TRACE(opset);
    const Network network = Load(R"(g (float[N,2,3,4] x, float[N,2,1,1] a) => (float[N,2,3,4] y) {
        gate = Relu(a)  y = Mul(gate, x) })",
                                 opset);
    const Network rewritten = Apply(network, {"factors_same_shape"});
    EXPECT_EQ(OpTypes(rewritten), "Relu Resize Mul");
    const FloatTensor x = Ramp({2, 2, 3, 4});
    const FloatTensor a{{2, 2, 1, 1}, {0.5F, -1, 2, 3}};
    const FloatTensor expected = ReferenceEvaluator(network).Run({x, a});
    const FloatTensor got = ReferenceEvaluator(rewritten).Run({x, a});
    EXPECT_EQ(got.dims, expected.dims);
    EXPECT_EQ(got.values, expected.values);
    EXPECT_EQ(OpTypes(Apply(network, {"factors_same_shape", "opset_10"})), "Relu Resize Mul");
  }
}

TEST(RewritesTest, FactorsOfOneShapeConstantsAndOldOpsetsStay) {
  for (const char* factor :
       {"float[N,2,3,3] a", "float[1,2,1,1] a", "float[N,2,3,1] a", "float[N,1,3,3] a"}) {
    const std::string text =
        std::string("g (float[N,2,3,3] x, ") + factor + ") => (float[N,2,3,3] y) { y = Mul(x, a) }";
    EXPECT_EQ(OpTypes(Apply(Load(text), {"factors_same_shape"})), "Mul") << factor;
  }
  const Network constant =
      Load("g (float[N,1,3,3] x) => (float[N,1,3,3] y) <float[1,1,1,1] c = {2.0}> { y = Mul(x, c) }");
  EXPECT_EQ(OpTypes(Apply(constant, {"factors_same_shape"})), "Mul");
  const Network old =
      Load("g (float[N,2,3,3] x, float[N,2,1,1] a) => (float[N,2,3,3] y) { y = Mul(x, a) }", 9);
  EXPECT_EQ(OpTypes(Apply(old, {"factors_same_shape"})), "Mul");
}

TEST(RewritesTest, GemmWeightsAreTransposedOnceForAllReaders) {
  auto model = ParseModel(R"(g (float[N,5] x) => (float[N,5] y) {
      a = Gemm(x, w, c)  b = Relu(a)  y = Gemm(b, w, c) })");
  AddWeight(*model, "w", {5, 5});
  AddWeight(*model, "c", {5});
  const Network network = Load(std::move(model));
  const Network rewritten = Apply(network, {"gemm_transposed"});
  EXPECT_EQ(rewritten.model().graph().initializer_size(), 2);
  EXPECT_NE(FindConstant(rewritten, "w_transposed"), nullptr);
  ExpectSameResult(network, rewritten, {3, 5});
}

TEST(RewritesTest, GemmTransposesMatricesLargerThanATile) {
  auto model = ParseModel("g (float[N,70] x) => (float[N,41] y) { y = Gemm(x, w) }");
  AddWeight(*model, "w", {70, 41}, -0.3F, 0.013F);
  const Network network = Load(std::move(model));
  const Network rewritten = Apply(network, {"gemm_transposed"});
  EXPECT_THAT(DimsOf(rewritten, "w_transposed"), ElementsAre(41, 70));
  ExpectSameResult(network, rewritten, {2, 70});
}

TEST(Opset10Test, LowersClipSqueezePadHardSwishAndReduceSum) {
  const Network network = Load(R"(g (float[N,1,3,3] x) => (float[N,5] y)
      <float low = {-1.0}, float high = {2.0}, int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}, float fill = {0.5},
       int64[1] one = {1}, int64[1] last = {-1}> {
      a = Clip(x, low, high)  b = Pad(a, pads, fill)  c = Squeeze(b, one)  d = HardSwish(c)
      y = ReduceSum<keepdims = 0>(d, last) })",
                               14);
  const Network rewritten = Apply(network, {"opset_10"});
  EXPECT_EQ(rewritten.opset(), 10);
  EXPECT_EQ(OpTypes(rewritten), "Clip Pad Squeeze HardSigmoid Mul ReduceSum");
  EXPECT_EQ(rewritten.model().graph().initializer_size(), 0);
  EXPECT_THAT(IntsOf(*FindNode(rewritten, "ReduceSum"), "axes"), ElementsAre(2));
  ExpectSameResult(network, rewritten, {2, 1, 3, 3});
}

TEST(Opset10Test, ResultIsValidOnnxOfOpset10) {
  const Network network = Load(R"(g (float[N,2,3] x) => (float[N,2,3] y) <float high = {6.0}> {
      a = Clip(x, , high)  y = Softmax<axis = 1>(a) })");
  const std::string bytes = Apply(network, {"opset_10"}).Serialize().value();
  auto model = std::make_unique<onnx::ModelProto>();
  ASSERT_TRUE(model->ParseFromString(bytes));
  EXPECT_TRUE(Network::FromModel(std::move(model), "again").ok());
}

TEST(Opset10Test, SoftmaxKeepsWorkingAlongOneAxis) {
  for (const char* axis : {"1", "-1", "2", "-3"}) {
    SCOPED_TRACE(axis);
    const Network network =
        Load(fmt::format("g (float[2,3,4] x) => (float[2,3,4] y) {{ y = Softmax<axis = {}>(x) }}", axis));
    const Network rewritten = Apply(network, {"opset_10"});
    ExpectSameResult(network, rewritten, {2, 3, 4});
  }
}

TEST(Opset10Test, SoftmaxOverChannelsOfOnePixelNeedsNoTranspose) {
  const Network network = Load("g (float[N,7,1,1] x) => (float[N,7,1,1] y) { y = Softmax<axis = 1>(x) }");
  const Network rewritten = Apply(network, {"opset_10"});
  EXPECT_EQ(OpTypes(rewritten), "Softmax");
  ExpectSameResult(network, rewritten, {2, 7, 1, 1});
}

TEST(Opset10Test, GemmGetsTheBiasItMustHave) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,4] y) { y = Gemm<transB = 1>(x, w) }");
  AddWeight(*model, "w", {4, 3});
  const Network network = Load(std::move(model));
  const Network rewritten = Apply(network, {"opset_10"});
  EXPECT_EQ(FindNode(rewritten, "Gemm")->input_size(), 3);
  ExpectSameResult(network, rewritten, {2, 3});
}

TEST(Opset10Test, ResizeKeepsItsScales) {
  const Network network =
      Load(R"(g (float[N,1,2,2] x) => (float[N,1,4,4] y) <float[4] s = {1.0, 1.0, 2.0, 2.0}> {
      y = Resize<mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor">(x, , s) })");
  const Network rewritten = Apply(network, {"opset_10"});
  EXPECT_EQ(FindNode(rewritten, "Resize")->input(1), "s");
  EXPECT_EQ(FindNode(rewritten, "Resize")->attribute_size(), 1);
  EXPECT_THAT(DimsOf(rewritten, "y"), ElementsAre(-1, 1, 4, 4));
}

TEST(Opset10Test, LeavesOlderModelsAlone) {
  const Network network = Load("g (float[N,3] x) => (float[N,3] y) { y = Relu(x) }", 9);
  EXPECT_EQ(Apply(network, {"opset_10"}).opset(), 9);
}

TEST(Opset10Test, RefusesWhatOpset10CanNotSayNamingTheNode) {
  struct Case {
    const char* graph;
    const char* why;
  };
  const Case cases[] = {
      {"g (float[N,3] x) => (float[N,3] y) { y = Celu(x) }",
       "node 'Celu_0' (Celu) is an operator that came later"},
      {"g (float[N,3] x, float m) => (float[N,3] y) { y = Clip(x, , m) }",
       "takes its bound 'max' from another node"},
      {"g (float[N,1,2,2] x) => (float[N,1,4,4] y) <float[4] s = {1.0, 1.0, 2.0, 2.0}> { y = Resize(x, , s) "
       "}",
       "node 'Resize_0' (Resize) samples half_pixel"},
      {"g (float[N,4,2,2] x) => (float[N,1,4,4] y) { y = DepthToSpace<blocksize = 2, mode = \"CRD\">(x) }",
       "has mode CRD"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.graph);
    const std::vector<std::string> names = {"opset_10"};
    const Result<Network> rewritten = Load(c.graph).WithRewrites(names);
    ASSERT_FALSE(rewritten.ok());
    EXPECT_THAT(rewritten.error().message(), AllOf(HasSubstr("model 'test': "), HasSubstr(c.why)));
  }
}

TEST(RewritesTest, AttributesInPlaceOfOperandsAtTheModelsOwnOpset) {
  const Network network = Load(R"(g (float[N,1,3] x) => (float[N,3] y)
      <float high = {6.0}, int64[1] one = {1}> { a = Clip(x, , high)  y = Squeeze(a, one) })");
  const Network rewritten = Apply(network, {"clip_attributes", "axes_attributes"});
  EXPECT_EQ(rewritten.opset(), 13);
  EXPECT_TRUE(HasAttribute(*FindNode(rewritten, "Clip"), "max"));
  EXPECT_THAT(IntsOf(*FindNode(rewritten, "Squeeze"), "axes"), ElementsAre(1));
  EXPECT_THAT(DimsOf(rewritten, "y"), ElementsAre(-1, 3));
  ExpectSameResult(network, rewritten, {2, 1, 3});
}

TEST(RewritesTest, EveryOperatorWithAxesTakesThemAsAttributes) {
  const Network network = Load(R"(g (float[N,3] x) => (float[N,1,1] y) <int64[1] one = {1}> {
      a = Unsqueeze(x, one)  y = ReduceSum(a, two)  two = Add(one, one) })");
  const Network rewritten = Apply(network, {"axes_attributes"});
  EXPECT_THAT(IntsOf(*FindNode(rewritten, "Unsqueeze"), "axes"), ElementsAre(1));
  EXPECT_THAT(IntsOf(*FindNode(rewritten, "ReduceSum"), "axes"), ElementsAre(2));
  EXPECT_THAT(DimsOf(rewritten, "a"), ElementsAre(-1, 1, 3));
  EXPECT_THAT(DimsOf(rewritten, "y"), ElementsAre(-1, 1, 1));
}

TEST(RewritesTest, Opset10HasShapesOfTheWholeOnly) {
  const Network whole = Load("g (float[N,3,H,W] x) => (int64[4] y) { y = Shape(x) }", 15);
  EXPECT_EQ(Apply(whole, {"opset_10"}).opset(), 10);
  const Network part = Load("g (float[N,3,H,W] x) => (int64[2] y) { y = Shape<start = 2>(x) }", 15);
  const std::vector<std::string> names = {"opset_10"};
  EXPECT_THAT(part.WithRewrites(names).error().message(), HasSubstr("'Shape_0' (Shape) has start = 2"));
}

TEST(RewritesTest, KnowsItsNames) {
  EXPECT_THAT(KnownRewrites(),
              ElementsAre("min_max_to_clip", "average_pool_include_pad", "gemm_transposed",
                          "factors_same_shape", "opset_10", "clip_attributes", "axes_attributes"));
  const std::vector<std::string> names = {"opset_9"};
  const Network network = Load("g (float[N,3] x) => (float[N,3] y) { y = Relu(x) }");
  EXPECT_THAT(network.WithRewrites(names).error().message(),
              AllOf(HasSubstr("no graph rewrite 'opset_9'"), HasSubstr("opset_10")));
}

}  // namespace
}  // namespace sightline::network
