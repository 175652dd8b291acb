#include "src/network/value_ranges.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace sightline::network {
namespace {

TEST(ValueRanges, OfFewValuesNoneIsLeftOut) {
  RangeCollector collector;
  collector.Add("a", std::vector<float>{1, -3, 2});
  EXPECT_EQ(collector.Ranges().at("a").low, -3);
  EXPECT_EQ(collector.Ranges().at("a").high, 2);
}

TEST(ValueRanges, OfManyTheFarthestInTenThousandAreLeftOut) {
  std::vector<float> values(20'000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 20'000;
  values[7] = values[8] = -1000;
  values[100] = values[200] = 1000;
  RangeCollector collector;
  collector.Add("a", values);
  EXPECT_NEAR(collector.Ranges().at("a").low, 0, 1e-3);
  EXPECT_NEAR(collector.Ranges().at("a").high, 1, 1e-3);
}

TEST(ValueRanges, PicturesAreAveraged) {
  RangeCollector collector;
  collector.Add("a", std::vector<float>{-1, 2});
  collector.Add("b", std::vector<float>{5});
  collector.Add("a", std::vector<float>{-2, 6});
  EXPECT_FLOAT_EQ(collector.Ranges().at("a").low, -1.5F);
  EXPECT_FLOAT_EQ(collector.Ranges().at("a").high, 4);
  EXPECT_FLOAT_EQ(collector.Ranges().at("b").low, 5);
}

TEST(ValueRanges, WhatIsNotFiniteStaysSo) {
  RangeCollector collector;
  collector.Add("a", std::vector<float>{1, NAN});
  collector.Add("a", std::vector<float>{1, 2});
  EXPECT_FALSE(std::isfinite(collector.Ranges().at("a").high));
}

}  // namespace
}  // namespace sightline::network
