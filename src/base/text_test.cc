#include "src/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sightline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::string> kNames = {"resnet50", "resnet101", "vgg16", "mobilenet_v1"};

TEST(NearestName, FindsASlip) {
  EXPECT_EQ(NearestName("resnet5", kNames), "resnet50");
  EXPECT_EQ(NearestName("resnet11", kNames), "resnet101");  // one inserted, against two changed in resnet50
  EXPECT_EQ(NearestName("vgg61", kNames), "vgg16");
  EXPECT_EQ(NearestName("vgg16", kNames), "vgg16");
}

TEST(NearestName, GuessesNothingFarAway) {
  EXPECT_EQ(NearestName("transformer", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestName("vgg16", {}), "");
}

// Limits: a third of the longer length, at least 2.
TEST(NearestName, StopsAtItsLimit) {
  const std::vector<std::string> twelve = {"abcdefghijkl"};
  EXPECT_EQ(NearestName("abcdefgh1234", twelve), "abcdefghijkl");
  EXPECT_EQ(NearestName("abcdefg12345", twelve), "");
  const std::vector<std::string> three = {"abc"};
  EXPECT_EQ(NearestName("axy", three), "abc");
  EXPECT_EQ(NearestName("xyz", three), "");
}

TEST(NearestName, AnEmptyCandidateDoesNotHideTheOthers) {
  const std::vector<std::string> names = {"", "cpu"};
  EXPECT_EQ(NearestName("cpu", names), "cpu");
}

TEST(NearestName, TakesTheFirstOfEquallyNear) {
  const std::vector<std::string> names = {"vgg13", "vgg16", "vgg19"};
  EXPECT_EQ(NearestName("vgg1", names), "vgg13");
}

TEST(Join, PutsTheSeparatorBetween) {
  const std::vector<std::string> parts = {"a", "", "c"};
  EXPECT_EQ(Join(parts), "a, , c");
  EXPECT_EQ(Join(parts, "/"), "a//c");
  EXPECT_EQ(Join({}), "");
  EXPECT_EQ(Join({{std::string("only")}}), "only");
}

TEST(Split, KeepsEmptyPartsAndGivesNoneForNothing) {
  EXPECT_THAT(Split("a,b,c", ','), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Split("a", ','), ElementsAre("a"));
  EXPECT_THAT(Split(",a,,", ','), ElementsAre("", "a", "", ""));
  EXPECT_THAT(Split("", ','), IsEmpty());
}

TEST(Split, IsUndoneByJoin) {
  for (const char* text : {"a,b", ",", "a,,b", ",,x"}) EXPECT_EQ(Join(Split(text, ','), ","), text);
}

TEST(ShellCommand, QuotesWhatAShellWouldReadOtherwise) {
  const std::vector<std::string> words = {"run", "--input", "my photos/*.jpg", "it's", "", "delay_us=5"};
  EXPECT_EQ(ShellCommand("sightline", words),
            "sightline run --input 'my photos/*.jpg' 'it'\\''s' '' delay_us=5");
  EXPECT_EQ(ShellCommand("sightline", {}), "sightline");
}

TEST(ShellWords, ReadsBackWhatShellQuotedWrites) {
  const std::vector<std::string> words = {"run", "--input=a b/*.jpg", "it's", "", "\\ \"$HOME\"", "-b4"};
  EXPECT_EQ(ShellWords(ShellQuoted(words)), words);
}

TEST(ShellWords, ReadsWhatPeopleType) {
  EXPECT_THAT(ShellWords(R"(run  -m "my model" a\ b 'c''d')").value(),
              ElementsAre("run", "-m", "my model", "a b", "cd"));
  EXPECT_THAT(ShellWords(" ").value(), IsEmpty());
  EXPECT_FALSE(ShellWords("run 'open"));
}

}  // namespace
}  // namespace sightline
