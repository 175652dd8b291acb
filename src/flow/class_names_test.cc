#include "src/flow/class_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sightline {
namespace {

TEST(ClassNames, CocoHasEightyClassesUnderNinetyIds) {
  const auto used = CocoNames(80);
  ASSERT_EQ(used.size(), 80U);
  EXPECT_EQ(std::set<std::string>(used.begin(), used.end()).size(), 80U);
  EXPECT_EQ(used.front(), "person");
  EXPECT_EQ(used[16], "dog");  // darknet's coco.names, line 17
  EXPECT_EQ(used.back(), "toothbrush");
  const auto ids = CocoNames(90);
  ASSERT_EQ(ids.size(), 90U);
  EXPECT_EQ(ids[18 - 1], "dog");  // id 18 of the annotations
  EXPECT_EQ(ids[12 - 1], "unused 12");
  EXPECT_EQ(ids[90 - 1], "toothbrush");
}

TEST(ClassNames, BackgroundIsColumnZeroWhereThereIsOne) {
  for (const int columns : {81, 91}) {
    const auto names = CocoNames(columns);
    ASSERT_EQ(names.size(), static_cast<size_t>(columns));
    EXPECT_EQ(names[0], "background");
    EXPECT_EQ(names[1], "person");
  }
  EXPECT_EQ(CocoNames(91)[90], "toothbrush");
  EXPECT_EQ(VocNames(21)[0], "background");
  EXPECT_EQ(VocNames(21)[15], "person");  // as amdegroot's and Caffe's SSD number it
  EXPECT_EQ(VocNames(20)[14], "person");
}

TEST(ClassNames, OtherNumbersHaveNone) {
  EXPECT_THAT(CocoNames(1000), testing::IsEmpty());
  EXPECT_THAT(CocoNames(0), testing::IsEmpty());
  EXPECT_THAT(VocNames(80), testing::IsEmpty());
}

}  // namespace
}  // namespace sightline
