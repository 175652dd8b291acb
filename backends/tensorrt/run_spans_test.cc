#include "backends/tensorrt/run_spans.h"

#include <gtest/gtest.h>

namespace sightline::tensorrt {
namespace {

TEST(OnHostClock, PutsTheWorkInTheMiddleOfTheTimeThereWas) {
  const RunStamps stamps = OnHostClock({0.25F, 1.25F, 1.5F}, 1'000'000, 3'500'000);
  EXPECT_EQ(stamps.begin_ns, 1'500'000);
  EXPECT_EQ(stamps.copied_in_ns, 1'750'000);
  EXPECT_EQ(stamps.computed_ns, 2'750'000);
  EXPECT_EQ(stamps.end_ns, 3'000'000);
}

TEST(OnHostClock, ShortensWorkThatSeemsLongerThanTheTimeThereWas) {
  const RunStamps stamps = OnHostClock({1, 3, 4}, 500, 2'000'500);
  EXPECT_EQ(stamps.begin_ns, 500);
  EXPECT_EQ(stamps.copied_in_ns, 500'500);
  EXPECT_EQ(stamps.computed_ns, 1'500'500);
  EXPECT_EQ(stamps.end_ns, 2'000'500);
}

TEST(OnHostClock, NoTimeIsNoTime) {
  const RunStamps stamps = OnHostClock({0, 0, 0}, 70, 70);
  EXPECT_EQ(stamps.begin_ns, 70);
  EXPECT_EQ(stamps.end_ns, 70);
}

}  // namespace
}  // namespace sightline::tensorrt
