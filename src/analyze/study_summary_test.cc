#include "src/analyze/study_summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "src/analyze/test_sides.h"

namespace sightline::analyze {
namespace {

// One trial with a launch for each of these medians, and one that failed.
StudyContents Contents(const std::vector<double>& p50_ms) {
  StudyContents contents;
  contents.trials = {{.id = 7, .factors = {{"batch", "1"}}, .arguments = {}}};
  for (const double ms : p50_ms) {
    RunResult result = testing::ResultOf(ms);
    result.findings = {{"contended", Severity::kWarning, "", ""}, {"long_warm_up", Severity::kInfo, "", ""}};
    ReplicateInfo replicate{.trial_id = 7, .status = ReplicateStatus::kDone};
    replicate.result_json = store::ResultToJson(result);
    contents.replicates.push_back(std::move(replicate));
  }
  ReplicateInfo failed{.trial_id = 7, .number = 4, .status = ReplicateStatus::kFailed};
  failed.failure = FailureReason::kTimedOut;
  failed.reason = "took more than 8 s";
  contents.replicates.push_back(std::move(failed));
  return contents;
}

TEST(StudySummary, HasTheLaunchesMeansAndFailures) {
  const auto trials = SummarizeStudy(Contents({9, 10, 11}));
  ASSERT_TRUE(trials.ok());
  const TrialSummary& trial = trials->at(0);
  EXPECT_EQ(trial.done, 3);
  EXPECT_EQ(trial.latency_launches, 3);
  ASSERT_TRUE(trial.latency_ns_p50);
  EXPECT_NEAR(trial.latency_ns_p50->value, 10e6, 1);
  EXPECT_NEAR(trial.latency_ns_p50->high.value_or(0), 10e6 + 4.303 * 1e6 / std::sqrt(3), 1e3);
  EXPECT_EQ(trial.findings, std::vector<std::string>{"contended"});
  EXPECT_EQ(trial.failed, 1);
  EXPECT_EQ(trial.failures.at(0).launch, 5);
  EXPECT_EQ(trial.failures.at(0).why, "timed_out: took more than 8 s");
}

// Student's t knows nothing of what is measured.
TEST(StudySummary, NoIntervalIsBelowZero) {
  const auto trials = SummarizeStudy(Contents({1, 10}));
  ASSERT_TRUE(trials.ok());
  EXPECT_EQ(trials->at(0).latency_ns_p50->low, 0);
  EXPECT_EQ(trials->at(0).throughput_per_s->low, 0);
}

}  // namespace
}  // namespace sightline::analyze
