#include "src/analyze/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace sightline::analyze {
namespace {

std::vector<float> Softmax(const std::vector<double>& logits) {
  double sum = 0;
  for (const double v : logits) sum += std::exp(v);
  std::vector<float> p;
  for (const double v : logits) p.push_back(static_cast<float>(std::exp(v) / sum));
  return p;
}

TEST(Agreement, EqualScoresAgree) {
  const auto p = Softmax({1, 2, 3, 4, 5, 6});
  const Agreement a = CompareScores(p, p, OutputKind::kProbabilities);
  EXPECT_TRUE(a.agrees());
  EXPECT_EQ(a.softmax_difference_max, 0);
  EXPECT_NEAR(a.logit_range, 5, 1e-5);
  // Deviation of 1..6: sqrt(35/12).
  EXPECT_NEAR(a.logit_deviation, std::sqrt(35.0 / 12), 1e-5);
}

TEST(Agreement, ShiftedLogitsAreTheSameScores) {
  const std::vector<float> a = {1, 2, 3};
  const std::vector<float> b = {11, 12, 13};
  EXPECT_TRUE(CompareScores(a, b, OutputKind::kLogits).agrees());
}

TEST(Agreement, SeesALogitThatSoftmaxHides) {
  // The last class has probability 1e-9: the softmax alone would not notice it doubled.
  const auto p = Softmax({20, 19, 18, 17, 16, 0});
  const auto q = Softmax({20, 19, 18, 17, 16, 0.7});
  const Agreement a = CompareScores(p, q, OutputKind::kProbabilities);
  EXPECT_LT(a.softmax_difference_max, kSoftmaxTolerance);
  EXPECT_FALSE(a.agrees());
}

TEST(Agreement, NearTiesMaySwapRanksOthersMayNot) {
  const std::vector<float> a = {10, 9, 8, 7, 6, 0};
  const std::vector<float> near = {10, 9, 8, 7, 6.0F, 0};
  std::vector<float> tied = a;
  tied[4] = 7.004F;  // 6 -> above 7: a real swap
  EXPECT_EQ(CompareScores(a, near, OutputKind::kLogits).top5_swaps, 0);
  EXPECT_EQ(CompareScores(a, tied, OutputKind::kLogits).top5_swaps, 2);
  const std::vector<float> c = {10, 9.999F, 8, 7, 6, 0};
  const std::vector<float> d = {9.999F, 10, 8, 7, 6, 0};
  EXPECT_EQ(CompareScores(c, d, OutputKind::kLogits).top5_swaps, 0);
}

TEST(Agreement, BrokenOutputsNeverAgree) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> a = {nan, 1, 2};
  EXPECT_FALSE(CompareScores(a, a, OutputKind::kLogits).agrees());
  const std::vector<float> zeros = {0, 0, 1};
  EXPECT_FALSE(CompareScores(zeros, zeros, OutputKind::kProbabilities).agrees());
  const std::vector<float> constant = {0.25F, 0.25F, 0.25F, 0.25F};
  EXPECT_FALSE(CompareScores(constant, constant, OutputKind::kProbabilities).agrees())
      << "scores without any range prove nothing";
}

TEST(Agreement, WorsenKeepsTheWorsePicture) {
  Agreement good =
      CompareScores(std::vector<float>{0, 100}, std::vector<float>{0, 100.01F}, OutputKind::kLogits);
  const Agreement bad =
      CompareScores(std::vector<float>{0, 1}, std::vector<float>{0, 1.01F}, OutputKind::kLogits);
  EXPECT_TRUE(good.agrees());
  good.Worsen(bad);
  EXPECT_FALSE(good.agrees());
  EXPECT_NEAR(good.logit_range, 1, 1e-6);
}

TEST(Agreement, APictureThatIsNotFiniteIsNotForgottenInTheSum) {
  const std::vector<float> fine = {1, 2, 3};
  const std::vector<float> broken = {std::numeric_limits<float>::infinity(), 1, 2};
  Agreement sum = CompareScores(fine, broken, OutputKind::kLogits);
  EXPECT_FALSE(sum.finite);
  sum.Worsen(CompareScores(fine, fine, OutputKind::kLogits));
  EXPECT_FALSE(sum.finite);
  EXPECT_FALSE(sum.agrees());
}

}  // namespace
}  // namespace sightline::analyze
