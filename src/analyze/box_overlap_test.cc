#include "src/analyze/box_overlap.h"

#include <gtest/gtest.h>

namespace sightline::analyze {
namespace {

TEST(BoxOverlap, IouOfBoxesApartOrEmptyIsNone) {
  EXPECT_EQ(Iou({0, 0, 1, 1}, {2, 2, 3, 3}), 0);
  EXPECT_EQ(Iou({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
  EXPECT_NEAR(Iou({0, 0, 1, 1}, {0.5F, 0, 1.5F, 1}), 1.0 / 3, 1e-9);
}

}  // namespace
}  // namespace sightline::analyze
