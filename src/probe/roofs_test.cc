#include "src/probe/roofs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "src/probe/roof_kernels.h"

namespace sightline::probe {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::SizeIs;

constexpr int64_t kKiB = 1024;
constexpr int64_t kMiB = 1024 * kKiB;

TEST(RoofKernels, EveryWidthComputesTheSameTriad) {
  for (const RoofKernels& kernels : UsableRoofKernels()) {
    std::vector<float> a(37, -1.0F);
    std::vector<float> b(a.size());
    std::vector<float> c(a.size());
    std::iota(b.begin(), b.end(), 0.0F);
    std::iota(c.begin(), c.end(), 100.0F);
    kernels.triad(a.data(), b.data(), c.data(), 0.5F, a.size() - 1);
    for (size_t i = 0; i + 1 < a.size(); ++i) {
      ASSERT_EQ(a[i], b[i] + 0.5F * c[i]) << kernels.vectors << " at " << i;
    }
    EXPECT_EQ(a.back(), -1.0F) << kernels.vectors << " writes past its end";
  }
}

TEST(RoofKernels, AtLeastAsManyMultiplyAddsAsAskedForAndNotMuchMore) {
  for (const RoofKernels& kernels : UsableRoofKernels()) {
    EXPECT_GE(kernels.multiply_adds(1), 1) << kernels.vectors;
    const int64_t done = kernels.multiply_adds(10'000);
    EXPECT_GE(done, 10'000) << kernels.vectors;
    EXPECT_LT(done, 10'200) << kernels.vectors;
  }
}

TEST(Roofs, WorkingSetsLieInOneCacheEachAndOutsideOfAll) {
  const auto sets = WorkingSets(1 * kMiB, 32 * kMiB, 2);
  ASSERT_THAT(sets, SizeIs(3));
  EXPECT_EQ(sets[0].memory, "L2 cache");
  EXPECT_EQ(sets[0].working_set_bytes, 1 * kMiB);
  EXPECT_EQ(sets[1].memory, "L3 cache");
  EXPECT_EQ(sets[1].working_set_bytes, 16 * kMiB);
  EXPECT_EQ(sets[2].memory, "memory");
  EXPECT_EQ(sets[2].working_set_bytes, 128 * kMiB);
}

TEST(Roofs, UnknownOrMissingCachesLeaveMemory) {
  const auto unknown = WorkingSets(0, 0, 4);
  ASSERT_THAT(unknown, SizeIs(1));
  EXPECT_EQ(unknown[0].memory, "memory");
  EXPECT_EQ(unknown[0].working_set_bytes, 96 * kMiB);
  const auto no_l3 = WorkingSets(512 * kKiB, 0, 4);
  ASSERT_THAT(no_l3, SizeIs(2));
  EXPECT_EQ(no_l3[0].memory, "L2 cache");
}

TEST(Roofs, AHugeCacheDoesNotTakeAllMemory) {
  const auto sets = WorkingSets(1 * kMiB, 1024 * kMiB, 64);
  EXPECT_EQ(sets.back().memory, "memory");
  EXPECT_EQ(sets.back().working_set_bytes, 1024 * kMiB);
  // Half of that cache is half of what memory is measured with.
  EXPECT_EQ(sets[sets.size() - 2].working_set_bytes, 512 * kMiB);
}

TEST(Roofs, EveryRateIsMeasuredAsOftenAsAskedFor) {
  const SteadyClock clock;
  RoofMeter meter(2, clock, 100'000);
  ASSERT_TRUE(meter.Measure(2).ok());
  ASSERT_TRUE(meter.Measure(1).ok());
  const RoofSamples& samples = meter.samples();
  EXPECT_EQ(samples.threads, 2);
  EXPECT_EQ(samples.vectors, UsableRoofKernels().front().vectors);
  EXPECT_THAT(samples.macs_per_s, SizeIs(3));
  EXPECT_THAT(samples.macs_per_s, Each(Gt(0)));
  ASSERT_FALSE(samples.bandwidths.empty());
  EXPECT_EQ(samples.bandwidths.back().memory, "memory");
  for (const BandwidthSamples& bandwidth : samples.bandwidths) {
    EXPECT_THAT(bandwidth.bytes_per_s, SizeIs(3)) << bandwidth.memory;
    EXPECT_THAT(bandwidth.bytes_per_s, Each(Gt(0))) << bandwidth.memory;
  }
}

}  // namespace
}  // namespace sightline::probe
