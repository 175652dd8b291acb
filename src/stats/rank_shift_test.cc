#include "src/stats/rank_shift.h"

#include <gtest/gtest.h>

#include <vector>

namespace sightline::stats {
namespace {

// Published tables of both tests' lower 2.5 % points: a statistic of at most 8 for 10 pairs, 52 for 20, 0 for
// 6; at most 23 for 10 and 10 figures, 127 for 20 and 20, 0 for 4 and 4.
TEST(Critical, AgreesWithThePublishedTables) {
  EXPECT_EQ(SignedRankCritical(10), 9);
  EXPECT_EQ(SignedRankCritical(20), 53);
  EXPECT_EQ(SignedRankCritical(6), 1);
  EXPECT_EQ(SignedRankCritical(5), 0);
  EXPECT_EQ(RankSumCritical(10, 10), 24);
  EXPECT_EQ(RankSumCritical(20, 20), 128);
  EXPECT_EQ(RankSumCritical(4, 4), 1);
  EXPECT_EQ(RankSumCritical(3, 4), 0);
  EXPECT_EQ(RankSumCritical(7, 12), RankSumCritical(12, 7));
}

TEST(Critical, GoesOnSmoothlyBeyondTheExactCounts) {
  EXPECT_NEAR(static_cast<double>(SignedRankCritical(51) - SignedRankCritical(50)), 18, 3);
  EXPECT_NEAR(static_cast<double>(RankSumCritical(51, 50) - RankSumCritical(50, 50)), 20, 3);
}

// Hollander and Wolfe, example 3.1 (depression scale before and after a tranquilizer): -0.46 [-0.786,
// -0.010].
TEST(SignedRankShift, AgreesWithThePublishedExample) {
  const std::vector<double> before{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
  std::vector<double> differences{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  for (size_t i = 0; i < before.size(); ++i) differences[i] -= before[i];
  const Shift shift = SignedRankShift(differences);
  EXPECT_NEAR(shift.shift, -0.46, 1e-9);
  ASSERT_TRUE(shift.interval);
  EXPECT_NEAR(shift.interval->low, -0.786, 1e-9);
  EXPECT_NEAR(shift.interval->high, -0.010, 1e-9);
}

// Hollander and Wolfe, example 4.1 (permeability of placental membranes): 0.305 [-0.15, 0.76].
TEST(RankSumShift, AgreesWithThePublishedExample) {
  const std::vector<double> at_term{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> earlier{1.15, 0.88, 0.90, 0.74, 1.21};
  const Shift shift = RankSumShift(at_term, earlier);
  EXPECT_NEAR(shift.shift, 0.305, 1e-9);
  ASSERT_TRUE(shift.interval);
  EXPECT_NEAR(shift.interval->low, -0.15, 1e-9);
  EXPECT_NEAR(shift.interval->high, 0.76, 1e-9);
}

// Of 12 the disturbed one takes part in 12 of 78 means, and the ends are the 14th from below and above.
TEST(SignedRankShift, OneDisturbedOfTwelveMovesItLittle) {
  const std::vector<double> clean{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::vector<double> disturbed = clean;
  disturbed.back() = 1e6;
  EXPECT_NEAR(SignedRankShift(disturbed).shift, SignedRankShift(clean).shift, 0.6);
  EXPECT_LE(SignedRankShift(disturbed).interval->high, 11);
}

TEST(Shift, HasNoIntervalOfTooFew) {
  EXPECT_FALSE(SignedRankShift(std::vector<double>{1, 2, 3, 4, 5}).interval);
  EXPECT_EQ(SignedRankShift(std::vector<double>{7}).shift, 7);
  EXPECT_FALSE(RankSumShift(std::vector<double>{5}, std::vector<double>{2}).interval);
  EXPECT_EQ(RankSumShift(std::vector<double>{5}, std::vector<double>{2}).shift, 3);
}

}  // namespace
}  // namespace sightline::stats
