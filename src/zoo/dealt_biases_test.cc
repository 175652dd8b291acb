#include "src/zoo/dealt_biases.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/zoo/detection_task.h"

namespace sightline::zoo {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

TEST(DealtBiasesTest, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(NormalQuantile(0.5), 0, 2e-3);
  EXPECT_NEAR(NormalQuantile(0.975), 1.960, 2e-3);
  EXPECT_NEAR(NormalQuantile(0.999), 3.090, 2e-3);
  EXPECT_NEAR(NormalQuantile(0.025), -1.960, 2e-3);
  EXPECT_THAT(NormalStrata(3),
              ElementsAre(DoubleNear(-0.967, 2e-3), DoubleNear(0, 2e-3), DoubleNear(0.967, 2e-3)));
}

TEST(DealtBiasesTest, EveryAnchorGetsEachStratumOnce) {
  std::vector<ChannelAim> aims;
  for (int anchor = 0; anchor < 2; ++anchor) {
    aims.push_back({.mean = 7});
    for (int c = 0; c < 5; ++c) aims.push_back({.mean = -1, .deviation = 1, .bias_deviation = 2});
  }
  const std::vector<float> biases = DealtBiases(aims, 6, 1);
  ASSERT_EQ(biases.size(), 12U);
  const std::vector<double> strata = NormalStrata(5);
  for (size_t first : {0U, 6U}) {
    EXPECT_EQ(biases[first], 7);
    std::vector<float> dealt(biases.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                             biases.begin() + static_cast<std::ptrdiff_t>(first) + 6);
    std::sort(dealt.begin(), dealt.end());
    for (size_t i = 0; i < 5; ++i) EXPECT_FLOAT_EQ(dealt[i], static_cast<float>(-1 + 2 * strata[i]));
  }
  EXPECT_EQ(DealtBiases(aims, 6, 1), biases);
  EXPECT_NE(DealtBiases(aims, 6, 2), biases);
}

// What the solver is for: the biases and a normal value on top of them exceed the threshold as often as
// wished.
TEST(DealtBiasesTest, TheAimLeavesTheWantedShareAboveTheThreshold) {
  const ChannelAim aim = ClassAim(0.01, 0.5, 2, 80);
  const std::vector<double> noise = NormalStrata(1000);
  int above = 0;
  for (const double stratum : NormalStrata(80))
    for (const double x : noise)
      above += aim.mean + aim.bias_deviation * stratum + aim.deviation * x > 0.5 ? 1 : 0;
  EXPECT_NEAR(above / 80000.0, 0.01, 5e-4);
  EXPECT_NEAR(aim.deviation * aim.deviation + aim.bias_deviation * aim.bias_deviation, 4, 1e-9);
}

}  // namespace
}  // namespace sightline::zoo
