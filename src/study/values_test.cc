#include "src/study/values.h"

#include <gtest/gtest.h>

namespace sightline::study {
namespace {

TEST(ParseByteSize, BinaryAndDecimalUnits) {
  EXPECT_EQ(ParseByteSize("512MiB"), int64_t{512} << 20);
  EXPECT_EQ(ParseByteSize("8GiB"), int64_t{8} << 30);
  EXPECT_EQ(ParseByteSize("1.5GB"), 1'500'000'000);
  EXPECT_EQ(ParseByteSize("0B"), 0);
}

TEST(ParseByteSize, RefusesEverythingElse) {
  for (const char* text : {"", "8", "GiB", "-1GiB", "8 GiB", "8gib", "nanGiB", "1e300GiB", "2000000TiB"}) {
    EXPECT_EQ(ParseByteSize(text), std::nullopt) << text;
  }
}

TEST(ParsePercentage, Fractions) {
  EXPECT_DOUBLE_EQ(ParsePercentage("2%").value(), 0.02);
  EXPECT_DOUBLE_EQ(ParsePercentage("0.5 %").value(), 0.005);
}

TEST(ParsePercentage, RefusesEverythingElse) {
  for (const char* text : {"", "2", "0%", "100%", "-1%", "%", "2 percent", "inf%"}) {
    EXPECT_EQ(ParsePercentage(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sightline::study
