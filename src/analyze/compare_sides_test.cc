#include "src/analyze/compare_sides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/analyze/test_sides.h"

namespace sightline::analyze {
namespace {

using stats::ChangeVerdict;
using stats::Pairing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Medians;
using testing::ResultOf;
using testing::SideWith;
using ::testing::SizeIs;
using testing::StudyWith;

TrialComparison OneTrial(const ComparedSide& a, const ComparedSide& b, const CompareOptions& options = {}) {
  const SidesComparison comparison = CompareSides(a, b, options);
  EXPECT_THAT(comparison.trials, SizeIs(1));
  return comparison.trials.front();
}

TEST(CompareSides, FindsASlowdownItsSizeAndItsInterval) {
  const ComparedSide a = SideWith("a", Medians(10, 15));
  const ComparedSide b = SideWith("b", Medians(10.5, 15));
  const SidesComparison comparison = CompareSides(a, b, {});
  EXPECT_EQ(comparison.overall(), Overall::kSlower);
  const TrialComparison& trial = comparison.trials.front();
  EXPECT_EQ(trial.comparison->verdict, ChangeVerdict::kSlower);
  EXPECT_NEAR(trial.comparison->ratio, 1.05, 1e-6);
  EXPECT_LT(trial.comparison->interval->low, 1.05);
  EXPECT_GT(trial.comparison->interval->high, 1.05);
  EXPECT_NEAR(trial.a.estimate->value, 10e6, 1);
  EXPECT_EQ(trial.why, "");
  EXPECT_EQ(CompareSides(b, a, {}).overall(), Overall::kFaster);
  EXPECT_EQ(CompareSides(a, a, {}).overall(), Overall::kNoChange);
}

TEST(CompareSides, LessThroughputIsSlower) {
  const ComparedSide a = SideWith("a", Medians(10, 15));
  const ComparedSide b = SideWith("b", Medians(12.5, 15));
  const TrialComparison trial = OneTrial(a, b, {.quantity = Quantity::kThroughput});
  EXPECT_EQ(trial.comparison->verdict, ChangeVerdict::kSlower);
  EXPECT_NEAR(trial.comparison->ratio, 0.8, 1e-3) << "of the quantity, not of the time";
  EXPECT_LT(trial.comparison->interval->low, trial.comparison->ratio);
  EXPECT_GT(trial.comparison->interval->high, trial.comparison->ratio);
  EXPECT_NEAR(trial.a.estimate->value, 100, 1);
}

TEST(CompareSides, OneLaunchOfEachStaysUndecidedAndSaysWhatToDo) {
  const TrialComparison trial = OneTrial(SideWith("a", {10}), SideWith("b", {20}));
  EXPECT_EQ(trial.comparison->verdict, ChangeVerdict::kUndecided);
  EXPECT_NEAR(trial.comparison->ratio, 2, 1e-9);
  EXPECT_FALSE(trial.comparison->interval);
  EXPECT_EQ(trial.a.estimate->low, 9.9e6) << "its own interval is shown";
  EXPECT_THAT(trial.why, HasSubstr("1 launch of A and 1 launch of B can't tell"));
  EXPECT_THAT(trial.why, HasSubstr("--rerun measures 15 of each in turn"));
}

TEST(CompareSides, AWideIntervalSaysHowManyLaunchesWouldDo) {
  const TrialComparison trial =
      OneTrial(SideWith("a", {10, 11, 9, 10.5}), SideWith("b", {10.2, 9.1, 11.3, 10}));
  EXPECT_EQ(trial.comparison->verdict, ChangeVerdict::kUndecided);
  EXPECT_THAT(trial.why, HasSubstr("the interval is too wide; "));
  EXPECT_THAT(trial.why, HasSubstr("launches of each side would"));
}

TEST(CompareSides, AChangeNearTheThresholdIsSaidToBeOne) {
  const TrialComparison trial = OneTrial(SideWith("a", Medians(10, 15)), SideWith("b", Medians(10.098, 15)));
  EXPECT_EQ(trial.comparison->verdict, ChangeVerdict::kUndecided);
  EXPECT_THAT(trial.why, HasSubstr("may be smaller than the threshold of 1 %"));
}

// A machine that gets slower by a third under way: only the rounds tell that nothing has changed.
TEST(CompareSides, RoundsTakeDriftOutAndALostLaunchTakesItsRound) {
  std::vector<double> a;
  std::vector<double> b;
  for (int i = 0; i < 16; ++i) {
    const double drift = 1 + 0.02 * i;
    a.push_back(Medians(10, 16)[static_cast<size_t>(i)] * drift);
    b.push_back(Medians(10, 16)[static_cast<size_t>((i + 3) % 16)] * drift);
  }
  b[5] = -1;
  const StudyContents study = StudyWith({{.factors = {{"side", "A"}}}, {.factors = {{"side", "B"}}}}, {a, b});
  const auto sides = SidesOfStudy(study);
  ASSERT_TRUE(sides.ok());
  const TrialComparison paired = OneTrial(sides->first, sides->second, {.pairing = Pairing::kByRound});
  EXPECT_EQ(paired.rounds_left_out, 1);
  EXPECT_THAT(paired.a.figures, SizeIs(15));
  EXPECT_EQ(paired.a.launches, 16);
  EXPECT_THAT(paired.b.failures, ElementsAre("launch 6: crashed: signal 11"));
  EXPECT_EQ(paired.comparison->verdict, ChangeVerdict::kNoChange);
  EXPECT_EQ(OneTrial(sides->first, sides->second).comparison->verdict, ChangeVerdict::kUndecided);
}

TEST(CompareSides, ASideWithoutFiguresIsNotComparedAndSaysWhy) {
  const ComparedSide a = SideWith("a", Medians(10, 3));
  TrialComparison trial = OneTrial(a, a, {.quantity = Quantity::kLatencyP99});
  EXPECT_FALSE(trial.comparison);
  EXPECT_EQ(trial.a.unsupported, 3);
  EXPECT_THAT(trial.why, HasSubstr("no launch of A has samples enough for latency_ns_p99"));
  EXPECT_THAT(trial.why, HasSubstr("no launch of B"));
  const auto failed = SideOfStudy("b", StudyWith({{.factors = {{"batch", "1"}}}}, {{-1, -1}}));
  ASSERT_TRUE(failed.ok());
  trial = OneTrial(a, *failed);
  EXPECT_EQ(trial.why, "every launch of B failed");
  EXPECT_EQ(CompareSides(a, *failed, {}).overall(), Overall::kNotCompared) << "never a silent pass";
  EXPECT_EQ(CompareSides({}, {}, {}).overall(), Overall::kNotCompared);
}

// Launches of 20 trials; of one trial the new side is a little slower.
SidesComparison Twenty(double factor) {
  std::vector<RunResult> a;
  std::vector<RunResult> b;
  for (int trial = 1; trial <= 20; ++trial) {
    for (int i = 0; i < 5; ++i) {
      const double noise = 1 + 0.02 * ((i * 3 + trial) % 5 - 2);
      const double other_noise = 1 + 0.02 * ((i + trial) % 5 - 2);
      a.push_back(ResultOf(10 * noise, "null", trial));
      b.push_back(ResultOf(10 * other_noise * (trial == 7 ? factor : 1), "null", trial));
    }
  }
  return CompareSides(SideOfResults("a", a), SideOfResults("b", b), {});
}

TEST(CompareSides, AmongManyASmallOneDoesNotStandAndSaysSo) {
  const SidesComparison few = Twenty(1.07);
  EXPECT_EQ(few.compared(), 20);
  EXPECT_EQ(few.trials[6].comparison->verdict, ChangeVerdict::kUndecided);
  EXPECT_THAT(few.trials[6].why, HasSubstr("among 20 comparisons"));
  EXPECT_EQ(Twenty(1.5).trials[6].comparison->verdict, ChangeVerdict::kSlower);
}

TEST(CompareSides, CountsFindingsAndPartialResults) {
  std::vector<RunResult> results = {ResultOf(10), ResultOf(10), ResultOf(10)};
  results[1].findings = {{"contended", Severity::kWarning, "others ran"}, {"note", Severity::kInfo, "x"}};
  results[2].findings = {{"contended", Severity::kWarning, "others ran more"}};
  results[2].partial = true;
  results[2].partial_reason = "interrupted";
  const TrialComparison trial = OneTrial(SideOfResults("a", results), SideWith("b", {10}));
  ASSERT_THAT(trial.a.findings, SizeIs(2));
  EXPECT_EQ(trial.a.findings[0].name, "contended");
  EXPECT_EQ(trial.a.findings[0].launches, 2);
  EXPECT_EQ(trial.a.findings[0].sentence, "others ran");
  EXPECT_EQ(trial.a.findings[1].name, "partial");
  EXPECT_THAT(trial.b.findings, IsEmpty());
}

TEST(CompareSides, WhatAllTrialsDifferInIsSaidOnce) {
  std::vector<RunResult> old = {ResultOf(1, "null", 1), ResultOf(1, "null", 2)};
  std::vector<RunResult> now = old;
  for (RunResult& result : now) result.manifest.build = "new";
  now[1].manifest.backend.precision_run = "fp16";
  const SidesComparison comparison = CompareSides(SideOfResults("a", old), SideOfResults("b", now), {});
  EXPECT_THAT(comparison.differences,
              ElementsAre(Difference{"build", "g++ 12.2.0, Release, abc1234", "new"}));
  EXPECT_THAT(comparison.trials[0].differences, IsEmpty());
  EXPECT_THAT(comparison.trials[1].differences, ElementsAre(Difference{"precision_run", "fp32", "fp16"}));
}

// A trial that lost all its launches shows no build; the others' difference is still that of all.
TEST(CompareSides, ALostTrialDoesNotScatterTheDifferences) {
  std::vector<RunResult> results = {ResultOf(1, "null", 1), ResultOf(1, "null", 2), ResultOf(1, "null", 3)};
  const ComparedSide a = SideOfResults("a", results);
  for (RunResult& result : results) result.manifest.build = "new";
  ComparedSide b = SideOfResults("b", results);
  b.trials[0].launches.clear();
  const SidesComparison comparison = CompareSides(a, b, {});
  EXPECT_THAT(comparison.differences,
              ElementsAre(Difference{"build", "g++ 12.2.0, Release, abc1234", "new"}));
  for (const TrialComparison& trial : comparison.trials) EXPECT_THAT(trial.differences, IsEmpty());
}

}  // namespace
}  // namespace sightline::analyze
