#include "src/network/batch.h"

#include <optional>
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

// Runs `changed` on two pictures at once and holds that it gives what `original` gives for each alone.
void ExpectSamePerPicture(const Network& original, const Network& changed,
                          const std::vector<int64_t>& picture) {
  std::vector<int64_t> pair = picture;
  pair.front() = 2;
  const FloatTensor both = Ramp(pair);
  const auto half = static_cast<std::ptrdiff_t>(both.values.size() / 2);
  const FloatTensor first{picture, {both.values.begin(), both.values.begin() + half}};
  const FloatTensor second{picture, {both.values.begin() + half, both.values.end()}};
  std::vector<float> expected = ReferenceEvaluator(original).Run({first}).values;
  const std::vector<float> rest = ReferenceEvaluator(original).Run({second}).values;
  expected.insert(expected.end(), rest.begin(), rest.end());
  const FloatTensor result = ReferenceEvaluator(changed).Run({both});
  EXPECT_EQ(result.dims.front(), 2);
  EXPECT_THAT(result.values, testing::Pointwise(testing::FloatNear(1e-5F), expected));
}

TEST(BatchTest, OpensAReshapeThatSpellsOutABatchOfOne) {
  const Network file =
      Load("g (float[1,4,2,3] x) => (float[1,24] y) <int64[2] shape = {1, -1}> { y = Reshape(x, shape) }");
  const Network open = file.WithBatch(std::nullopt).value();
  EXPECT_EQ(open.batch(), std::nullopt);
  EXPECT_THAT(OperandOf(open, "Reshape"), ElementsAre(0, 24));
  EXPECT_THAT(DimsOf(open, "y"), ElementsAre(-1, 24));
  const Network two = file.WithBatch(2).value();
  EXPECT_THAT(DimsOf(two, "y"), ElementsAre(2, 24));
  ExpectSamePerPicture(file, two, {1, 4, 2, 3});
}

TEST(BatchTest, OpensReshapesOfEveryForm) {
  for (const char* shape :
       {"{1, 24}", "{-1, 24}", "{0, -1}", "{1, 0, 6}", "{1, 2, 12}", "{1, 1, 24}", "{1, 4, 1, -1}"}) {
    SCOPED_TRACE(shape);
    const auto rank = std::count(shape, shape + std::string_view(shape).size(), ',') + 1;
    const Network file = Load(
        fmt::format("g (float[1,4,2,3] x) => (float[] y) <int64[{}] shape = {}> {{ y = Reshape(x, shape) }}",
                    rank, shape));
    Result<Network> two = file.WithBatch(2);
    ASSERT_TRUE(two.ok()) << two.error().message();
    EXPECT_EQ(DimsOf(*two, "y").front(), 2);
    ExpectSamePerPicture(file, *two, {1, 4, 2, 3});
  }
}

TEST(BatchTest, OpensAChannelShuffle) {
  const Network file = Load(R"(g (float[1,6,2,2] x) => (float[1,6,2,2] y)
      <int64[5] split = {1, 3, 2, 2, 2}, int64[4] join = {1, 6, 2, 2}> {
      a = Reshape(x, split)  b = Transpose<perm = [0, 2, 1, 3, 4]>(a)  y = Reshape(b, join) })");
  const Network two = file.WithBatch(2).value();
  EXPECT_THAT(DimsOf(two, "y"), ElementsAre(2, 6, 2, 2));
  ExpectSamePerPicture(file, two, {1, 6, 2, 2});
}

// ShuffleNet v2's own code folds the batch into the channels: view(b * c / 2, 2, h * w), permute, view(2, b,
// ...).
TEST(BatchTest, OpensAChannelShuffleThatFoldsTheBatchIntoTheChannels) {
  const Network file = Load(R"(g (float[1,6,2,2] x) => (float[1,6,2,2] y)
      <int64[3] split = {3, 2, 4}, int64[5] join = {2, 1, 3, 2, 2}, int64[4] flat = {1, 6, 2, 2}> {
      a = Reshape(x, split)  b = Transpose<perm = [1, 0, 2]>(a)  c = Reshape(b, join)
      d = Transpose<perm = [1, 0, 2, 3, 4]>(c)  y = Reshape(d, flat) })");
  const Network two = file.WithBatch(2).value();
  ExpectSamePerPicture(file, two, {1, 6, 2, 2});
  EXPECT_THAT(DimsOf(file.WithBatch(std::nullopt).value(), "y"), ElementsAre(-1, 6, 2, 2));
}

TEST(BatchTest, OpensABatchOfMoreThanOne) {
  const Network file =
      Load("g (float[4,3,2,2] x) => (float[4,12] y) <int64[2] shape = {4, 12}> { y = Reshape(x, shape) }");
  const Network two = file.WithBatch(2).value();
  EXPECT_THAT(DimsOf(two, "y"), ElementsAre(2, 12));
}

TEST(BatchTest, OpensShapeArithmeticFoldedAtTheFilesBatch) {
  const Network file = Load(R"(g (float[1,3,4,4] x) => (float[1,48] y)
      <int64 zero = {0}, int64[1] axis = {0}, int64[1] minus_one = {-1}> {
      s = Shape(x)  b = Gather<axis = 0>(s, zero)  bs = Unsqueeze(b, axis)
      t = Concat<axis = 0>(bs, minus_one)  y = Reshape(x, t) })");
  EXPECT_EQ(OpTypes(file), "Reshape");
  EXPECT_THAT(DimsOf(file.WithBatch(3).value(), "y"), ElementsAre(3, 48));
}

TEST(BatchTest, DropsSlicesAndExpandsThatTakeTheWholeBatchOfOne) {
  const Network file = Load(R"(g (float[1,3,4,4] x) => (float[1,3,4,4] y)
      <int64[1] from = {0}, int64[1] to = {1}, int64[4] shape = {1, 3, 4, 4}> {
      a = Relu(x)  b = Slice(a, from, to)  c = Expand(b, shape)  y = Relu(c) })");
  const Network two = file.WithBatch(2).value();
  EXPECT_EQ(OpTypes(two), "Relu Relu");
  EXPECT_THAT(DimsOf(two, "y"), ElementsAre(2, 3, 4, 4));
}

TEST(BatchTest, KeepsAnExpandThatRepeatsOtherDimensions) {
  const Network file = Load(R"(g (float[1,3,1,1] x) => (float[1,3,4,4] y) <int64[4] shape = {1, 3, 4, 4}> {
      y = Expand(x, shape) })");
  const Network two = file.WithBatch(2).value();
  EXPECT_THAT(OperandOf(two, "Expand"), ElementsAre(1, 3, 4, 4));
  EXPECT_THAT(DimsOf(two, "y"), ElementsAre(2, 3, 4, 4));
}

TEST(BatchTest, FixesAnOpenBatchAndOpensItAgain) {
  const Network open = Load("g (float[N,3,4,4] x) => (float[N,48] y) { y = Flatten(x) }");
  EXPECT_EQ(open.batch(), std::nullopt);
  const Network four = open.WithBatch(4).value();
  EXPECT_EQ(four.batch(), 4);
  EXPECT_THAT(DimsOf(four, "y"), ElementsAre(4, 48));
  EXPECT_EQ(four.WithBatch(std::nullopt).value().Serialize().value(), open.Serialize().value());
}

TEST(BatchTest, ChangesEveryInput) {
  const Network file = Load("g (float[1,3] a, float[1,3] b) => (float[1,3] y) { y = Add(a, b) }");
  const Network two = file.WithBatch(2).value();
  EXPECT_THAT(DimsOf(two, "b"), ElementsAre(2, 3));
}

TEST(BatchTest, SharesTheWeights) {
  auto model = ParseModel("g (float[1,3,4,4] x) => (float[1,8,4,4] y) { y = Conv(x, w) }");
  AddWeight(*model, "w", {8, 3, 1, 1});
  const Network file = Load(std::move(model));
  const Network two = file.WithBatch(2).value();
  EXPECT_EQ(FindConstant(file, "w")->raw_data().data(), FindConstant(two, "w")->raw_data().data());
}

TEST(BatchTest, LeavesOutputsAloneThatNoPictureGoesInto) {
  const Network file = Load(R"(g (float[1,3] x) => (float[1,3] y, float[5,4] anchors)
      <float[1] one = {1}, int64[2] shape = {5, 4}> { y = Relu(x)  anchors = Expand(one, shape) })");
  const Network two = file.WithBatch(2).value();
  EXPECT_THAT(DimsOf(two, "anchors"), ElementsAre(5, 4));
}

struct Refusal {
  const char* graph;
  const char* node;
  const char* why;
};

TEST(BatchTest, RefusesWhatMixesPicturesNamingTheNode) {
  const Refusal refusals[] = {
      {"g (float[1,3,4,4] x) => (float[1] y) { y = ReduceMean<axes = [0, 1, 2, 3], keepdims = 0>(x) }",
       "'ReduceMean_0' (ReduceMean)", "drops or mixes pictures"},
      {"g (float[1,3] x) => (float[1,3] y) { y = Softmax<axis = 0>(x) }", "'Softmax_0' (Softmax)",
       "across pictures"},
      {"g (float[1,3] x) => (float[2,3] y) { y = Concat<axis = 0>(x, x) }", "'Concat_0' (Concat)",
       "across pictures"},
      {"g (float[1,3] x) => (float[3,1] y) { y = Transpose<perm = [1, 0]>(x) }", "'Transpose_0' (Transpose)",
       "output 'y' of shape 3xN"},
      {"g (float[1,3] x) => (float[3] y) <int64 zero = {0}> { y = Gather(x, zero) }", "'Gather_0' (Gather)",
       "across pictures"},
      {"g (float[1,3,4,4] x) => (float[1,3,4,4] y) { y = MeanVarianceNormalization(x) }",
       "'MeanVarianceNormalization_0' (MeanVarianceNormalization)", "across pictures"},
      {"g (float[1,3] x) => (float[1,3] y) <int64 axis = {0}> { y = CumSum(x, axis) }", "'CumSum_0' (CumSum)",
       "across pictures"},
      {"g (float[1,3] x) => (float[1,1] y) { t = Transpose<perm = [1, 0]>(x)  y = MatMul(x, t) }",
       "'MatMul_1' (MatMul)", "sets every picture against every other"},
      {"g (float[1,5,1] x) => (float[1,1,5,1] y) <float[1,4,1] w = {1, 1, 1, 1}, float[1,4,1] r = {1, 1, 1, "
       "1}> { y = LSTM<hidden_size = 1>(x, w, r) }",
       "'LSTM_0' (LSTM)", "across pictures"},
      {"g (float[1,3,4] x) => (float[3,1,2] y) { t = Transpose<perm = [1, 2, 0]>(x)"
       "  y = AveragePool<kernel_shape = [1], strides = [1]>(t) }",
       "'AveragePool_1' (AveragePool)", "across pictures"},
      {"g (float[1,3] x) => (float[2,3] y) <int64[4] pads = {0, 0, 1, 0}> { y = Pad(x, pads) }",
       "'Pad_0' (Pad)", "across pictures"},
      {"g (float[1,2,3] x) => (float[1,6] y) <int64[3] s = {2, 3, 1}, int64[2] t = {1, 6}>"
       "{ a = Transpose<perm = [1, 2, 0]>(x)  b = Reshape(a, t)  y = Relu(b) }",
       "'Reshape_1' (Reshape)", "joins the batch"},
      {"g (float[1,2,3] x) => (float[1,2,4] y) <float[1,2,1] token = {1, 2}> { y = Concat<axis = 2>(x, "
       "token) }",
       "'Concat_0' (Concat)", "do not fit together"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.graph);
    const Result<Network> two = Load(refusal.graph).WithBatch(2);
    ASSERT_FALSE(two.ok());
    EXPECT_THAT(two.error().message(),
                AllOf(HasSubstr("model 'test': its batch can't be changed from 1 to 2"),
                      HasSubstr(refusal.node), HasSubstr(refusal.why)));
  }
}

// What happens inside is not followed: a Reshape in there may spell the batch out.
TEST(BatchTest, RefusesPicturesInControlFlow) {
  const Network file = Load(R"(g (float[1,3] x) => (float[1,3] y) <bool c = {1}> {
      y = If(c) <then_branch = t () => (float[1,3] r) <int64[2] s = {1, 3}> { r = Reshape(x, s) },
                 else_branch = e () => (float[1,3] q) { q = Relu(x) }> })");
  EXPECT_THAT(file.WithBatch(2).error().message(),
              AllOf(HasSubstr("'If_0' (If)"), HasSubstr("hands pictures to a graph of its own")));
}

TEST(BatchTest, RefusesAnOpenFileThatTurnsPicturesIntoChannels) {
  const Network open = Load(R"(g (float[N,3] x) => (float[N,3] y) <int64[2] shape = {-1, 3}> {
      t = Transpose<perm = [1, 0]>(x)  y = Reshape(t, shape) })");
  EXPECT_THAT(open.WithBatch(2).error().message(),
              HasSubstr("'Reshape_1' (Reshape) computes along the batch"));
}

// As PyTorch writes interpolate(size=...).
TEST(BatchTest, OpensAResizeWhoseSizesSpellOutTheBatch) {
  const Network file = Load(R"(g (float[1,3,4,6] x) => (float[1,3,8,7] y) <int64[4] sizes = {1, 3, 8, 7}> {
      y = Resize(x, , , sizes) })");
  const Network open = file.WithBatch(std::nullopt).value();
  EXPECT_THAT(DimsOf(open, "y"), ElementsAre(-1, 3, 8, 7));
  EXPECT_THAT(DimsOf(file.WithBatch(5).value(), "y"), ElementsAre(5, 3, 8, 7));
  EXPECT_EQ(FindNode(open, "Resize")->input_size(), 3);
}

// 7 / 3 * 3 loses a row in single precision unless the scale is rounded up: every size must come out.
TEST(BatchTest, ScalesGiveExactlyTheSizes) {
  for (int64_t from = 1; from <= 40; ++from) {
    for (int64_t to = 1; to <= 40; ++to) {
      const Network file = Load(
          fmt::format("g (float[1,1,{0},1] x) => (float[1,1,{1},1] y) <int64[4] sizes = {{1, 1, {1}, 1}}> {{"
                      "y = Resize(x, , , sizes) }}",
                      from, to));
      const Result<Network> two = file.WithBatch(2);
      ASSERT_TRUE(two.ok()) << two.error().message();
      EXPECT_THAT(DimsOf(*two, "y"), ElementsAre(2, 1, to, 1));
    }
  }
}

TEST(BatchTest, LetsAnOpenFileRunAtOneWhateverItDoes) {
  const Network open = Load("g (float[N,3] x) => (float[N,3] y) { y = Softmax<axis = 0>(x) }");
  EXPECT_TRUE(open.WithBatch(1).ok());
  EXPECT_FALSE(open.WithBatch(2).ok());
}

TEST(BatchTest, RefusesSizesThatMakeNoSense) {
  const Network file = Load("g (float[1,3] x) => (float[1,3] y) { y = Relu(x) }");
  EXPECT_THAT(file.WithBatch(0).error().message(), HasSubstr("batch 0 makes no sense"));
  EXPECT_THAT(file.WithBatch(-4).error().message(), HasSubstr("batch -4 makes no sense"));
  const Network scalar = Load("g (float x) => (float y) { y = Relu(x) }");
  EXPECT_THAT(scalar.WithBatch(2).error().message(), HasSubstr("no dimension that could be a batch"));
}

}  // namespace
}  // namespace sightline::network
