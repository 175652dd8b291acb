#include "src/cli/compare_terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::cli {
namespace {

using ::testing::HasSubstr;

TEST(CompareTerms, ReadBackAsTheyAreWritten) {
  const CompareTerms terms{.name = "c",
                           .a = {.name = "a.json", .program = ""},
                           .b = {.name = "new", .program = "/new/bin/sightline"},
                           .launches = 15,
                           .seed = 0xfedcba9876543210,
                           .timeout = std::chrono::minutes(10),
                           .memory_bytes = int64_t{1} << 40,
                           .only_a = {{{"batch", "4"}, {"model", "m"}}},
                           .only_b = {}};
  const std::string text = TermsToText(terms);
  const auto read = TermsFromText(text, "c");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(TermsToText(*read), text);
  EXPECT_EQ(read->b.program, "/new/bin/sightline");
  EXPECT_EQ(read->only_a, terms.only_a);
}

TEST(CompareTerms, OtherTextsAreNamed) {
  for (const char* text : {"sightline_plan: 1", "{}", R"({"sightline_comparison": "x"})"}) {
    const auto read = TermsFromText(text, "study 7");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message(), HasSubstr("study 7 has two sides, but was not made by"));
  }
  EXPECT_THAT(TermsFromText(R"({"sightline_comparison": 2})", "study 7").error().message(),
              HasSubstr("a later version"));
}

}  // namespace
}  // namespace sightline::cli
