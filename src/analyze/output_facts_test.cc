#include "src/analyze/output_facts.h"

#include <gtest/gtest.h>

#include <limits>

namespace sightline::analyze {
namespace {

using Outputs = std::vector<std::vector<float>>;

TEST(OutputFacts, CountWhatIsNoNormalNumber) {
  constexpr float kSubnormal = 1e-40F;
  const Outputs outputs = {{0, 1, kSubnormal, -kSubnormal},
                           {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(),
                            2, std::numeric_limits<float>::min()}};
  const OutputFacts facts = LookAtOutputs(outputs);
  EXPECT_EQ(facts.pictures, 2);
  EXPECT_EQ(facts.values, 8);
  EXPECT_EQ(facts.subnormal, 2);  // neither 0 nor the smallest normal one
  EXPECT_EQ(facts.not_finite, 2);
  EXPECT_FALSE(facts.constant);
}

TEST(OutputFacts, AreConstantWhenPicturesMakeNoDifference) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(LookAtOutputs(Outputs{{1, nan}, {1, nan}, {1, nan}}).constant);
  EXPECT_FALSE(LookAtOutputs(Outputs{{1, 2}, {1, 2}, {1, 3}}).constant);
  EXPECT_FALSE(LookAtOutputs(Outputs{{1, 2}}).constant);  // one tells nothing
  EXPECT_FALSE(LookAtOutputs(Outputs{{}, {}}).constant);
  EXPECT_FALSE(LookAtOutputs(Outputs{}).constant);
}

}  // namespace
}  // namespace sightline::analyze
