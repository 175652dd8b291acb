#include "src/postprocess/topk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace sightline::postprocess {
namespace {

using testing::HasSubstr;

std::vector<int> IndicesOf(std::span<const ClassScore> best) {
  std::vector<int> indices;
  for (const ClassScore& entry : best) indices.push_back(entry.index);
  return indices;
}

TEST(TopK, GivesTheBestInDescendingOrder) {
  const std::vector<float> scores = {0.05f, 0.4f, 0.1f, 0.3f, 0.02f, 0.13f};
  std::array<ClassScore, 3> best;
  ASSERT_TRUE(TopK(scores, 3, OutputKind::kProbabilities, best).ok());
  EXPECT_EQ(best[0], (ClassScore{1, 0.4f}));
  EXPECT_EQ(best[1], (ClassScore{3, 0.3f}));
  EXPECT_EQ(best[2], (ClassScore{5, 0.13f}));
}

TEST(TopK, AgreesWithSortingForEveryK) {
  std::vector<float> scores;
  for (int i = 0; i < 101; ++i) scores.push_back(static_cast<float>((i * 37) % 101));
  for (int k = 1; k <= 101; ++k) {
    std::vector<ClassScore> best(static_cast<size_t>(k));
    ASSERT_TRUE(TopK(scores, k, OutputKind::kProbabilities, best).ok());
    for (int i = 0; i < k; ++i) ASSERT_EQ(best[static_cast<size_t>(i)].score, static_cast<float>(100 - i));
  }
}

TEST(TopK, BreaksTiesByTheLowerIndex) {
  const std::vector<float> scores = {1, 2, 2, 1, 2, 1};
  std::array<ClassScore, 5> best;
  ASSERT_TRUE(TopK(scores, 5, OutputKind::kProbabilities, best).ok());
  EXPECT_THAT(IndicesOf(best), testing::ElementsAre(1, 2, 4, 0, 3));
}

TEST(TopK, LeavesIndexMinusOneWhereThereAreFewerClasses) {
  const std::vector<float> scores = {-3, -2};
  std::array<ClassScore, 5> best;
  best.fill({7, 7});
  ASSERT_TRUE(TopK(scores, 4, OutputKind::kProbabilities, best).ok());
  EXPECT_THAT(IndicesOf(best), testing::ElementsAre(1, 0, -1, -1, 7));
}

TEST(TopK, TurnsLogitsIntoProbabilitiesOverAllClasses) {
  const std::vector<float> logits = {0, std::log(2.0f), std::log(5.0f)};
  std::array<ClassScore, 2> best;
  ASSERT_TRUE(TopK(logits, 2, OutputKind::kLogits, best).ok());
  EXPECT_EQ(best[0].index, 2);
  EXPECT_NEAR(best[0].score, 5.0 / 8, 1e-6);
  EXPECT_NEAR(best[1].score, 2.0 / 8, 1e-6);
}

TEST(TopK, SoftmaxOfHugeLogitsDoesNotOverflow) {
  const std::vector<float> logits = {3e38f, -3e38f, 3e38f, 1000};
  std::array<ClassScore, 3> best;
  ASSERT_TRUE(TopK(logits, 3, OutputKind::kLogits, best).ok());
  EXPECT_THAT(best, testing::ElementsAre(ClassScore{0, 0.5f}, ClassScore{2, 0.5f}, ClassScore{3, 0.0f}));
}

TEST(TopK, ReportsWhatIsNotFiniteAndWhere) {
  std::array<ClassScore, 2> best;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    std::vector<float> scores(1000, 0.001f);
    scores[321] = bad;
    const Status status = TopK(scores, 2, OutputKind::kProbabilities, best);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), ErrorKind::kInternal);
    EXPECT_THAT(status.error().message(), HasSubstr("first at class 321 of 1000"));
  }
}

TEST(TopK, ReportsAnEmptyOutput) {
  std::array<ClassScore, 1> best;
  const Status status = TopK({}, 1, OutputKind::kProbabilities, best);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("no scores"));
}

}  // namespace
}  // namespace sightline::postprocess
