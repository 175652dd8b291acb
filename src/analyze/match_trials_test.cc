#include "src/analyze/match_trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/analyze/test_sides.h"

namespace sightline::analyze {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ResultOf;
using ::testing::SizeIs;
using testing::StudyWith;

TEST(ComparedSide, ResultsOfOneConfigurationAreLaunchesOfOneTrial) {
  const ComparedSide side =
      SideOfResults("r", {ResultOf(10, "null", 1), ResultOf(20, "null", 2), ResultOf(11, "null", 1)});
  ASSERT_THAT(side.trials, SizeIs(2));
  EXPECT_THAT(side.trials[0].launches, SizeIs(2));
  EXPECT_EQ(side.trials[0].launches[1].result.summary.latency.mean_ns.value, 12.1e6);
}

TEST(ComparedSide, AStudysTrialWithoutResultsIsKnownByItsArguments) {
  const auto side =
      SideOfStudy("s", StudyWith({{.factors = {{"batch", "4"}},
                                   .arguments = {"--model=m", "--inter-threads=2", "--option=layout=nhwc",
                                                 "--pin=0,1", "--jpeg-scaling", "--duration=5s", "word"}}},
                                 {{-1, -1}}));
  ASSERT_TRUE(side.ok());
  TrialSpec expected{.model = "m", .inter_threads = 2, .pin = {0, 1}, .jpeg_scaling = true};
  expected.input = kDefaultInput;
  expected.backend_options["layout"] = "nhwc";
  EXPECT_EQ(side->trials[0].configuration, ConfigurationOf(expected));
  EXPECT_THAT(side->trials[0].failures,
              ElementsAre("launch 1: crashed: signal 11", "launch 2: crashed: signal 11"));
}

TEST(ComparedSide, AResultThatCannotBeReadIsNamed) {
  StudyContents study = StudyWith({{.factors = {{"batch", "4"}}}}, {{10}});
  study.replicates[0].result_json = "{";
  const auto side = SideOfStudy("old", study);
  ASSERT_FALSE(side.ok());
  EXPECT_THAT(side.error().message(), ::testing::HasSubstr("old: batch=4: the result of launch 1 is not"));
}

TEST(ComparedSide, AStudyOfTwoSidesIsTakenApart) {
  const StudyContents study =
      StudyWith({{.factors = {{"side", "A"}}}, {.factors = {{"side", "B"}}}}, {{10, 11}, {12, -1}});
  ASSERT_TRUE(HasSides(study));
  const auto sides = SidesOfStudy(study);
  ASSERT_TRUE(sides.ok());
  EXPECT_THAT(sides->first.trials[0].launches, SizeIs(2));
  EXPECT_THAT(sides->second.trials[0].failures, SizeIs(1));
  EXPECT_FALSE(HasSides(StudyWith({{.factors = {{"batch", "1"}}}}, {{10}})));
}

TEST(MatchTrials, OneTrialOnEachSideIsAPairWhateverItIs) {
  const ComparedSide a = SideOfResults("a", {ResultOf(10, "opencv", 1)});
  const ComparedSide b = SideOfResults("b", {ResultOf(10, "tensorflow", 4)});
  const Matching matching = MatchTrials(a, b);
  ASSERT_THAT(matching.pairs, SizeIs(1));
  EXPECT_EQ(matching.pairs[0].factors, (Factors{{"model", "mobilenet_v1_1.0_224"}, {"backend", "opencv"}}));
  EXPECT_THAT(DifferencesOf(matching.pairs[0]),
              ElementsAre(Difference{"backend", "opencv", "tensorflow"}, Difference{"batch", "1", "4"}));
}

TEST(MatchTrials, SeveralAreMatchedByWhatVaries) {
  const ComparedSide a =
      SideOfResults("a", {ResultOf(1, "null", 1), ResultOf(1, "null", 2), ResultOf(1, "opencv", 1)});
  const ComparedSide b =
      SideOfResults("b", {ResultOf(1, "opencv", 1), ResultOf(1, "null", 2), ResultOf(1, "null", 8)});
  const Matching matching = MatchTrials(a, b);
  ASSERT_THAT(matching.pairs, SizeIs(2));
  EXPECT_EQ(matching.pairs[0].factors, (Factors{{"backend", "null"}, {"batch", "2"}}));
  EXPECT_EQ(matching.pairs[1].factors, (Factors{{"backend", "opencv"}, {"batch", "1"}}));
  EXPECT_EQ(matching.pairs[1].b, &b.trials[0]);
  EXPECT_THAT(matching.only_a, ElementsAre(Factors{{"backend", "null"}, {"batch", "1"}}));
  EXPECT_THAT(matching.only_b, ElementsAre(Factors{{"backend", "null"}, {"batch", "8"}}));
}

TEST(MatchTrials, WhatIsTheSameWithinEachSideTellsNoTrialsApart) {
  std::vector<RunResult> results = {ResultOf(1, "null", 1), ResultOf(1, "null", 2)};
  const ComparedSide a = SideOfResults("a", results);
  for (RunResult& result : results) result.manifest.trial.input = "elsewhere";
  const ComparedSide b = SideOfResults("b", results);
  const Matching matching = MatchTrials(a, b);
  ASSERT_THAT(matching.pairs, SizeIs(2));
  EXPECT_THAT(matching.only_a, IsEmpty());
  EXPECT_THAT(DifferencesOf(matching.pairs[0]), ElementsAre(Difference{"input", "", "elsewhere"}));
}

TEST(DifferencesOf, NameMachineAndBuildAndAnOptionOnOneSide) {
  RunResult other = ResultOf(10);
  other.manifest.build = "clang";
  other.manifest.machine.kernel = "6.2.0";
  other.manifest.machine.cpu_features = {"avx2", "avx512f"};
  other.manifest.trial.backend_options["layout"] = "nchw";
  RunResult third = other;
  third.manifest.machine.kernel = "6.3.0";
  const ComparedSide a = SideOfResults("a", {ResultOf(10)});
  const ComparedSide b = SideOfResults("b", {other, third});
  const Matching matching = MatchTrials(a, b);
  EXPECT_THAT(DifferencesOf(matching.pairs[0]),
              ElementsAre(Difference{"option.layout", "", "nchw"},
                          Difference{"build", "g++ 12.2.0, Release, abc1234", "clang"},
                          Difference{"kernel", "6.1.0", "6.2.0 / 6.3.0"},
                          Difference{"cpu_features", "", "avx2 avx512f"}));
}

// A launch that warms up or measures shorter meets another machine: cold caches, a clock not yet lowered.
TEST(DifferencesOf, NameHowLongWasMeasured) {
  RunResult other = ResultOf(10);
  other.manifest.limits = RunLimits{
      .warm_up = std::chrono::milliseconds(500),
      .duration = std::chrono::seconds(5),
      .iterations = 30,
      .stop_when = StopGoal{.quantity = Quantity::kThroughput, .half_width = 0.05, .min_duration = {}}};
  RunResult one = ResultOf(10);
  one.manifest.limits = RunLimits{.warm_up = std::chrono::seconds(1), .duration = std::chrono::seconds(5)};
  const ComparedSide a = SideOfResults("a", {one});
  const ComparedSide b = SideOfResults("b", {other});
  const TrialPair pair = MatchTrials(a, b).pairs.at(0);
  EXPECT_THAT(DifferencesOf(pair),
              ElementsAre(Difference{"warm_up", "1.0 s", "0.5 s"}, Difference{"iterations", "", "30"},
                          Difference{"stop", "", "throughput_per_s to 5 %"}));
  EXPECT_THAT(DifferencesOf(pair), LimitDifferences(pair));
}

}  // namespace
}  // namespace sightline::analyze
