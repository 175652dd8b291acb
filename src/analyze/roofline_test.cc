#include "src/analyze/roofline.h"

#include <gtest/gtest.h>

namespace sightline::analyze {
namespace {

// 100 GMAC/s, known to 10 %; 100 GB/s in the cache and 10 GB/s from memory, known to 10 %.
Roofs SomeRoofs() {
  return {.threads = 2,
          .vectors = "AVX2",
          .macs_per_s = {100e9, 90e9, 110e9},
          .bandwidths = {{"L2 cache", 1'000'000, {100e9, 90e9, 110e9}},
                         {"memory", 100'000'000, {10e9, 9e9, 11e9}}}};
}

Range Exactly(double ns) {
  return {ns, ns, ns};
}

constexpr int64_t kSmallNetwork = 1000;
constexpr int64_t kLargeNetwork = 50'000'000;

TEST(Roofline, ALayerOfManyMultiplyAddsPerByteIsComputeBound) {
  // 1 GMAC take 10 ms; 2 MB from memory 0.2 ms.
  const RooflinePoint point = Judge({.macs = 1'000'000'000, .activation_bytes = 2'000'000}, Exactly(15e6),
                                    SomeRoofs(), kSmallNetwork);
  EXPECT_EQ(point.verdict, Verdict::kComputeBound);
  EXPECT_DOUBLE_EQ(point.least_ns, 10e6);
}

TEST(Roofline, ALayerOfManyBytesPerMultiplyAddIsMemoryBound) {
  const RooflinePoint point =
      Judge({.macs = 1'000'000, .activation_bytes = 20'000'000}, Exactly(3e6), SomeRoofs(), kSmallNetwork);
  EXPECT_EQ(point.verdict, Verdict::kMemoryBound);
  EXPECT_DOUBLE_EQ(point.least_ns, 2e6);
}

TEST(Roofline, ActivationsThatFitIntoTheCacheAreChargedAtItsBandwidth) {
  const LayerWork work{.activation_bytes = 900'000};
  EXPECT_DOUBLE_EQ(Judge(work, Exactly(10e3), SomeRoofs(), kLargeNetwork).least_ns, 9e3);
}

// A fully connected layer of 0.9 MB would fit, but the 50 MB of the others come between two inferences.
TEST(Roofline, WeightsOfALargeNetworkComeFromMemoryEachTime) {
  const LayerWork work{.weight_bytes = 900'000};
  EXPECT_DOUBLE_EQ(Judge(work, Exactly(100e3), SomeRoofs(), kLargeNetwork).least_ns, 90e3);
  EXPECT_DOUBLE_EQ(Judge(work, Exactly(100e3), SomeRoofs(), 900'000).least_ns, 9e3);
}

TEST(Roofline, ATinyLayerFarAboveItsRoofIsOverhead) {
  // 10 kB in the cache: 0.1 us.
  EXPECT_EQ(Judge({.activation_bytes = 10'000}, Exactly(8e3), SomeRoofs(), kSmallNetwork).verdict,
            Verdict::kOverheadBound);
}

TEST(Roofline, ALargeLayerFarAboveItsRoofIsInefficient) {
  EXPECT_EQ(
      Judge({.macs = 1'000'000'000, .activation_bytes = 1000}, Exactly(60e6), SomeRoofs(), kSmallNetwork)
          .verdict,
      Verdict::kInefficient);
}

TEST(Roofline, ALayerFasterThanItsRoofIsStillBoundByIt) {
  // Winograd's convolutions need fewer multiply-adds than are counted.
  EXPECT_EQ(Judge({.macs = 1'000'000'000, .activation_bytes = 1000}, Exactly(5e6), SomeRoofs(), kSmallNetwork)
                .verdict,
            Verdict::kComputeBound);
}

TEST(Roofline, WhereTheRoofsMeetWithinTheirErrorItIsUndecided) {
  // Both 1 ms, each known to 10 %.
  EXPECT_EQ(
      Judge({.macs = 100'000'000, .activation_bytes = 10'000'000}, Exactly(1.5e6), SomeRoofs(), kSmallNetwork)
          .verdict,
      Verdict::kUndecided);
}

TEST(Roofline, WhereTheTimeIsNotKnownWellEnoughItIsUndecided) {
  const LayerWork work{.macs = 1'000'000'000, .activation_bytes = 1000};  // 10 ms
  const Roofs roofs = SomeRoofs();
  EXPECT_EQ(Judge(work, {38e6, 30e6, 60e6}, roofs, kSmallNetwork).verdict, Verdict::kUndecided);
  EXPECT_EQ(Judge(work, {38e6, 50e6, 60e6}, roofs, kSmallNetwork).verdict, Verdict::kInefficient);
  EXPECT_EQ(Judge(work, {38e6, 30e6, 34e6}, roofs, kSmallNetwork).verdict, Verdict::kComputeBound);
}

TEST(Roofline, NothingIsSaidOfWorkThatIsNotKnown) {
  const RooflinePoint point = Judge({}, Exactly(1e6), SomeRoofs(), kSmallNetwork);
  EXPECT_EQ(point.verdict, Verdict::kUnknown);
  EXPECT_EQ(point.least_ns, 0);
}

TEST(Roofline, EveryVerdictHasANameOfItsOwn) {
  EXPECT_EQ(VerdictName(Verdict::kComputeBound), "compute-bound");
  EXPECT_EQ(VerdictName(Verdict::kMemoryBound), "memory-bound");
  EXPECT_EQ(VerdictName(Verdict::kOverheadBound), "overhead-bound");
  EXPECT_EQ(VerdictName(Verdict::kInefficient), "inefficient");
  EXPECT_EQ(VerdictName(Verdict::kUndecided), "undecided");
  EXPECT_EQ(VerdictName(Verdict::kUnknown), "unknown");
}

}  // namespace
}  // namespace sightline::analyze
