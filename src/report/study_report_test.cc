#include "src/report/study_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::report {
namespace {

using analyze::LaunchComponents;
using analyze::TrialSummary;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<TrialSummary> Trials() {
  TrialSummary three{.factors = {{"model", "resnet50_v1"}, {"batch", "1"}}, .done = 3, .planned = 1};
  three.latency_ns_p50 = {60e6, 58e6, 62e6};
  three.latency_launches = 2;
  three.throughput_launches = 3;
  three.throughput_per_s = {16.4, 16.0, 16.8};
  three.findings = {"contended"};
  TrialSummary one{.factors = {{"model", "resnet50_v1"}, {"batch", "4"}}, .done = 1, .failed = 1};
  one.latency_launches = 1;
  one.latency_ns_p50 = {.value = 240e6, .low = {}, .high = {}};
  one.failures = {{.launch = 2, .why = "timed_out: took more than 300 s"}};
  return {three, one};
}

TEST(StudyReport, HasARowPerTrialAndSaysWhatFailed) {
  const std::string text = StudyReport(Trials());
  EXPECT_THAT(text, HasSubstr("resnet50_v1  1      3, 1 to do   60.0 ±2.0 (2 of 3)  16.4 ±0.4  contended\n"));
  EXPECT_THAT(text, HasSubstr("resnet50_v1  4      1, 1 failed                 240          -\n"));
  EXPECT_THAT(text, HasSubstr("docs/measuring.md explains each"));
  EXPECT_THAT(text, HasSubstr("1 of 2 trials have a single launch, and so no interval\n"));
  EXPECT_THAT(text,
              HasSubstr("failed: model=resnet50_v1 batch=4: launch 2: timed_out: took more than 300 s\n"));
  EXPECT_THAT(StudyReport(std::vector{Trials()[0]}), Not(HasSubstr("single launch")));
}

TEST(StudyReport, OneMistakeOfManyLaunchesIsToldOnce) {
  std::vector<TrialSummary> trials;
  for (int i = 0; i < 4; ++i) {
    TrialSummary trial{.factors = {{"batch", std::to_string(i)}}, .failed = 3};
    for (int launch = 1; launch <= 3; ++launch) {
      trial.failures.push_back(
          {.launch = launch,
           .why = launch == 2 && i == 0 ? "crashed: signal 11" : "refused: no such folder"});
    }
    trials.push_back(trial);
  }
  const std::string all = StudyReport(trials);
  EXPECT_THAT(all, HasSubstr("failed: 11 launches of 4 trials: refused: no such folder\n"));
  EXPECT_THAT(all, HasSubstr("failed: batch=0: launch 2: crashed: signal 11\n"));
  trials.resize(1);
  EXPECT_THAT(StudyReport(trials), HasSubstr("failed: batch=0: launches 1, 3: refused: no such folder\n"));
}

LaunchComponents Differing(int64_t launches) {
  LaunchComponents c{.launches = launches, .variance = {{.mean = 60e6}}};
  c.between = 0.62;
  c.within = 0.38;
  c.frame_cost_s = 0.06;
  c.worthwhile_frames = 240;
  return c;
}

TEST(ComponentsReport, SaysWhatLaunchesDifferBy) {
  LaunchComponents single{.launches = 1};
  const std::string text = ComponentsReport(Trials(), std::vector{Differing(3), single});
  EXPECT_THAT(text, HasSubstr("resnet50_v1  1             3     60.0     62 %    38 %  240 (14 s)\n"));
  EXPECT_THAT(text,
              HasSubstr("resnet50_v1  4             1        -        -       -  needs two launches\n"));
  EXPECT_THAT(text, HasSubstr("shares of fewer than 5 launches are rough"));
}

TEST(ComponentsReport, OfLaunchesThatDontDifferSaysSo) {
  LaunchComponents same{.launches = 5, .variance = {{.mean = 60e6}}};
  same.between = 0;
  same.within = 1;
  const std::string text = ComponentsReport(std::vector{Trials()[0]}, std::vector{same});
  EXPECT_THAT(text, HasSubstr("0 %   100 %  all: launches don't differ\n"));
  EXPECT_THAT(text, Not(HasSubstr("rough")));
}

}  // namespace
}  // namespace sightline::report
