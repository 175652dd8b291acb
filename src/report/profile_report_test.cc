#include "src/report/profile_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/analyze/test_profiles.h"
#include "src/report/test_golden.h"

namespace sightline::report {
namespace {

using analyze::testing::SmallReport;
using testing::ExpectGolden;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProfileReport, ALayerPerRowAsInTheGoldenFile) {
  ExpectGolden("profile_report.txt", ProfileText(SmallReport(), {}));
}

TEST(ProfileReport, ATypePerRowAsInTheGoldenFile) {
  ExpectGolden("profile_report_types.txt", ProfileText(SmallReport(), {.by_type = true}));
}

TEST(ProfileReport, TheTopIsSortedAndSaysWhatIsLeftOut) {
  const std::string text = ProfileText(SmallReport(), {.top = 2});
  EXPECT_LT(text.find("\nconv2 "), text.find("\npool "));
  EXPECT_THAT(text, Not(HasSubstr("\nconv1 ")));
  EXPECT_THAT(text, HasSubstr("\n(3 more) "));
  EXPECT_THAT(ProfileText(SmallReport(), {.top = 100}), Not(HasSubstr(" more) ")));
}

TEST(ProfileReport, WithoutRoofsThereAreNoVerdictsAndItSaysWhy) {
  analyze::ProfileReport report = SmallReport();
  report.profile.roofs.reset();
  report.no_roofs = "the roofs measured here are of fp32";
  const std::string text = ProfileText(report, {});
  EXPECT_THAT(text,
              HasSubstr("roofs        none, and so no verdicts: the roofs measured here are of fp32\n"));
  EXPECT_THAT(text, Not(HasSubstr("verdict\n")));
}

TEST(ProfileReport, LayersThatTakeLongerThanTheInferenceAreExplained) {
  analyze::ProfileReport report = SmallReport();
  EXPECT_THAT(ProfileText(report, {}), Not(HasSubstr("side by side")));
  report.profile.unattributed_ns = {-100, -200, -50};
  EXPECT_THAT(ProfileText(report, {}), HasSubstr("layers ran side by side"));
  report.profile.unattributed_ns = {-100, -200, 50};
  EXPECT_THAT(ProfileText(report, {}), HasSubstr("no more than the runs differ by"));
}

TEST(ProfileReport, APartialProfileSaysSo) {
  analyze::ProfileReport report = SmallReport();
  report.partial_reason = "interrupted after 7 of 30 runs";
  EXPECT_THAT(ProfileText(report, {}), HasSubstr("partial      interrupted after 7 of 30 runs\n"));
}

}  // namespace
}  // namespace sightline::report
