// The table people read, held by golden files. SIGHTLINE_UPDATE_GOLDEN=1 writes them anew: look at the
// difference.
#include "src/report/comparison_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/analyze/test_sides.h"
#include "src/report/test_golden.h"

namespace sightline::report {
namespace {

using analyze::testing::Medians;
using analyze::testing::ResultOf;
using analyze::testing::SideWith;
using testing::ExpectGolden;
using ::testing::HasSubstr;

// Trials that come out in each way, on sides that differ.
TEST(ComparisonReport, SeveralTrials) {
  std::vector<RunResult> a;
  std::vector<RunResult> b;
  for (const double ms : Medians(10, 15)) {
    a.push_back(ResultOf(ms, "null", 1));
    b.push_back(ResultOf(ms * 1.05, "null", 1));
    a.push_back(ResultOf(ms, "null", 2));
    b.push_back(ResultOf(ms, "null", 2));
  }
  for (const double ms : {10.0, 11.0, 9.0, 10.4}) {
    a.push_back(ResultOf(ms, "null", 4));
    b.push_back(ResultOf(ms * 1.01, "null", 4));
  }
  a.push_back(ResultOf(10, "null", 8));
  b.push_back(ResultOf(10, "null", 16));
  for (RunResult& result : b) result.manifest.build = "g++ 12.2.0, Release, def5678";
  b[0].findings = {{"contended", Severity::kWarning, "other processes used 12 % of the cores' time"}};
  ExpectGolden("comparison_report.txt",
               ComparisonReport(analyze::CompareSides(analyze::SideOfResults("before/", a),
                                                      analyze::SideOfResults("after/", b), {})));
}

TEST(ComparisonReport, SingleLaunches) {
  ExpectGolden("comparison_report_single.txt",
               ComparisonReport(analyze::CompareSides(SideWith("a.json", {10}), SideWith("b.json", {10.5}),
                                                      {.quantity = Quantity::kLatencyP50})));
}

TEST(ComparisonReport, NothingInCommonIsNoSilentPass) {
  analyze::ComparedSide a = SideWith("a", {10});
  const std::string text =
      ComparisonReport(analyze::CompareSides(a, analyze::ComparedSide{.name = "b", .trials = {}}, {}));
  EXPECT_THAT(text, HasSubstr("only in A: model=mobilenet_v1_1.0_224 backend=null\n"));
  EXPECT_THAT(text, HasSubstr("verdict: not compared (no trial of A is one of B)\n"));
}

TEST(ComparisonReport, ThroughputReadsTheOtherWay) {
  const std::string text = ComparisonReport(analyze::CompareSides(
      SideWith("a", Medians(10, 15)), SideWith("b", Medians(12.5, 15)), {.quantity = Quantity::kThroughput}));
  EXPECT_THAT(text, HasSubstr("A frames/s"));
  EXPECT_THAT(text, HasSubstr("0.800 ["));
  EXPECT_THAT(text, HasSubstr("below 1 is slower"));
}

}  // namespace
}  // namespace sightline::report
