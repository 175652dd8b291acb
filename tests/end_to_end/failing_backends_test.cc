// `sightline run` as a study launches it, with backends that crash, hang, eat memory and fail at times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "src/base/text.h"
#include "src/study/run_launcher.h"
#include "tests/end_to_end/program.h"

namespace sightline::study {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class FailingBackends : public ::testing::Test {
 protected:
  LaunchResult Launch(const std::string& backend, GroupLimits limits,
                      const std::string& option = "after=20") {
    RunLauncher launcher({.program = std::getenv("SIGHTLINE_BINARY"),
                          .work_folder = folder_.path().string(),
                          .limits = limits,
                          .environment = {{"SIGHTLINE_BACKEND_PATH", FAULTY_BACKENDS},
                                          {"SIGHTLINE_FLAKY_FILE", folder_ / "launches"}},
                          .records_flag = "--records"});
    ReplicateTask task;
    task.arguments = {"--model=mobilenet_v1_0.25_128", "--backend=" + backend, "--iterations=100",
                      "--warm-up=0s", "--option=" + option};
    auto result = launcher.Launch(task, stop_);
    EXPECT_TRUE(result.ok()) << result.error().message();
    return result.ok() ? *result : LaunchResult();
  }

  const end_to_end::TemporaryFolder folder_;
  std::atomic<bool> stop_ = false;
};

constexpr int64_t kMiB = int64_t{1} << 20;
const GroupLimits kLimits{.deadline = seconds(120), .memory_bytes = 512 * kMiB, .grace = milliseconds(500)};

TEST_F(FailingBackends, CrashingIsNamed) {
  const LaunchResult result = Launch("crashing", kLimits);
  EXPECT_EQ(result.reason, EndReason::kCrashed);
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_THAT(result.sentence, HasSubstr("Segmentation fault"));
  EXPECT_EQ(result.result_json, "");
}

TEST_F(FailingBackends, HangingIsNamed) {
  const LaunchResult result = Launch("hanging", {.deadline = seconds(6), .grace = milliseconds(500)});
  EXPECT_EQ(result.reason, EndReason::kTimedOut);
  EXPECT_EQ(result.sentence, "took more than 6 s");
  EXPECT_EQ(result.signal, SIGKILL) << "it does not come back for SIGTERM";
}

TEST_F(FailingBackends, MemoryEatingIsNamed) {
  const LaunchResult result = Launch("memory_eating", kLimits);
  EXPECT_EQ(result.reason, EndReason::kOutOfMemory);
  EXPECT_THAT(result.sentence, HasSubstr("more than the 512 MiB allowed"));
  EXPECT_GT(result.peak_memory_bytes.value(), 512 * kMiB);
  EXPECT_LT(result.peak_memory_bytes.value(), 2048 * kMiB) << "ended before it had all it wanted";
}

TEST_F(FailingBackends, FlakyFailsEverySecondTimeAndLeavesNoStaleResult) {
  const LaunchResult first = Launch("flaky", kLimits);
  EXPECT_EQ(first.reason, EndReason::kDone) << first.sentence;
  EXPECT_EQ(nlohmann::json::parse(first.result_json, nullptr, false)["outcomes"]["ok"], 100);
  EXPECT_THAT(end_to_end::Contents(first.records_file), HasSubstr("infer"));
  const LaunchResult second = Launch("flaky", kLimits);
  EXPECT_EQ(second.reason, EndReason::kCrashed);
  EXPECT_EQ(second.signal, SIGABRT);
  EXPECT_EQ(second.result_json, "") << "not the first one's";
  EXPECT_EQ(second.records_file, "");
  EXPECT_EQ(Launch("flaky", kLimits).reason, EndReason::kDone);
}

TEST_F(FailingBackends, WhatTheProgramRefusesSaysWhy) {
  const LaunchResult result = Launch("flaky", kLimits, "afte=20");
  EXPECT_EQ(result.reason, EndReason::kRefused);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.sentence, HasSubstr("exit code 2: sightline run: "));
  EXPECT_THAT(result.sentence, HasSubstr("afte"));
  EXPECT_THAT(result.command_line,
              HasSubstr("run --model=mobilenet_v1_0.25_128 --backend=flaky --iterations=100"));
}

TEST_F(FailingBackends, AMissingProgramIsAnErrorOfTheLauncher) {
  RunLauncher launcher({.program = "/nowhere/sightline", .work_folder = folder_.path().string()});
  const auto result = launcher.Launch({}, stop_);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message(), HasSubstr("can't execute /nowhere/sightline"));
}

TEST(ShellQuoted, OnlyWhatNeedsIt) {
  EXPECT_EQ(ShellQuoted(std::vector<std::string>{"sightline", "--input=a b/*.jpg", "it's", ""}),
            "sightline '--input=a b/*.jpg' 'it'\\''s' ''");
}

}  // namespace
}  // namespace sightline::study
