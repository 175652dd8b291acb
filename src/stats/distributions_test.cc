#include "src/stats/distributions.h"

#include <gtest/gtest.h>

namespace sightline::stats {
namespace {

// Student's t table (e.g. NIST/SEMATECH e-Handbook, 1.3.6.7.2), upper tail 0.025.
TEST(StudentTQuantile, AgreesWithThePublishedTable) {
  EXPECT_NEAR(StudentTQuantile(0.975, 1), 12.706, 5e-4);
  EXPECT_NEAR(StudentTQuantile(0.975, 4), 2.776, 5e-4);
  EXPECT_NEAR(StudentTQuantile(0.975, 29), 2.045, 5e-4);
  EXPECT_NEAR(StudentTQuantile(0.975, 100), 1.984, 5e-4);
}

TEST(StudentTQuantile, TakesFractionalDegreesOfFreedom) {
  const double between = StudentTQuantile(0.975, 4.5);
  EXPECT_LT(between, StudentTQuantile(0.975, 4));
  EXPECT_GT(between, StudentTQuantile(0.975, 5));
}

// Binomial(4, 1/2): P(B <= 0..4) = 1/16, 5/16, 11/16, 15/16, 1.
TEST(BinomialQuantile, IsTheSmallestCountThatReachesTheProbability) {
  EXPECT_EQ(BinomialQuantile(0.05, 4, 0.5), 0);
  EXPECT_EQ(BinomialQuantile(0.07, 4, 0.5), 1);
  EXPECT_EQ(BinomialQuantile(0.5, 4, 0.5), 2);
  EXPECT_EQ(BinomialQuantile(0.9, 4, 0.5), 3);
  EXPECT_EQ(BinomialQuantile(0.95, 4, 0.5), 4);
}

TEST(BinomialQuantile, HoldsForTenMillionTrials) {
  // Normal approximation: 9,990,000 - 1.96 sqrt(1e7 0.999 0.001) = 9,989,804.1.
  EXPECT_NEAR(static_cast<double>(BinomialQuantile(0.025, 10'000'000, 0.999)), 9'989'804, 2);
}

// I_{1/2}(a, a) = 1/2; I_x(1, b) = 1 - (1 - x)^b; I_{1/2}(2, 3) = P(B >= 2), B ~ Binomial(4, 1/2), = 11/16.
TEST(RegularizedBeta, AgreesWithClosedForms) {
  EXPECT_DOUBLE_EQ(RegularizedBeta(7, 7, 0.5), 0.5);
  EXPECT_NEAR(RegularizedBeta(1, 3, 0.2), 1 - 0.512, 1e-15);
  EXPECT_NEAR(RegularizedBeta(2, 3, 0.5), 11.0 / 16, 1e-15);
  EXPECT_EQ(RegularizedBeta(2, 3, 0), 0);
  EXPECT_EQ(RegularizedBeta(2, 3, 1), 1);
}

}  // namespace
}  // namespace sightline::stats
