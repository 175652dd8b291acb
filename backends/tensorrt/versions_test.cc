#include "backends/tensorrt/versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::tensorrt {
namespace {

using testing::HasSubstr;

TEST(VersionOf, ReadsBothWaysOfCounting) {
  EXPECT_EQ(VersionOf(8601).Text(), "8.6.1");
  EXPECT_EQ(VersionOf(9300).Text(), "9.3.0");
  EXPECT_EQ(VersionOf(100001).Text(), "10.0.1");
  EXPECT_EQ(VersionOf(101303).Text(), "10.13.3");
  EXPECT_EQ(VersionOf(110100).Text(), "11.1.0");
}

TEST(CheckLibrary, TakesTheSameMajorVersionNotOlder) {
  EXPECT_TRUE(CheckLibrary({10, 0, 1}, {10, 13, 3}).ok());
  EXPECT_TRUE(CheckLibrary({8, 6, 1}, {8, 6, 0}).ok());
  EXPECT_THAT(CheckLibrary({10, 13, 0}, {10, 0, 1}).message(),
              HasSubstr("built with the headers of 10.13.0"));
  EXPECT_THAT(CheckLibrary({8, 6, 1}, {10, 0, 1}).message(), HasSubstr("TensorRT 10.0.1 was found"));
}

TEST(CheckLibrary, NamesWhatItKnowsForVersionsItDoesNot) {
  EXPECT_THAT(CheckLibrary({8, 6, 1}, {8, 5, 3}).message(), HasSubstr("knows 8.6 to 11"));
  EXPECT_THAT(CheckLibrary({11, 1, 0}, {12, 0, 0}).message(), HasSubstr("knows 8.6 to 11"));
}

TEST(HasPrecisionFlags, EndsWithTen) {
  EXPECT_TRUE(HasPrecisionFlags({8, 6, 1}));
  EXPECT_TRUE(HasPrecisionFlags({10, 16, 0}));
  EXPECT_FALSE(HasPrecisionFlags({11, 0, 0}));
}

}  // namespace
}  // namespace sightline::tensorrt
