#include "src/stats/order_statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "src/base/random.h"

namespace sightline::stats {
namespace {

// What sorting gives, whatever order the ranks are asked for in, with ties.
TEST(OrderStatistics, AreThoseOfTheSortedSamples) {
  SplitMix64 random(7);
  std::vector<double> samples(1'000);
  for (double& sample : samples) sample = static_cast<double>(random.NextBelow(300));
  std::vector<double> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  OrderStatistics order(samples);
  for (const int64_t rank : {500, 1, 1'000, 499, 501, 500, 990, 3, 2, 999}) {
    EXPECT_EQ(order.At(rank), sorted[static_cast<size_t>(rank - 1)]) << rank;
  }
  for (int64_t rank = 1; rank <= order.count(); ++rank) {
    ASSERT_EQ(order.At(rank), sorted[static_cast<size_t>(rank - 1)]) << rank;
  }
}

TEST(OrderStatistics, OfOneSampleIsThatSample) {
  OrderStatistics order(std::vector<double>{3});
  EXPECT_EQ(order.At(1), 3);
  EXPECT_EQ(order.Quantile(0.5), 3);
  EXPECT_EQ(order.Quantile(1), 3);
}

}  // namespace
}  // namespace sightline::stats
