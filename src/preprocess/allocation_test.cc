// Preprocessing is inside every measurement: pictures of sizes seen before must not touch the heap.
#include <gtest/gtest.h>

#include "src/preprocess/preprocess.h"
#include "tests/fakes/count_allocations.h"

namespace sightline::preprocess {
namespace {

TEST(PreprocessAllocation, NoneForSizesSeenBefore) {
  PreprocessSpec spec;
  spec.width = spec.height = 32;
  spec.kernel = ResizeKernel::kBilinearAntialias;
  auto preprocessor = Preprocessor::Create(spec, SL_F32, SL_LAYOUT_NCHW);
  ASSERT_TRUE(preprocessor.ok());
  const Tensor tensor(SL_F32, SL_LAYOUT_NCHW, {1, 3, 32, 32});
  Image wide;
  wide.Reset(100, 40, PixelOrder::kRgb);
  Image tall;
  tall.Reset(30, 90, PixelOrder::kBgr);
  int64_t before = 0;
  for (int round = 0; round < 4; ++round) {
    if (round == 1) before = allocations;
    ASSERT_TRUE(preprocessor->Run(wide.view(), tensor.view()).ok());
    ASSERT_TRUE(preprocessor->Run(tall.view(), tensor.view()).ok());
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace sightline::preprocess
