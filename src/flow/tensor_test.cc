#include "src/flow/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace sightline {
namespace {

TEST(DataType, HasTheWordsAndSizesOfTheCommandLine) {
  const std::pair<DataType, std::pair<const char*, size_t>> types[] = {
      {SL_F32, {"fp32", 4}},  {SL_F16, {"fp16", 2}}, {SL_BF16, {"bf16", 2}},
      {SL_I8, {"int8", 1}},   {SL_U8, {"uint8", 1}}, {SL_I32, {"int32", 4}},
      {SL_I64, {"int64", 8}}, {SL_F64, {"fp64", 8}}, {SL_BOOL, {"bool", 1}}};
  for (const auto& [type, facts] : types) {
    EXPECT_EQ(DataTypeName(type), facts.first);
    EXPECT_EQ(DataTypeBytes(type), facts.second) << facts.first;
  }
}

TEST(Layout, HasNames) {
  EXPECT_EQ(LayoutName(SL_LAYOUT_PLAIN), "plain");
  EXPECT_EQ(LayoutName(SL_LAYOUT_NCHW), "nchw");
  EXPECT_EQ(LayoutName(SL_LAYOUT_NHWC), "nhwc");
}

TEST(Shape, CountsItsElements) {
  EXPECT_EQ((Shape{2, 3, 224, 224}).elements(), 301'056);
  EXPECT_EQ(Shape().elements(), 1);  // a scalar
  EXPECT_EQ((Shape{4, 0, 2}).elements(), 0);
  EXPECT_EQ((Shape{-1, 3}).elements(), 0);
}

TEST(Shape, WritesOpenDimensionsAsAQuestionMark) {
  EXPECT_EQ((Shape{1, 3, 224, 224}).ToString(), "1x3x224x224");
  EXPECT_EQ((Shape{-1, 1000}).ToString(), "?x1000");
  EXPECT_EQ(Shape().ToString(), "");
}

TEST(Shape, EqualsByRankAndDimensionsInUse) {
  EXPECT_EQ((Shape{1, 2}), (Shape{1, 2}));
  EXPECT_FALSE((Shape{1, 2}) == (Shape{2, 1}));
  EXPECT_FALSE((Shape{1, 2}) == (Shape{1, 2, 0}));
  Shape shortened{1, 2, 3};
  shortened.rank = 2;
  EXPECT_EQ(shortened, (Shape{1, 2}));
}

TEST(ShapeDeathTest, HasRoomForSoManyDimensionsOnly) {
  static_assert(SL_MAX_RANK == 8);
  EXPECT_DEATH(static_cast<void>(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1})), "SL_MAX_RANK");
}

TEST(Tensor, IsAlignedAndZero) {
  for (const int64_t elements : {1, 3, 16, 17, 1000}) {
    const Tensor tensor(SL_F32, SL_LAYOUT_PLAIN, {elements});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.view().data) % 64, 0U);
    EXPECT_EQ(tensor.view().bytes(), static_cast<size_t>(elements) * 4);
    for (int64_t i = 0; i < elements; ++i) ASSERT_EQ(tensor.view().f32()[i], 0);
  }
}

TEST(Tensor, WithoutElementsStillHasAnAddress) {
  const Tensor tensor(SL_U8, SL_LAYOUT_PLAIN, {0, 5});
  EXPECT_NE(tensor.view().data, nullptr);
  EXPECT_EQ(tensor.view().bytes(), 0U);
}

TEST(Tensor, MovesWithItsMemory) {
  Tensor tensor(SL_F32, SL_LAYOUT_NCHW, {1, 3, 2, 2});
  void* const data = tensor.view().data;
  const Tensor moved = std::move(tensor);
  EXPECT_EQ(moved.view().data, data);
  EXPECT_EQ(moved.view().layout, SL_LAYOUT_NCHW);
  EXPECT_EQ(moved.view().shape, (Shape{1, 3, 2, 2}));
}

TEST(Slice, PointsAtItsPartOfTheFirstDimension) {
  const Tensor tensor(SL_F32, SL_LAYOUT_NCHW, {4, 3, 2});
  const TensorView slice = tensor.view().Slice(1, 2);
  EXPECT_EQ(slice.shape, (Shape{2, 3, 2}));
  EXPECT_EQ(slice.f32() - tensor.view().f32(), 6);
  EXPECT_EQ(slice.bytes(), 48U);
  EXPECT_EQ(slice.type, SL_F32);
  EXPECT_EQ(slice.layout, SL_LAYOUT_NCHW);
}

TEST(SliceDeathTest, StaysInside) {
  const Tensor tensor(SL_F32, SL_LAYOUT_PLAIN, {4, 2});
  EXPECT_DEATH(static_cast<void>(tensor.view().Slice(3, 2)), "broken invariant");
  EXPECT_DEATH(static_cast<void>(tensor.view().Slice(-1, 1)), "broken invariant");
  EXPECT_DEATH(static_cast<void>(TensorView{}.Slice(0, 1)), "broken invariant");
}

}  // namespace
}  // namespace sightline
