#include "src/postprocess/kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "src/postprocess/vector_math.h"

namespace sightline::postprocess {
namespace {

using testing::ElementsAre;

TEST(VectorMath, ExpIsWithinTwoUnitsInTheLastPlace) {
  for (double x = -86.9; x < 87.9; x += 0.0137) {
    const auto argument = static_cast<float>(x);
    const double truth = std::exp(static_cast<double>(argument));
    EXPECT_NEAR(static_cast<double>(Exp(argument)), truth, truth * 2.5e-7) << x;
  }
  EXPECT_EQ(Exp(0), 1.0F);
}

TEST(VectorMath, ExpOfAnythingIsFinite) {
  for (const float x : {-1e30F, 1e30F, -std::numeric_limits<float>::infinity(),
                        std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()}) {
    EXPECT_TRUE(std::isfinite(Exp(x))) << x;
    EXPECT_GT(Exp(x), 0) << x;
  }
}

TEST(VectorMath, LogitIsWhereSigmoidPasses) {
  for (const float share : {1e-8F, 0.005F, 0.3F, 0.5F, 0.99F})
    EXPECT_NEAR(Sigmoid(Logit(share)) / share, 1, 1e-5) << share;
  EXPECT_EQ(Logit(0.5F), 0.0F);
  EXPECT_EQ(Logit(0), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(Logit(1), std::numeric_limits<float>::infinity());
}

// With and without a rest behind the last whole block.
TEST(Kernels, FindAboveAgreesWithALoop) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(-2, 1);
  for (const size_t count : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{1000}}) {
    std::vector<float> values(count);
    for (float& value : values) value = normal(random);
    for (const float threshold : {-10.0F, -2.0F, 0.0F, 10.0F}) {
      std::vector<int32_t> expected;
      for (size_t i = 0; i < count; ++i) {
        if (values[i] > threshold) expected.push_back(static_cast<int32_t>(i));
      }
      std::vector<int32_t> found(count);
      const Above above = FindAbove(values.data(), count, threshold, found.data());
      found.resize(above.count);
      EXPECT_EQ(found, expected) << count << " values, threshold " << threshold;
      EXPECT_TRUE(above.finite);
    }
  }
}

TEST(Kernels, WhatIsNotFiniteIsSeenWhereverItStands) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (size_t at = 0; at < 130; ++at) {
      std::vector<float> values(130, 1e30F);
      std::vector<int32_t> room(values.size());
      EXPECT_TRUE(AllFinite(values.data(), values.size()));
      values[at] = bad;
      EXPECT_FALSE(AllFinite(values.data(), values.size())) << at;
      EXPECT_FALSE(FindAbove(values.data(), values.size(), 2e30F, room.data()).finite) << at;
    }
  }
}

TEST(Kernels, SumOfExpAddsAll) {
  std::vector<float> values;
  double truth = 0;
  for (int i = 0; i < 91; ++i) {
    values.push_back(static_cast<float>(i % 7));
    truth += std::exp(static_cast<double>(values.back()) - 6);
  }
  EXPECT_NEAR(SumOfExp(values.data(), values.size(), 6), truth, truth * 1e-6);
}

// Two boxes 10 wide, shifted by 4: 6 in common of 14. IoU 3/7 = 0.4286.
TEST(Kernels, KeepBestComparesTheOverlapWithItsThreshold) {
  std::vector<float> left = {0, 4, 30};
  std::vector<float> top = {0, 0, 0};
  std::vector<float> right = {10, 14, 40};
  std::vector<float> bottom = {1, 1, 1};
  const BoxArrays boxes{left.data(), top.data(), right.data(), bottom.data()};
  std::vector<float> areas(3);
  std::vector<int32_t> gone(3);
  const auto keep = [&](float iou, size_t most) {
    std::vector<int32_t> kept(3);
    kept.resize(KeepBest(boxes, 3, iou, most, areas.data(), gone.data(), kept.data()));
    return kept;
  };
  EXPECT_THAT(keep(0.42F, 3), ElementsAre(0, 2));
  EXPECT_THAT(keep(0.43F, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(keep(0.43F, 2), ElementsAre(0, 1)) << "a limit ends it";
  EXPECT_THAT(keep(0.0F, 3), ElementsAre(0, 2)) << "boxes apart stay whatever the threshold";
}

TEST(Kernels, DecodeSsdIsTheFormula) {
  std::vector<float> x = {2}, y = {-3}, width = {1}, height = {-1};
  std::vector<float> ax = {0.5F}, ay = {0.25F}, aw = {0.2F}, ah = {0.4F};
  DecodeSsd({x.data(), y.data(), width.data(), height.data()}, {ax.data(), ay.data(), aw.data(), ah.data()},
            {10, 5}, 1);
  EXPECT_NEAR(x[0], 0.5 + 0.2 * 0.2, 1e-6);
  EXPECT_NEAR(y[0], 0.25 - 0.3 * 0.4, 1e-6);
  EXPECT_NEAR(width[0], 0.2 * std::exp(0.2), 1e-6);
  EXPECT_NEAR(height[0], 0.4 * std::exp(-0.2), 1e-6);
  CornersOf({x.data(), y.data(), width.data(), height.data()}, 1);
  EXPECT_NEAR(width[0] - x[0], 0.2 * std::exp(0.2), 1e-6);
  EXPECT_NEAR((width[0] + x[0]) / 2, 0.54, 1e-6);
}

TEST(Kernels, TurnChannelsLastMovesEveryValue) {
  using Size = std::pair<size_t, size_t>;
  for (const auto& [channels, cells] : {Size{1, 1}, Size{16, 32}, Size{3, 50}, Size{37, 19}}) {
    std::vector<float> from(channels * cells);
    for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
    std::vector<float> to(from.size(), -1);
    TurnChannelsLast(from.data(), channels, cells, to.data());
    for (size_t c = 0; c < channels; ++c) {
      for (size_t cell = 0; cell < cells; ++cell)
        ASSERT_EQ(to[cell * channels + c], static_cast<float>(c * cells + cell)) << channels << "x" << cells;
    }
  }
}

TEST(Kernels, AddCellsWeighsEachCell) {
  for (const size_t width : {size_t{1}, size_t{8}, size_t{91}}) {
    const size_t stride = width + 3;
    std::vector<float> row(5 * stride);
    for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(i);
    const CellShare shares[] = {{1, 0.5F}, {4, 0.25F}};
    std::vector<float> sums(width + 1, 1);
    AddCells(row.data(), stride, shares, 2, 2, sums.data(), width);
    for (size_t i = 0; i < width; ++i)
      EXPECT_EQ(sums[i], 1 + row[stride + i] + row[4 * stride + i] / 2) << width;
    EXPECT_EQ(sums[width], 1) << "behind the last";
  }
}

}  // namespace
}  // namespace sightline::postprocess
