#include "src/cli/compare_rerun.h"

#include <gtest/gtest.h>

#include <chrono>

#include "src/analyze/test_sides.h"

namespace sightline::cli {
namespace {

using analyze::testing::ResultOf;

CompareSource Measured(const std::string& backend, double measured_s) {
  RunResult result = ResultOf(10, backend);
  result.manifest.limits = RunLimits{.iterations = 1000};
  result.summary.measured_s = measured_s;
  return {.side = analyze::SideOfResults(backend, {result}), .study = {}, .program = {}};
}

// A launch of so many iterations must not be taken for one that hangs.
TEST(PlanRerun, GivesLaunchesTheTimeThatTheirIterationsTook) {
  const RerunOptions options{.name = "c", .launches = 2};
  const auto plan = PlanRerun(Measured("null", 1800), Measured("opencv", 1), options);
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ(plan->terms.timeout, std::chrono::minutes(70));
  const auto endless = PlanRerun(Measured("null", 1e300), Measured("opencv", -1), options);
  ASSERT_TRUE(endless.ok()) << endless.error().message();
  EXPECT_GT(endless->terms.timeout, std::chrono::hours(24));
}

}  // namespace
}  // namespace sightline::cli
