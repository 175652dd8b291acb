#include "backends/kit/onnx_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/kit/test_node.h"

namespace sightline::kit {
namespace {

using testing::ElementsAre;

TEST(OnnxWindowTest, WhatIsNotWrittenIsPlain) {
  TestNode test("MaxPool");
  const WindowAttributes window = ReadWindowAttributes(test.node(), {3, 2});
  EXPECT_THAT(window.kernel, ElementsAre(3, 2));
  EXPECT_THAT(window.strides, ElementsAre(1, 1));
  EXPECT_THAT(window.dilations, ElementsAre(1, 1));
  EXPECT_THAT(window.pads, ElementsAre(0, 0, 0, 0));
  EXPECT_TRUE(window.Fit(2));
  EXPECT_FALSE(window.Fit(1));
  EXPECT_TRUE(window.Check().ok());
}

TEST(OnnxWindowTest, ListsOfOtherLengthsDoNotFit) {
  for (const char* name : {"strides", "dilations", "pads"}) {
    TestNode test("MaxPool");
    EXPECT_FALSE(ReadWindowAttributes(test.SetInts(name, {1, 1, 1}).node(), {3, 2}).Fit(2)) << name;
  }
}

TEST(OnnxWindowTest, NothingButPadsMayBeZeroAndNothingNegative) {
  WindowAttributes window{.kernel = {2}, .strides = {1}, .dilations = {1}, .pads = {0, 1}};
  EXPECT_TRUE(window.Check().ok());
  for (Dims* numbers : {&window.kernel, &window.strides, &window.dilations}) {
    const Dims before = *numbers;
    *numbers = {0};
    EXPECT_EQ(window.Check().message(), "kernel, strides and dilations must be at least 1");
    *numbers = before;
  }
  window.pads = {0, -1};
  EXPECT_EQ(window.Check().message(), "negative pads are not supported");
  EXPECT_EQ(window.Check().code(), SL_UNSUPPORTED);
}

// Five places with one pad before and one after, windows of three in steps of two; the last one that
// ceil_mode added reaches one place beyond the pad.
TEST(OnnxWindowTest, PadsCountOnlyWhereTheyAreWrittenAndIncluded) {
  const PooledAxis axis = {.size = 5, .kernel = 3, .stride = 2, .pad_begin = 1, .pad_end = 1, .output = 4};
  EXPECT_THAT(PositionsCounted(axis, false), ElementsAre(2, 3, 2, 1));
  EXPECT_THAT(PositionsCounted(axis, true), ElementsAre(3, 3, 3, 1));
}

}  // namespace
}  // namespace sightline::kit
