#include "src/study/tail.h"

#include <gtest/gtest.h>

namespace sightline::study {
namespace {

TEST(Tail, KeepsAllOfALittle) {
  Tail tail(16);
  tail.Append("one\n");
  tail.Append("two\n");
  EXPECT_EQ(tail.Text(), "one\ntwo\n");
}

TEST(Tail, IsCutAtALine) {
  Tail tail(16);
  for (int i = 0; i < 1000; ++i) tail.Append("line " + std::to_string(i) + "\n");
  EXPECT_EQ(tail.Text(), "line 999\n");
}

TEST(Tail, OneLongLineKeepsItsEnd) {
  Tail tail(8);
  tail.Append(std::string(1000, 'x') + "the end");
  EXPECT_EQ(tail.Text(), "xthe end");
  Tail line(8);
  line.Append("123456789\n");
  EXPECT_EQ(line.Text(), "3456789\n");
}

TEST(Tail, DoesNotBeginInsideACharacter) {
  Tail tail(8);
  tail.Append("\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");  // three euro signs, nine bytes
  EXPECT_EQ(tail.Text(), "\xE2\x82\xAC\xE2\x82\xAC");
}

TEST(Printable, ReplacesWhatIsNotText) {
  EXPECT_EQ(Printable("a\tb\n"), "a\tb\n");
  EXPECT_EQ(Printable(std::string_view("a\0b\x1B[31m\x7F", 8)), "a?b?[31m");
  EXPECT_EQ(Printable("10 %\r20 %\r\n"), "10 %\n20 %\n");
  EXPECT_EQ(Printable("\xC3\xA9 \xF0\x9F\x98\x80"), "\xC3\xA9 \xF0\x9F\x98\x80");
  EXPECT_EQ(Printable("\xFF\xC3"), "??");
  EXPECT_EQ(Printable("\xC0\xAF"), "??") << "overlong";
  EXPECT_EQ(Printable("\xED\xA0\x80"), "???") << "a surrogate";
  EXPECT_EQ(Printable("\xF4\x90\x80\x80"), "????") << "beyond the last character";
}

TEST(LastLine, WithoutSpace) {
  EXPECT_EQ(LastLine("a\n  b c \n\n"), "b c");
  EXPECT_EQ(LastLine("a"), "a");
  EXPECT_EQ(LastLine(" \n"), "");
  EXPECT_EQ(LastLine(""), "");
}

}  // namespace
}  // namespace sightline::study
