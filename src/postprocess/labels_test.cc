#include "src/postprocess/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string_view>

namespace sightline::postprocess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Writes `text` to a file of its own for each test and reads it as labels.
Result<std::vector<std::string>> Read(std::string_view text) {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path path = testing::TempDir() + "labels_" + info->name() + ".txt";
  std::ofstream(path, std::ios::binary) << text;
  auto labels = ReadLabels(path);
  std::filesystem::remove(path);
  return labels;
}

TEST(ReadLabels, TakesOneNamePerLine) {
  const auto labels = Read("tench, Tinca tinca\ngoldfish\n");
  ASSERT_TRUE(labels.ok());
  EXPECT_THAT(*labels, ElementsAre("tench, Tinca tinca", "goldfish"));
}

TEST(ReadLabels, DropsCarriageReturnsByteOrderMarkAndBlankEnd) {
  const auto labels = Read(
      "\xEF\xBB\xBF"
      "cat\r\ndog\r\n\r\n\n");
  ASSERT_TRUE(labels.ok());
  EXPECT_THAT(*labels, ElementsAre("cat", "dog"));
}

TEST(ReadLabels, RefusesABlankLineInBetween) {
  const auto labels = Read("cat\n\ndog\n");
  ASSERT_FALSE(labels.ok());
  EXPECT_THAT(labels.error().message(), HasSubstr("line 2 is blank"));
}

TEST(ReadLabels, RefusesEmptyBinaryAndMissingFiles) {
  EXPECT_THAT(Read("\n").error().message(), HasSubstr("is empty; class names are expected"));
  EXPECT_THAT(Read(std::string_view("a\0b", 3)).error().message(), HasSubstr("is not a text file"));
  const auto missing = ReadLabels("no/such/labels.txt");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(missing.error().message(), HasSubstr("no such label file: no/such/labels.txt"));
  EXPECT_EQ(ReadLabels("src").error().kind(), ErrorKind::kNotFound);
}

TEST(FitLabels, KeepsAListThatFits) {
  EXPECT_THAT(*FitLabels({"a", "b"}, 2, true), ElementsAre("a", "b"));
}

TEST(FitLabels, AddsOrDropsTheBackgroundClass) {
  EXPECT_THAT(*FitLabels({"a", "b"}, 3, true), ElementsAre("background", "a", "b"));
  EXPECT_THAT(*FitLabels({"dummy", "a", "b"}, 2, false), ElementsAre("a", "b"));
}

TEST(FitLabels, RefusesOtherCounts) {
  for (const bool background : {false, true}) {
    const auto labels = FitLabels({"a", "b"}, 10, background);
    ASSERT_FALSE(labels.ok());
    EXPECT_THAT(labels.error().message(), HasSubstr("2 class names for 10 classes"));
  }
  EXPECT_FALSE(FitLabels({"a", "b"}, 3, false).ok());
  EXPECT_FALSE(FitLabels({"a", "b", "c"}, 2, true).ok());
}

}  // namespace
}  // namespace sightline::postprocess
