#include "src/zoo/weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sightline::zoo {
namespace {

std::vector<float> Floats(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

double MeanOf(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double DeviationOf(const std::vector<float>& values) {
  const double mean = MeanOf(values);
  double sum = 0;
  for (const float value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

double NormalDistribution(double x) {
  return std::erfc(-x / std::sqrt(2.0)) / 2;
}

// Largest distance between the sample's distribution and the normal one (Kolmogorov-Smirnov).
double DistanceFromNormal(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = static_cast<double>(i) / static_cast<double>(values.size());
    distance = std::max(distance, std::abs(expected - NormalDistribution(values[i])));
  }
  return distance;
}

TEST(WeightStreamTest, GaussianHasTheMomentsAskedFor) {
  const std::vector<float> values = Floats(WeightStream(1).Gaussian(1000000, 0.5, 0.25));
  EXPECT_NEAR(MeanOf(values), 0.5, 0.001);  // four standard errors
  EXPECT_NEAR(DeviationOf(values), 0.25, 0.001);
}

TEST(WeightStreamTest, GaussianIsNormalTheWayTheHeaderSays) {
  const std::vector<float> values = Floats(WeightStream(2).Gaussian(4000000, 0, 1));
  EXPECT_LT(DistanceFromNormal(values), 0.003);
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 4.5);  // one in 3.4 million is above 5
}

TEST(WeightStreamTest, ValuesAreTheSameOnEveryMachine) {
  // Worked out from the published SplitMix64 and the header's rule; a change of these changes every network's
  // bytes.
  EXPECT_THAT(Floats(WeightStream(1).Gaussian(4, 0, 1)),
              testing::ElementsAre(0x1.1fd78ap+0F, 0x1.2ab442p+0F, -0x1.e87272p-5F, -0x1.7d5ddap+0F));
  EXPECT_THAT(Floats(WeightStream(1).Uniform(2, 0.5, 1.5)),
              testing::ElementsAre(0x1.04b982p-1F, 0x1.0eec68p+0F));
}

TEST(WeightStreamTest, SameSeedSameBytesOtherSeedOtherBytes) {
  EXPECT_EQ(WeightStream(7).Gaussian(100, 0, 1), WeightStream(7).Gaussian(100, 0, 1));
  EXPECT_NE(WeightStream(7).Gaussian(100, 0, 1), WeightStream(8).Gaussian(100, 0, 1));
}

TEST(WeightStreamTest, CenteredFiltersSumToZero) {
  constexpr size_t kSize = 45;
  const std::vector<float> values = Floats(WeightStream(3).CenteredFilters(1000, kSize, 0.1));
  ASSERT_EQ(values.size(), 1000 * kSize);
  for (size_t filter = 0; filter < 1000; ++filter) {
    double sum = 0;
    for (size_t i = 0; i < kSize; ++i) sum += values[filter * kSize + i];
    EXPECT_NEAR(sum, 0, 1e-6);
  }
  EXPECT_NEAR(DeviationOf(values), 0.1 * std::sqrt(1 - 1.0 / kSize), 0.002);
}

TEST(WeightStreamTest, UniformStaysWithinItsBounds) {
  const std::vector<float> values = Floats(WeightStream(4).Uniform(100000, 0.8, 1.25));
  EXPECT_GE(*std::min_element(values.begin(), values.end()), 0.7999F);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), 1.2501F);
  EXPECT_NEAR(MeanOf(values), 1.025, 0.002);
}

TEST(WeightStreamTest, WithoutASeedAllValuesAreZero) {
  WeightStream blank(std::nullopt);
  EXPECT_EQ(blank.Gaussian(3, 1, 1), std::string(12, '\0'));
  EXPECT_EQ(blank.CenteredFilters(1, 3, 1), std::string(12, '\0'));
  EXPECT_EQ(blank.Uniform(3, 1, 2), std::string(12, '\0'));
}

TEST(WeightStreamTest, AnOddCountAndAnEmptyOneAreFine) {
  EXPECT_EQ(WeightStream(5).Gaussian(3, 0, 1).size(), 3 * sizeof(float));
  EXPECT_TRUE(WeightStream(5).Gaussian(0, 0, 1).empty());
}

}  // namespace
}  // namespace sightline::zoo
