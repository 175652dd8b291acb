#include "src/analyze/deviation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace sightline::analyze {
namespace {

TEST(Deviation, TenPercentOfNoiseAreTwentyDecibels) {
  Deviation deviation;
  const std::vector<float> reference = {1, -1, 2, -2};
  const std::vector<float> other = {1.1F, -1.1F, 2.2F, -2.2F};
  deviation.Add(reference, other, OutputKind::kLogits);
  EXPECT_NEAR(deviation.sqnr_db().value_or(0), 20, 1e-4);
  EXPECT_EQ(deviation.top1_agreements(), 1);
}

TEST(Deviation, ALevelThatASoftmaxForgetsIsNoNoise) {
  Deviation deviation;
  deviation.Add(std::vector<float>{1, 2, 3}, std::vector<float>{11, 12, 13}, OutputKind::kLogits);
  EXPECT_FALSE(deviation.sqnr_db()) << "nothing differs";
}

TEST(Deviation, ProbabilitiesAreComparedByTheirLogarithms) {
  Deviation logits;
  Deviation probabilities;
  const std::vector<float> a = {0, 1};
  const std::vector<float> b = {0, 1.5F};
  const auto softmax = [](const std::vector<float>& x) {
    const float sum = std::exp(x[0]) + std::exp(x[1]);
    return std::vector<float>{std::exp(x[0]) / sum, std::exp(x[1]) / sum};
  };
  logits.Add(a, b, OutputKind::kLogits);
  probabilities.Add(softmax(a), softmax(b), OutputKind::kProbabilities);
  EXPECT_NEAR(logits.sqnr_db().value_or(0), probabilities.sqnr_db().value_or(1), 1e-4);
}

TEST(Deviation, PicturesWithAnotherBestClassAreCounted) {
  Deviation deviation;
  deviation.Add(std::vector<float>{1, 2}, std::vector<float>{1, 1.5F}, OutputKind::kLogits);
  deviation.Add(std::vector<float>{1, 2}, std::vector<float>{2, 1}, OutputKind::kLogits);
  EXPECT_EQ(deviation.pictures(), 2);
  EXPECT_EQ(deviation.top1_agreements(), 1);
  // Signal 0.5 + 0.5; noise 0.125 + 2.
  EXPECT_NEAR(deviation.sqnr_db().value_or(0), 10 * std::log10(1 / 2.125), 1e-6);
}

TEST(Deviation, WhatIsNotFiniteHasNoRatio) {
  Deviation deviation;
  deviation.Add(std::vector<float>{1, 2}, std::vector<float>{1, NAN}, OutputKind::kLogits);
  EXPECT_FALSE(deviation.finite());
  EXPECT_FALSE(deviation.sqnr_db());
}

}  // namespace
}  // namespace sightline::analyze
