// Acquiring is inside every measurement: a frame that has held every picture must not touch the heap again.
#include <gtest/gtest.h>

#include "src/source/source.h"
#include "tests/fakes/count_allocations.h"

namespace sightline::source {
namespace {

int64_t AllocationsOfASecondRound(const char* spec, const SourceOptions& options) {
  auto source = OpenSource(spec, options);
  EXPECT_TRUE(source.ok());
  Frame frame;
  const auto acquire_all = [&] {
    for (int64_t i = 0; i < (*source)->pictures(); ++i) EXPECT_TRUE((*source)->Acquire(frame).ok());
  };
  acquire_all();
  const int64_t before = allocations;
  acquire_all();
  return allocations - before;
}

TEST(SourceAllocation, NoneInSteadyState) {
  EXPECT_EQ(AllocationsOfASecondRound("tests/data/pictures", {}), 0);
  EXPECT_EQ(AllocationsOfASecondRound("tests/data/pictures", {.read_each_time = true}), 0);
  EXPECT_EQ(AllocationsOfASecondRound("synthetic:64x48", {}), 0);
}

}  // namespace
}  // namespace sightline::source
