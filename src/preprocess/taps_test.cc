#include "src/preprocess/taps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::preprocess {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

TapTable Taps(ResizeKernel kernel, const AxisGeometry& axis) {
  TapTable table;
  FillTaps(axis, kernel, table);
  return table;
}

AxisGeometry Plain(int source, int target) {
  return {0, source, target, 0, 0, target};
}

TEST(Taps, BilinearReadsAtHalfPixelCentres) {
  // 4 -> 2: at 0.5 and 2.5.
  const TapTable shrink = Taps(ResizeKernel::kBilinear, Plain(4, 2));
  EXPECT_THAT(shrink.first, ElementsAre(0, 2));
  EXPECT_THAT(shrink.weights, ElementsAre(0.5f, 0.5f, 0.5f, 0.5f));
  // 2 -> 4: at -0.25 (the edge), 0.25, 0.75, 1.25 (the edge).
  const TapTable enlarge = Taps(ResizeKernel::kBilinear, Plain(2, 4));
  EXPECT_THAT(enlarge.first, ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(enlarge.weights, ElementsAre(1, 0, 0.75f, 0.25f, 0.25f, 0.75f, 0, 1));
}

TEST(Taps, BilinearTf1ReadsAtMultiplesOfTheScale) {
  // 5 -> 3: at 0, 5/3, 10/3.
  const TapTable shrink = Taps(ResizeKernel::kBilinearTf1, Plain(5, 3));
  EXPECT_THAT(shrink.first, ElementsAre(0, 1, 3));
  EXPECT_THAT(shrink.weights,
              ElementsAre(1, 0, FloatEq(1 / 3.0f), FloatEq(2 / 3.0f), FloatEq(2 / 3.0f), FloatEq(1 / 3.0f)));
  // 2 -> 4: at 0, 0.5, 1, 1.5 (the edge).
  const TapTable enlarge = Taps(ResizeKernel::kBilinearTf1, Plain(2, 4));
  EXPECT_THAT(enlarge.first, ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(enlarge.weights, ElementsAre(1, 0, 0.5f, 0.5f, 0, 1, 0, 1));
}

TEST(Taps, AntialiasWidensTheTriangleWhenShrinking) {
  // 4 -> 2: half-width 2 around 1 and 3; pixel centres 0.5, 1.5, 2.5 weigh 3/4, 3/4, 1/4, and mirrored.
  const TapTable shrink = Taps(ResizeKernel::kBilinearAntialias, Plain(4, 2));
  ASSERT_EQ(shrink.taps, 3);
  EXPECT_THAT(shrink.first, ElementsAre(0, 1));
  const float a = 3 / 7.0f;
  const float b = 1 / 7.0f;
  EXPECT_THAT(shrink.weights,
              ElementsAre(FloatEq(a), FloatEq(a), FloatEq(b), FloatEq(b), FloatEq(a), FloatEq(a)));
}

TEST(Taps, AreCountedFromThePicturesEdge) {
  // The crop [10, 14) to 4 pixels, of which the middle two are wanted.
  const TapTable table = Taps(ResizeKernel::kBilinear, {10, 4, 4, 1, 0, 2});
  EXPECT_THAT(table.first, ElementsAre(11, 12));
  EXPECT_THAT(table.weights, ElementsAre(1, 0, 1, 0));
}

TEST(Taps, StayInsideTheCropAndAddUpToOne) {
  for (const ResizeKernel kernel :
       {ResizeKernel::kBilinear, ResizeKernel::kBilinearTf1, ResizeKernel::kBilinearAntialias}) {
    for (int source = 1; source < 40; ++source) {
      for (const int target : {1, 2, 3, 7, 16, 39, 100}) {
        const TapTable table = Taps(kernel, {5, source, target, 0, 0, target});
        for (size_t i = 0; i < table.first.size(); ++i) {
          ASSERT_GE(table.first[i], 5);
          ASSERT_LE(table.first[i] + table.taps, 5 + source);
          ASSERT_TRUE(i == 0 || table.first[i] >= table.first[i - 1]);
          double sum = 0;
          for (int k = 0; k < table.taps; ++k) {
            const float weight = table.weights[i * static_cast<size_t>(table.taps) + static_cast<size_t>(k)];
            ASSERT_GE(weight, 0);
            sum += static_cast<double>(weight);
          }
          ASSERT_NEAR(sum, 1, 1e-6);
        }
      }
    }
  }
}

}  // namespace
}  // namespace sightline::preprocess
