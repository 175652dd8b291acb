#include "src/base/random.h"

#include <algorithm>
#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sightline {
namespace {

TEST(SplitMix64Test, GivesThePublishedSequence) {
  // The first outputs for seed 1234567, as in Vigna's splitmix64.c.
  SplitMix64 generator(1234567);
  EXPECT_EQ(generator.Next(), 6457827717110365317U);
  EXPECT_EQ(generator.Next(), 3203168211198807973U);
  EXPECT_EQ(generator.Next(), 9817491932198370423U);
}

TEST(SplitMix64Test, UniformAndBoundedStayInRange) {
  SplitMix64 generator(1);
  for (int i = 0; i < 10000; ++i) {
    const double uniform = generator.NextUniform();
    ASSERT_GE(uniform, 0);
    ASSERT_LT(uniform, 1);
    ASSERT_LT(generator.NextBelow(7), 7U);
  }
}

TEST(SplitMix64Test, GaussianIsTheSameOnEveryMachine) {
  SplitMix64 generator(1);
  EXPECT_EQ(generator.NextGaussian(), 0x1.b7c251a5470ccp-2);
  EXPECT_EQ(generator.NextGaussian(), 0x1.95f5305298699p+0);
  EXPECT_EQ(generator.NextGaussian(), 0x1.d368fe72bb620p-2);
}

TEST(SplitMix64Test, GaussianHasMeanZeroAndVarianceOne) {
  SplitMix64 generator(2);
  constexpr int kDraws = 400000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = generator.NextGaussian();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.0065);  // four standard errors
  EXPECT_NEAR(squares / kDraws, 1, 0.009);
}

TEST(PortableLogTest, AgreesWithTheLibraryToTheLastBits) {
  SplitMix64 generator(3);
  for (int i = 0; i < 100000; ++i) {
    const double x =
        generator.NextUniform() * std::pow(2.0, static_cast<double>(generator.NextBelow(80)) - 60);
    if (x == 0) continue;
    ASSERT_NEAR(PortableLog(x), std::log(x), 4e-16 * std::max(1.0, std::abs(std::log(x)))) << x;
  }
  EXPECT_EQ(PortableLog(1), 0);
}

TEST(SeedForTest, StreamsAndSeedsAreSeparate) {
  EXPECT_EQ(SeedFor(1, "arrivals"), SeedFor(1, "arrivals"));
  EXPECT_NE(SeedFor(1, "arrivals"), SeedFor(1, "weights"));
  EXPECT_NE(SeedFor(1, "arrivals"), SeedFor(2, "arrivals"));
}

}  // namespace
}  // namespace sightline
