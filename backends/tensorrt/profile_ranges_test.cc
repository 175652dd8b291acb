#include "backends/tensorrt/profile_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::tensorrt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

kit::EngineInfo Info(std::vector<int64_t> input, std::vector<int64_t> output = {SL_DIM_BATCH, 7}) {
  kit::EngineInfo info;
  info.inputs = {{"image", SL_F32, SL_LAYOUT_NCHW, std::move(input)}};
  info.outputs = {{"scores", SL_F32, SL_LAYOUT_PLAIN, std::move(output)}};
  return info;
}

TEST(RangesOf, AnOpenBatchGoesFromOneToTheLargest) {
  const auto ranges = RangesOf(Info({SL_DIM_BATCH, 3, 8, 8}), 4);
  ASSERT_TRUE(ranges.ok()) << ranges.status().message();
  ASSERT_EQ(ranges->size(), 1u);
  EXPECT_EQ(ranges->at(0).name, "image");
  EXPECT_THAT(ranges->at(0).smallest, ElementsAre(1, 3, 8, 8));
  EXPECT_THAT(ranges->at(0).best, ElementsAre(4, 3, 8, 8));
  EXPECT_THAT(ranges->at(0).largest, ElementsAre(4, 3, 8, 8));
}

TEST(RangesOf, AFixedInputNeedsNone) {
  const auto ranges = RangesOf(Info({2, 3, 8, 8}, {2, 7}), 4);
  ASSERT_TRUE(ranges.ok()) << ranges.status().message();
  EXPECT_TRUE(ranges->empty());
}

TEST(RangesOf, OtherOpenSizesAreRefusedByName) {
  EXPECT_THAT(RangesOf(Info({SL_DIM_BATCH, 3, SL_DIM_DYNAMIC, 8}), 4).status().message(),
              HasSubstr("the shape of input 'image' is ?x3x?x8"));
  const auto output = RangesOf(Info({SL_DIM_BATCH, 3, 8, 8}, {SL_DIM_DYNAMIC, 4}), 4);
  EXPECT_EQ(output.status().code(), SL_UNSUPPORTED);
  EXPECT_THAT(output.status().message(), HasSubstr("output 'scores'"));
}

TEST(BytesAt, CountsTheBatchOnlyWhereItIsOpen) {
  EXPECT_EQ(BytesAt({"x", SL_F32, SL_LAYOUT_PLAIN, {SL_DIM_BATCH, 3}}, 5), 60u);
  EXPECT_EQ(BytesAt({"x", SL_U8, SL_LAYOUT_PLAIN, {2, 3}}, 5), 6u);
  EXPECT_EQ(BytesAt({"x", SL_F16, SL_LAYOUT_PLAIN, {}}, 5), 2u);
}

}  // namespace
}  // namespace sightline::tensorrt
