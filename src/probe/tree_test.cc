#include "src/probe/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/probe/fake_tree.h"

namespace sightline::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Tree, ReadsTextWordAndIntegerUnderItsRoot) {
  FakeTree fake;
  fake.Put("/sys/name", "  intel_pstate\n")
      .Put("/sys/number", "-12\n")
      .Put("/sys/compatible", std::string("linux\0", 6));
  EXPECT_EQ(fake.tree().Text("/sys/name"), "  intel_pstate\n");
  EXPECT_EQ(fake.tree().Word("/sys/name"), "intel_pstate");
  EXPECT_EQ(fake.tree().Word("/sys/compatible"), "linux");
  EXPECT_EQ(fake.tree().Integer("/sys/number"), -12);
  EXPECT_FALSE(fake.tree().is_this_machine());
}

TEST(Tree, ReadsFilesLongerThanItsBuffer) {
  FakeTree fake;
  const std::string text(10'000, 'x');
  EXPECT_EQ(fake.Put("/proc/cpuinfo", text).tree().Text("/proc/cpuinfo"), text);
}

TEST(Tree, WhatIsMissingEmptyOrNoFileIsAbsent) {
  FakeTree fake;
  fake.Put("/sys/empty", "").Put("/sys/blank", " \n").Put("/sys/folder/file", "1").Put("/sys/word", "off");
  EXPECT_FALSE(fake.tree().Text("/sys/missing").has_value());
  EXPECT_FALSE(fake.tree().Text("/sys/folder").has_value());
  EXPECT_EQ(fake.tree().Text("/sys/empty"), "");
  EXPECT_FALSE(fake.tree().Word("/sys/blank").has_value());
  EXPECT_FALSE(fake.tree().Integer("/sys/empty").has_value());
  EXPECT_FALSE(fake.tree().Integer("/sys/word").has_value());
}

TEST(Tree, ListsNamesSortedAndByTheirBeginning) {
  FakeTree fake;
  fake.Put("/sys/hwmon/hwmon1/name", "b").Put("/sys/hwmon/hwmon0/name", "a").Put("/sys/hwmon/other", "");
  EXPECT_THAT(fake.tree().Names("/sys/hwmon", "hwmon"), ElementsAre("hwmon0", "hwmon1"));
  EXPECT_THAT(fake.tree().Names("/sys/missing", ""), IsEmpty());
}

TEST(ParseInteger, TakesAWholeNumberAndNothingElse) {
  EXPECT_EQ(ParseInteger(" 42\n"), 42);
  for (const char* text : {"", "x", "4 2", "4.2", "0x10", "99999999999999999999"}) {
    EXPECT_FALSE(ParseInteger(text).has_value()) << text;
  }
}

TEST(ParseCount, TakesNoNumberThatSumsCouldOverflow) {
  EXPECT_EQ(ParseCount("0"), 0);
  EXPECT_EQ(ParseCount("72057594037927936"), int64_t{1} << 56);
  EXPECT_FALSE(ParseCount("72057594037927937").has_value());
  EXPECT_FALSE(ParseCount("-1").has_value());
}

TEST(ParseDecimal, TakesFiniteNumbers) {
  EXPECT_EQ(ParseDecimal("2445.424"), 2445.424);
  for (const char* text : {"", "nan", "inf", "1e999", "1,5"})
    EXPECT_FALSE(ParseDecimal(text).has_value()) << text;
}

TEST(ParseHexadecimal, TakesDigitsWithoutPrefix) {
  EXPECT_EQ(ParseHexadecimal("00040000\n"), 0x40000);
  EXPECT_FALSE(ParseHexadecimal("0x1").has_value());
}

TEST(ParseCoreList, TakesRangesAndLeavesOutGarbage) {
  EXPECT_THAT(ParseCoreList("0-2,8,10-11"), ElementsAre(0, 1, 2, 8, 10, 11));
  EXPECT_THAT(ParseCoreList("3,1-2,2"), ElementsAre(1, 2, 3));
  EXPECT_THAT(ParseCoreList("5,x,7-,-3,9-8,0-999999999"), ElementsAre(5));
  EXPECT_THAT(ParseCoreList(""), IsEmpty());
}

TEST(ValueOf, FindsTheFirstLineWithTheWholeKey) {
  const std::string_view text = "MemTotalHigh: 1 kB\nMemTotal:\t 24684096 kB\nMemTotal: 2 kB\nno separator\n";
  EXPECT_EQ(ValueOf(text, "MemTotal", ':'), "24684096 kB");
  EXPECT_FALSE(ValueOf(text, "Mem", ':').has_value());
  EXPECT_FALSE(ValueOf("", "MemTotal", ':').has_value());
}

TEST(KilobytesOf, GivesBytes) {
  EXPECT_EQ(KilobytesOf("VmHWM:\t    1612 kB\n", "VmHWM"), 1612 * 1024);
  for (const char* text : {"VmHWM: 1612", "VmHWM: -1 kB", "VmHWM: kB", "VmHWM: 9223372036854775807 kB", ""}) {
    EXPECT_FALSE(KilobytesOf(text, "VmHWM").has_value()) << text;
  }
}

}  // namespace
}  // namespace sightline::probe
