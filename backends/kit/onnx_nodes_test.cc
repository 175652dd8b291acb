#include "backends/kit/onnx_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/kit/test_node.h"

namespace sightline::kit {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(OnnxNodesTest, ConstantsMustBeThereAndBeFloats) {
  TestNode test("X");
  const GraphNode node = test.Floats({1}).Ints({1}).Input({1}).node();
  EXPECT_TRUE(NeedsConstant(node, 0).ok());
  EXPECT_EQ(NeedsConstant(node, 1).message(), "input 'v' must be a constant of fp32 values");
  EXPECT_EQ(NeedsConstant(node, 2).code(), SL_UNSUPPORTED);
  EXPECT_EQ(NeedsConstant(node, 3).message(), "input 3 is missing");
  EXPECT_EQ(NeedsConstant(node, 3).code(), SL_INVALID_ARGUMENT);
}

TEST(OnnxNodesTest, IntsComeFromTheAttributeOrElseTheInput) {
  TestNode test("X");
  const GraphNode node = test.Ints({7, 8})
                             .Constant<int32_t>({2}, SL_I32, {-1, 5})
                             .Input({2}, SL_I64)
                             .SetInts("axes", {1, 2})
                             .node();
  EXPECT_THAT(*IntsOf(node, "axes", 0).value(), ElementsAre(1, 2));
  EXPECT_THAT(*IntsOf(node, "pads", 0).value(), ElementsAre(7, 8));
  EXPECT_THAT(*IntsOf(node, "pads", 1).value(), ElementsAre(-1, 5));
  EXPECT_EQ(IntsOf(node, "pads", 3).value(), std::nullopt);
  EXPECT_EQ(IntsOf(node, "pads", 2).status().message(), "input 'v' (pads) must be a constant");
}

TEST(OnnxNodesTest, AxesCountFromTheEnd) {
  EXPECT_EQ(*AxisOf(0, 4), 0);
  EXPECT_EQ(*AxisOf(3, 4), 3);
  EXPECT_EQ(*AxisOf(-1, 4), 3);
  EXPECT_EQ(*AxisOf(-4, 4), 0);
  EXPECT_FALSE(AxisOf(-5, 4).ok());
  EXPECT_EQ(AxisOf(4, 4).status().message(), "axis 4 does not exist in a tensor of rank 4");
}

TEST(OnnxNodesTest, OpenDimensionsAreNegative) {
  EXPECT_EQ(OpenDimensions(Dims{}), 0);
  EXPECT_EQ(OpenDimensions(Dims{-1, 3, 0, -1}), 2);
}

TEST(OnnxNodesTest, MatricesAndRowVectorsAreConstantFloats) {
  TestNode test("X");
  const GraphNode node = test.Constant<float>({1, 3}, SL_F32, {1, 2, 3})
                             .Constant<float>({3, 1}, SL_F32, {1, 2, 3})
                             .Floats({1, 2, 3})
                             .Ints({1, 2, 3})
                             .Input({1, 3})
                             .node();
  EXPECT_TRUE(IsMatrix(node.input(0)));
  EXPECT_FALSE(IsMatrix(node.input(2)));
  EXPECT_FALSE(IsMatrix(node.input(4)));
  EXPECT_TRUE(IsRowVector(node.input(0), 3));
  EXPECT_FALSE(IsRowVector(node.input(0), 1));
  EXPECT_FALSE(IsRowVector(node.input(1), 3));
  EXPECT_TRUE(IsRowVector(node.input(2), 3));
  EXPECT_FALSE(IsRowVector(node.input(3), 3));
  EXPECT_FALSE(IsRowVector(node.input(4), 3));
}

TEST(OnnxNodesTest, NamesAreFoundByOnnxName) {
  constexpr OperatorName kNames[] = {{"Add", "plus"}, {"Sub", "minus"}};
  EXPECT_STREQ(NameIn(kNames, "Sub"), "minus");
}

TEST(OnnxNodesTest, DropoutMayNeitherTrainNorTellItsMask) {
  TestNode plain("Dropout");
  EXPECT_TRUE(CheckDropout(plain.Input({2}).Output({2}).node()).ok());
  TestNode masked("Dropout");
  EXPECT_EQ(CheckDropout(masked.Input({2}).Output({2}).Output({2}).node()).message(),
            "the mask of what was dropped is not supported");
  TestNode off("Dropout");
  EXPECT_TRUE(CheckDropout(off.Input({2}).MissingInput().Constant<uint8_t>({}, SL_BOOL, {0}).node()).ok());
  TestNode on("Dropout");
  EXPECT_EQ(CheckDropout(on.Input({2}).MissingInput().Constant<uint8_t>({}, SL_BOOL, {1}).node()).message(),
            "training mode is not supported");
  TestNode computed("Dropout");
  EXPECT_FALSE(CheckDropout(computed.Input({2}).MissingInput().Input({}, SL_BOOL).node()).ok());
}

TEST(OnnxNodesTest, GroupsDivideWeightsAndChannels) {
  TestNode plain("Conv");
  EXPECT_TRUE(CheckGroups(plain.Input({-1, 6, 5, 5}).Input({4, 6, 3, 3}).node()).ok());
  TestNode grouped("Conv");
  EXPECT_TRUE(CheckGroups(grouped.Input({-1, 6, 5, 5}).Input({4, 3, 3, 3}).SetInt("group", 2).node()).ok());
  TestNode uneven("Conv");
  EXPECT_EQ(CheckGroups(uneven.Input({-1, 6, 5, 5}).Input({5, 3, 3, 3}).SetInt("group", 2).node()).message(),
            "weights 5x3x3x3 in 2 groups do not fit an input of 6 channels");
  TestNode other("Conv");
  EXPECT_FALSE(CheckGroups(other.Input({-1, 6, 5, 5}).Input({4, 4, 3, 3}).node()).ok());
  TestNode none("Conv");
  EXPECT_FALSE(CheckGroups(none.Input({-1, 6, 5, 5}).Input({4, 6, 3, 3}).SetInt("group", 0).node()).ok());
}

TEST(OnnxNodesTest, TransposeTurnsAllAxesAroundUnlessToldOtherwise) {
  TestNode test("Transpose");
  EXPECT_THAT(Permutation(test.Input({1, 2, 3}).node()), ElementsAre(2, 1, 0));
  EXPECT_THAT(Permutation(test.SetInts("perm", {0, 2, 1}).node()), ElementsAre(0, 2, 1));
}

TEST(OnnxNodesTest, ReductionsWithoutAxesTakeAllOrNone) {
  TestNode all("ReduceMean");
  EXPECT_THAT(*ReducedAxes(all.Input({2, 3, 4}).node()), ElementsAre(0, 1, 2));
  TestNode empty("ReduceMean");
  EXPECT_THAT(*ReducedAxes(empty.Input({2, 3}).Ints({}).node()), ElementsAre(0, 1));
  EXPECT_THAT(*ReducedAxes(empty.SetInt("noop_with_empty_axes", 1).node()), IsEmpty());
  TestNode some("ReduceMean");
  EXPECT_THAT(*ReducedAxes(some.Input({2, 3, 4}).Ints({-1, 0}).SetInt("noop_with_empty_axes", 1).node()),
              ElementsAre(2, 0));
  TestNode outside("ReduceMean");
  EXPECT_EQ(ReducedAxes(outside.Input({2, 3}).Ints({2}).node()).status().code(), SL_INVALID_ARGUMENT);
  TestNode unknown("ReduceMean");
  EXPECT_EQ(ReducedAxes(unknown.UnknownInput().node()).status().message(),
            "the rank of the input is not known");
}

TEST(OnnxNodesTest, IndicesCountFromTheFront) {
  TestNode test("Gather");
  const GraphNode node = test.Input({4}).Ints({0, -1, 2}).node();
  EXPECT_THAT(*ConstantIndices(node, 4), ElementsAre(0, 3, 2));
  EXPECT_EQ(ConstantIndices(node, -1).status().message(),
            "a negative index into an open dimension is not supported");
  TestNode positive("Gather");
  EXPECT_THAT(*ConstantIndices(positive.Input({-1}).Ints({1, 0}).node(), -1), ElementsAre(1, 0));
}

TEST(OnnxNodesTest, PadsCoverEveryAxis) {
  TestNode attribute("Pad");
  EXPECT_THAT(*ReadPads(attribute.Input({2, 3}).SetInts("pads", {0, 1, 2, 3}).node()),
              ElementsAre(0, 1, 2, 3));
  TestNode input("Pad");
  EXPECT_EQ(ReadPads(input.Input({2, 3}).Ints({1, 2}).node()).status().message(),
            "2 pads do not fit a tensor of rank 2");
  TestNode none("Pad");
  EXPECT_EQ(ReadPads(none.Input({2, 3}).node()).status().message(), "it has no pads");
}

TEST(OnnxNodesTest, PartsHaveTheSizesOfTheOutputs) {
  TestNode test("Split");
  const GraphNode node = test.Input({-1, 5}).Output({-1, 2}).Output({-1, 3}).node();
  EXPECT_THAT(*PartSizes(node, 1), ElementsAre(2, 3));
  EXPECT_EQ(PartSizes(node, 0).status().message(), "the sizes of the parts are not known");
  EXPECT_FALSE(PartSizes(node, 2).ok());
}

TEST(OnnxNodesTest, CutsAreTheFirstAxesInStepsOfOneUnlessToldOtherwise) {
  TestNode short_one("Slice");
  const auto plain = ReadCuts(short_one.Input({4, 5, 6}).Ints({1, -2}).Ints({3, 99}).node());
  ASSERT_TRUE(plain.ok());
  ASSERT_EQ(plain->size(), 2);
  EXPECT_EQ((*plain)[1].axis, 1);
  EXPECT_EQ((*plain)[1].start, -2);
  EXPECT_EQ((*plain)[1].end, 99);
  EXPECT_EQ((*plain)[1].step, 1);
  TestNode full("Slice");
  const auto told = ReadCuts(full.Input({4, 5, 6}).Ints({1}).Ints({3}).Ints({-1}).Ints({-2}).node());
  ASSERT_TRUE(told.ok());
  EXPECT_EQ((*told)[0].axis, -1);
  EXPECT_EQ((*told)[0].step, -2);
  TestNode uneven("Slice");
  EXPECT_EQ(ReadCuts(uneven.Input({4}).Ints({1}).Ints({3, 4}).node()).status().message(),
            "starts, ends, axes and steps have different lengths");
  TestNode unknown("Slice");
  EXPECT_EQ(ReadCuts(unknown.UnknownInput().Ints({1}).Ints({3}).node()).status().message(),
            "starts, ends and the input's rank must be known");
}

// (x - 2) / sqrt(0.25) * 3 + 1 = 6 x - 11
TEST(OnnxNodesTest, BatchNormalizationBecomesAFactorAndAnOffset) {
  TestNode test("BatchNormalization");
  const Affine affine =
      FoldBatchNormalization(test.Input({1, 1}).Floats({3}).Floats({1}).Floats({2}).Floats({0.25f}).node());
  EXPECT_THAT(affine.factor, ElementsAre(DoubleNear(6, 1e-3)));
  EXPECT_THAT(affine.offset, ElementsAre(DoubleNear(-11, 1e-3)));
}

}  // namespace
}  // namespace sightline::kit
