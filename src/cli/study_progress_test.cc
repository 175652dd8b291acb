#include "src/cli/study_progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "src/store/result_json.h"

namespace sightline::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using study::EndReason;
using study::LaunchResult;
using study::Progress;
using study::ReplicateTask;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const ReplicateTask kTask{.number = 1, .factors = {{"model", "resnet50_v1"}, {"batch", "4"}}};

LaunchResult Done() {
  RunResult run;
  run.summary.frames = 60;
  run.summary.latency.count = 60;
  run.summary.latency.percentiles_ns[500] = {161.2e6, 159e6, 163.4e6};
  run.summary.throughput_per_s = {24.8, 24.5, 25.1};
  return {.reason = EndReason::kDone, .wall = milliseconds(9'400), .result_json = store::ResultToJson(run)};
}

TEST(ProgressLine, SaysWhatThereIsToDo) {
  EXPECT_EQ(ProgressLine({.left = 24, .time_left = minutes(4)}), "24 replicates to do, about 4 min");
  EXPECT_EQ(ProgressLine({.left = 1, .time_left = seconds(9)}), "1 replicate to do, about 9.0 s");
  EXPECT_EQ(ProgressLine({.done = 3, .failed = 1, .left = 20, .time_left = minutes(3)}),
            "4 replicates are there, 20 replicates to do, about 3 min");
  EXPECT_THAT(ProgressLine({.done = 1, .left = 2, .time_left = minutes(3)}),
              ::testing::StartsWith("1 replicate is there, 2 replicates to do"));
  EXPECT_EQ(ProgressLine({.done = 24}), "nothing left to do");
}

TEST(ProgressLine, OfAReplicateThatEndedHasItsFigures) {
  const LaunchResult result = Done();
  EXPECT_EQ(
      ProgressLine({.done = 3, .left = 21, .time_left = minutes(3), .last = &kTask, .last_result = &result}),
      "[3/24] model=resnet50_v1 batch=4 launch 2: p50 161 ±2 ms, 24.8 ±0.3 frames/s in 9.4 s; 21 left, about "
      "3 min");
  EXPECT_THAT(ProgressLine({.done = 23, .failed = 1, .last = &kTask, .last_result = &result}),
              AllOf(HasSubstr("[24/24] "), EndsWith("; 1 failed, none left")));
}

TEST(ProgressLine, OfAReplicateWithoutFiguresSaysHowItEnded) {
  LaunchResult result{.reason = EndReason::kTimedOut, .sentence = "took more than 8 s", .wall = seconds(8)};
  const Progress progress{
      .failed = 1, .left = 2, .time_left = seconds(20), .last = &kTask, .last_result = &result};
  EXPECT_EQ(
      ProgressLine(progress),
      "[1/3] model=resnet50_v1 batch=4 launch 2: timed_out after 8.0 s: took more than 8 s; 1 failed, 2 "
      "left, about 20 s");
  result = {.reason = EndReason::kDone, .wall = seconds(8), .result_json = "{}"};
  EXPECT_THAT(ProgressLine(progress), HasSubstr("launch 2: done in 8.0 s;"));
}

TEST(ProgressLine, OfALaunchTooShortForAMedianSaysSo) {
  RunResult run;
  run.summary.throughput_per_s.value = 9.95;
  const LaunchResult result{
      .reason = EndReason::kDone, .wall = seconds(12), .result_json = store::ResultToJson(run)};
  EXPECT_THAT(ProgressLine({.done = 1, .last = &kTask, .last_result = &result}),
              HasSubstr("launch 2: p50 unknown, 9.95 frames/s in 12 s;"));
}

TEST(StatusLine, SaysWhichSinceWhenAndHowLongAtMost) {
  const Underway underway{.task = kTask,
                          .number = 4,
                          .all = 24,
                          .running = seconds(12),
                          .at_most = minutes(3),
                          .time_left = seconds(252)};
  EXPECT_EQ(StatusLine(underway, 200),
            "[4/24] 12 s of at most 3 min, about 4 min to go: model=resnet50_v1 batch=4 launch 2");
  EXPECT_EQ(StatusLine(underway, 54), "[4/24] 12 s of at most 3 min, about 4 min to go: model");
  Underway late = underway;
  late.running = minutes(5);
  EXPECT_THAT(StatusLine(late, 200), HasSubstr("about 0.0 s to go"));
}

TEST(StudyProgress, WritesLinesOnlyWhereThereIsNoTerminal) {
  std::ostringstream err;
  const ManualClock clock;
  const LaunchResult result = Done();
  {
    StudyProgress progress(err, clock, minutes(3), 0);
    progress.Report({.left = 1, .time_left = seconds(9)});
    progress.Begin(kTask);
    progress.Report({.done = 1, .last = &kTask, .last_result = &result});
  }
  EXPECT_EQ(
      err.str(),
      "1 replicate to do, about 9.0 s\n"
      "[1/1] model=resnet50_v1 batch=4 launch 2: p50 161 ±2 ms, 24.8 ±0.3 frames/s in 9.4 s; none left\n");
}

// What a terminal shows in the end: a line that is cleared is gone.
std::string Shown(std::string text) {
  const std::string clear = "\r\x1b[K";
  for (size_t at = text.find(clear); at != std::string::npos; at = text.find(clear)) {
    const size_t line = text.rfind('\n', at);
    const size_t begin = line == std::string::npos ? 0 : line + 1;
    text.erase(begin, at + clear.size() - begin);
  }
  return text;
}

TEST(StudyProgress, OnATerminalAStatusLineComesAndGoes) {
  std::ostringstream err;
  const ManualClock clock;
  {
    StudyProgress progress(err, clock, minutes(3), 40);
    progress.Report({.left = 2, .time_left = seconds(18)});
    progress.Begin(kTask);
  }
  EXPECT_THAT(err.str(), HasSubstr("[1/2] 0 s of at most 3 min, about 18 s"));
  EXPECT_EQ(Shown(err.str()), "2 replicates to do, about 18 s\n");
}

}  // namespace
}  // namespace sightline::cli
