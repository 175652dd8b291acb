#include "src/study/runner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace sightline::study {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps everything in memory, and the order in which it was told.
class FakeStore final : public ReplicateStore {
 public:
  Result<std::vector<ReplicateTask>> Planned() override { return planned; }
  Result<std::vector<StoredResult>> Finished() override { return finished; }
  Status Begin(const ReplicateTask& task) override { return Note("begin", task); }
  Status Finish(const ReplicateTask& task, const LaunchResult& result) override {
    return Note(EndReasonName(result.reason), task);
  }
  Status PutBack(const ReplicateTask& task) override { return Note("put back", task); }
  Status Abandon(std::span<const ReplicateTask> tasks, std::string_view why) override {
    for (const ReplicateTask& task : tasks) SIGHTLINE_RETURN_IF_ERROR(Note("abandon", task));
    reasons.emplace_back(why);
    return OkStatus();
  }

  std::vector<ReplicateTask> planned;
  std::vector<StoredResult> finished;
  std::vector<std::string> notes;  // "begin 0.1": trial 0, launch 1
  std::vector<std::string> reasons;
  std::string fail_at;

 private:
  Status Note(std::string_view what, const ReplicateTask& task) {
    notes.push_back(fmt::format("{} {}.{}", what, task.trial, task.number));
    if (notes.back() == fail_at) return Error(ErrorKind::kResourceExhausted, "the disk is full");
    return OkStatus();
  }
};

class FakeLauncher final : public Launcher {
 public:
  explicit FakeLauncher(ManualClock& clock) : clock_(clock) {}
  Result<LaunchResult> Launch(const ReplicateTask& task, const std::atomic<bool>&) override {
    clock_.Advance(seconds(10));
    if (error) return *error;
    if (on_launch) on_launch();
    LaunchResult result;
    result.wall = seconds(10);
    const auto ending = endings.find(task.trial);
    result.reason = ending == endings.end() ? EndReason::kDone : ending->second;
    if (result.reason == EndReason::kDone) result.result_json = json;
    return result;
  }

  std::map<int, EndReason> endings;  // of trials; others are done
  std::string json = "{}";
  std::optional<Error> error;
  std::function<void()> on_launch;

 private:
  ManualClock& clock_;
};

class StudyRunnerTest : public ::testing::Test {
 protected:
  // `launches` of each trial, in rounds.
  void PlanReplicates(int trials, int launches) {
    for (int number = 0; number < launches; ++number) {
      for (int trial = 0; trial < trials; ++trial)
        store_.planned.push_back({.trial = trial, .number = number});
    }
    trials_ = trials;
  }
  Result<StudyOutcome> Run() {
    StudyRunner runner(store_, launcher_, clock_, LaunchTimes(Plan(), trials_), options_);
    return runner.Run(stop_);
  }
  // A rule that asks for values which differ by at most 1.
  void UseRule(int min, int max) {
    options_.rule = {.min = min,
                     .max = max,
                     .quantity = [this](const std::string&) { return std::optional<double>(next_value_); },
                     .narrow_enough =
                         [](std::span<const double> values) {
                           const auto [low, high] = std::minmax_element(values.begin(), values.end());
                           return *high - *low <= 1;
                         }};
  }

  FakeStore store_;
  ManualClock clock_;
  FakeLauncher launcher_{clock_};
  RunnerOptions options_;
  std::atomic<bool> stop_ = false;
  double next_value_ = 0;
  int trials_ = 0;
};

TEST_F(StudyRunnerTest, RunsAllInTheirOrder) {
  PlanReplicates(2, 2);
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->end, StudyEnd::kComplete);
  EXPECT_EQ(outcome->done, 4);
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "done 0.0", "begin 1.0", "done 1.0", "begin 0.1",
                                        "done 0.1", "begin 1.1", "done 1.1"));
}

TEST_F(StudyRunnerTest, SaysWhichReplicateBegins) {
  PlanReplicates(2, 1);
  std::vector<std::string> told;
  options_.begun = [&](const ReplicateTask& task) { told.push_back(fmt::format("begins {}", task.trial)); };
  launcher_.on_launch = [&] { told.emplace_back("launched"); };
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(told, ElementsAre("begins 0", "launched", "begins 1", "launched"));
}

TEST_F(StudyRunnerTest, AFailureEndsItsReplicateOnly) {
  PlanReplicates(6, 1);
  launcher_.endings = {{0, EndReason::kCrashed},
                       {1, EndReason::kTimedOut},
                       {2, EndReason::kOutOfMemory},
                       {3, EndReason::kRefused},
                       {4, EndReason::kInterrupted}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->end, StudyEnd::kComplete);
  EXPECT_EQ(outcome->done, 1);
  EXPECT_EQ(outcome->failed, 5);
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "crashed 0.0", "begin 1.0", "timed_out 1.0", "begin 2.0",
                                        "out_of_memory 2.0", "begin 3.0", "refused 3.0", "begin 4.0",
                                        "interrupted 4.0", "begin 5.0", "done 5.0"));
}

TEST_F(StudyRunnerTest, DoneWithoutAResultIsABadResult) {
  PlanReplicates(1, 1);
  launcher_.json = "{\"half\": ";
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "bad_result 0.0"));

  LaunchResult none{.reason = EndReason::kDone};
  CheckResult(none);
  EXPECT_EQ(none.reason, EndReason::kBadResult);
  EXPECT_EQ(none.sentence, "it ended well but left no result");
  LaunchResult crashed{.reason = EndReason::kCrashed};
  CheckResult(crashed);
  EXPECT_EQ(crashed.reason, EndReason::kCrashed);
}

TEST_F(StudyRunnerTest, AskedToStopPutsTheCurrentOneBack) {
  PlanReplicates(3, 1);
  launcher_.endings = {{1, EndReason::kInterrupted}};
  int launches = 0;
  launcher_.on_launch = [&] { stop_ = ++launches == 2; };
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->end, StudyEnd::kStopped);
  EXPECT_EQ(outcome->done, 1);
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "done 0.0", "begin 1.0", "put back 1.0"));
}

TEST_F(StudyRunnerTest, WhatEndedWellJustBeforeTheStopIsKept) {
  PlanReplicates(2, 1);
  launcher_.on_launch = [&] { stop_ = true; };
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "done 0.0"));
}

TEST_F(StudyRunnerTest, NothingBeginsAfterTheTotalCap) {
  PlanReplicates(4, 1);
  options_.total = seconds(15);
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->end, StudyEnd::kTotalCap);
  EXPECT_EQ(outcome->done, 2) << "the second begins at 10 s and may end after the cap";
  EXPECT_EQ(outcome->abandoned, 2);
  EXPECT_THAT(store_.notes,
              ElementsAre("begin 0.0", "done 0.0", "begin 1.0", "done 1.0", "abandon 2.0", "abandon 3.0"));
  EXPECT_THAT(store_.reasons, ElementsAre("the study's total time was over"));
}

TEST_F(StudyRunnerTest, ATrialEndsWhenItsIntervalIsNarrow) {
  PlanReplicates(1, 5);
  UseRule(2, 5);
  const double values[] = {10, 20, 20.5};
  int launches = 0;
  launcher_.on_launch = [&] { next_value_ = values[std::min(launches++, 2)]; };
  options_.rule.narrow_enough = [](std::span<const double> v) {
    return v[v.size() - 1] - v[v.size() - 2] <= 1;
  };
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->end, StudyEnd::kComplete);
  EXPECT_EQ(outcome->done, 3);
  EXPECT_EQ(outcome->abandoned, 2);
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "done 0.0", "begin 0.1", "done 0.1", "begin 0.2",
                                        "done 0.2", "abandon 0.3", "abandon 0.4"));
}

TEST_F(StudyRunnerTest, TheRuleIsAskedAfterTheFewestLaunchesOnly) {
  PlanReplicates(1, 5);
  UseRule(4, 5);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(std::count(store_.notes.begin(), store_.notes.end(), "abandon 0.4"), 1);
  EXPECT_EQ(std::count(store_.notes.begin(), store_.notes.end(), "done 0.3"), 1);
}

TEST_F(StudyRunnerTest, FailuresAreNoLaunchesOfTheRule) {
  PlanReplicates(1, 5);
  UseRule(2, 5);
  launcher_.endings = {{0, EndReason::kCrashed}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->failed, 5);
  EXPECT_EQ(outcome->abandoned, 0);
}

TEST_F(StudyRunnerTest, EarlierSessionsCount) {
  PlanReplicates(2, 5);
  std::erase_if(store_.planned, [](const ReplicateTask& task) { return task.number < 2; });
  UseRule(2, 5);
  // Trial 0 was about to be called narrow when the session was killed; trial 1 has one launch, the other
  // failed.
  store_.finished = {{0, true, seconds(5), "{}"},
                     {0, true, seconds(5), "{}"},
                     {1, true, seconds(9), "{}"},
                     {1, false, seconds(1), ""}};
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_THAT(store_.notes, ElementsAre("abandon 0.2", "abandon 0.3", "abandon 0.4", "begin 1.2", "done 1.2",
                                        "abandon 1.3", "abandon 1.4"));
}

TEST_F(StudyRunnerTest, ProgressTellsWhatIsLeft) {
  PlanReplicates(2, 2);
  store_.finished = {{1, true, seconds(30), "{}"}, {0, false, seconds(20), ""}};
  launcher_.endings = {{1, EndReason::kCrashed}};
  struct Line {
    int done, failed, left;
    Nanoseconds time_left;
    int last_trial;
  };
  std::vector<Line> lines;
  options_.progress = [&](const Progress& p) {
    lines.push_back({p.done, p.failed, p.left, p.time_left, p.last == nullptr ? -1 : p.last->trial});
    if (p.last != nullptr) {
      EXPECT_EQ(p.last_result->wall, seconds(10));
    }
  };
  ASSERT_TRUE(Run().ok());
  ASSERT_EQ(lines.size(), 5);
  EXPECT_EQ(lines[0].done, 1);
  EXPECT_EQ(lines[0].failed, 1);
  EXPECT_EQ(lines[0].left, 4);
  EXPECT_EQ(lines[0].time_left, seconds(2 * 20 + 2 * 30));
  EXPECT_EQ(lines[0].last_trial, -1);
  EXPECT_EQ(lines[1].done, 2);
  EXPECT_EQ(lines[1].time_left, seconds(15 + 2 * 30)) << "trial 0 took 20 and 10 s";
  EXPECT_EQ(lines[2].failed, 2);
  EXPECT_EQ(lines[2].last_trial, 1);
  EXPECT_EQ(lines[4].left, 0);
  EXPECT_EQ(lines[4].time_left, Nanoseconds(0));
}

TEST_F(StudyRunnerTest, AnErrorOfTheStoreEndsTheRun) {
  PlanReplicates(3, 1);
  store_.fail_at = "done 1.0";
  const auto outcome = Run();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message(), "the disk is full");
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "done 0.0", "begin 1.0", "done 1.0"));
}

TEST_F(StudyRunnerTest, AnErrorOfTheLauncherPutsTheReplicateBack) {
  PlanReplicates(2, 1);
  launcher_.error = Error(ErrorKind::kNotFound, "can't execute sightline");
  const auto outcome = Run();
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message(), HasSubstr("can't execute sightline"));
  EXPECT_THAT(store_.notes, ElementsAre("begin 0.0", "put back 0.0"));
}

TEST_F(StudyRunnerTest, NothingPlannedIsComplete) {
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->end, StudyEnd::kComplete);
  EXPECT_THAT(store_.notes, IsEmpty());
}

}  // namespace
}  // namespace sightline::study
