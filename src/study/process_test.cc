#include "src/study/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "src/study/process_table.h"

namespace sightline::study {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr int64_t kMiB = int64_t{1} << 20;

class ProcessGroupTest : public ::testing::Test {
 protected:
  ProcessGroupTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sightline_test_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~ProcessGroupTest() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name) const { return (folder_ / name).string(); }

  static std::string Contents(const std::string& file) {
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }

  // Runs a shell script as the only process of a group.
  ProcessOutcome Sh(const std::string& script, GroupLimits limits = {}) {
    return Run({.name = "sh", .argv = {"sh", "-c", script}, .working_folder = folder_.string()}, limits);
  }
  ProcessOutcome Run(const ProcessSpec& spec, GroupLimits limits = {}) {
    ProcessGroup group(limits);
    EXPECT_TRUE(group.Start(spec).ok());
    group_ = group.Wait(stop_);
    EXPECT_EQ(group_.processes.size(), 1);
    return group_.decisive();
  }

  // The pids that scripts wrote into a file, none of which may be alive.
  void ExpectGone(const std::string& file, size_t count) const {
    std::ifstream pids(File(file));
    size_t seen = 0;
    for (pid_t pid = 0; pids >> pid; ++seen) {
      EXPECT_EQ(kill(pid, 0), -1) << "process " << pid << " is still there";
      EXPECT_EQ(errno, ESRCH);
    }
    EXPECT_EQ(seen, count);
  }

  std::filesystem::path folder_;
  std::atomic<bool> stop_ = false;
  GroupOutcome group_;
};

TEST_F(ProcessGroupTest, ExitCodesAndOutput) {
  const ProcessOutcome done = Sh("echo out; echo err >&2");
  EXPECT_EQ(done.reason, EndReason::kDone);
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.signal, std::nullopt);
  EXPECT_EQ(done.stdout_tail, "out\n");
  EXPECT_EQ(done.stderr_tail, "err\n");
  EXPECT_GT(done.wall, Nanoseconds(0));
  EXPECT_GE(group_.wall, done.wall);

  const ProcessOutcome refused = Sh("echo one >&2; echo 'no such model' >&2; exit 2");
  EXPECT_EQ(refused.reason, EndReason::kRefused);
  EXPECT_EQ(refused.sentence, "exit code 2: no such model");
  EXPECT_EQ(Sh("exit 1").reason, EndReason::kDone);
  EXPECT_EQ(Sh("exit 3").reason, EndReason::kInterrupted);
  EXPECT_EQ(Sh("exit 42").reason, EndReason::kCrashed);
}

TEST_F(ProcessGroupTest, ASignalIsACrash) {
  const ProcessOutcome outcome = Sh("echo last words >&2; kill -SEGV $$");
  EXPECT_EQ(outcome.reason, EndReason::kCrashed);
  EXPECT_EQ(outcome.signal, SIGSEGV);
  EXPECT_EQ(outcome.exit_code, std::nullopt);
  EXPECT_EQ(outcome.sentence, "signal 11 (Segmentation fault): last words");
  EXPECT_EQ(Sh("kill -KILL $$").reason, EndReason::kCrashed) << "killed by somebody, not for want of memory";
}

TEST_F(ProcessGroupTest, AHangThatIgnoresSigtermTimesOut) {
  const ProcessOutcome outcome = Sh("trap '' TERM; echo $$ >pids; while :; do sleep 0.05; done",
                                    {.deadline = milliseconds(1500), .grace = milliseconds(200)});
  EXPECT_EQ(outcome.reason, EndReason::kTimedOut);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_EQ(outcome.sentence, "took more than 1.5 s");
  EXPECT_GE(outcome.wall, milliseconds(1700)) << "it had its grace";
  ExpectGone("pids", 1);
}

TEST_F(ProcessGroupTest, SigtermComesFirst) {
  const ProcessOutcome outcome =
      Sh("trap 'echo tidy >&2; exit 3' TERM; while :; do sleep 0.05; done", {.deadline = milliseconds(1500)});
  EXPECT_EQ(outcome.reason, EndReason::kTimedOut);
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.stderr_tail, "tidy\n");
}

TEST_F(ProcessGroupTest, GrandchildrenThatOutliveItAreEnded) {
  // One in the same session, one in a session of its own, one that lost its parent, one that ignores SIGTERM.
  const ProcessOutcome outcome =
      Sh("sleep 100 & echo $! >>pids\n"
         "setsid sh -c 'echo $$ >>pids; exec sleep 100' &\n"
         "(setsid sh -c 'echo $$ >>pids; exec sleep 100' & )\n"
         "sh -c 'trap \"\" TERM; echo $$ >>pids; while :; do sleep 0.05; done' &\n"
         "while [ $(wc -l <pids) -lt 4 ]; do sleep 0.02; done",
         {.grace = milliseconds(300)});
  EXPECT_EQ(outcome.reason, EndReason::kDone);
  EXPECT_GE(group_.left_behind, 4);
  ExpectGone("pids", 4);
}

TEST_F(ProcessGroupTest, DescendantsOfAHangAreEndedWithIt) {
  const ProcessOutcome outcome =
      Sh("echo $$ >>pids; (sleep 100 & echo $! >>pids; sleep 100)", {.deadline = milliseconds(1500)});
  EXPECT_EQ(outcome.reason, EndReason::kTimedOut);
  ExpectGone("pids", 2);
}

TEST_F(ProcessGroupTest, AFloodOfStderrNeitherBlocksNorGrowsMemory) {
  const int64_t before = ResidentBytes(getpid());
  const ProcessOutcome outcome = Run({.name = "flood",
                                      .argv = {PROCESS_HELPER, "flood", std::to_string(100 * kMiB)},
                                      .stderr_file = File("err")});
  EXPECT_EQ(outcome.reason, EndReason::kDone);
  EXPECT_LE(outcome.stderr_tail.size(), 4096);
  EXPECT_THAT(outcome.stderr_tail, ::testing::EndsWith("f\nflooded\n"));
  EXPECT_EQ(std::filesystem::file_size(File("err")), 100 * kMiB + 8) << "the file has all of it";
  // A sanitizer holds back some of what was freed.
  EXPECT_LT(ResidentBytes(getpid()) - before, 50 * kMiB) << "half of the flood";
}

TEST_F(ProcessGroupTest, TooMuchMemory) {
  const ProcessOutcome outcome =
      Run({.name = "eat", .argv = {PROCESS_HELPER, "eat", std::to_string(2048 * kMiB)}},
          {.memory_bytes = 128 * kMiB});
  EXPECT_EQ(outcome.reason, EndReason::kOutOfMemory);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_THAT(outcome.sentence, HasSubstr("more than the 128 MiB allowed"));
  EXPECT_GT(outcome.peak_memory_bytes.value(), 128 * kMiB);
  EXPECT_GT(group_.peak_memory_bytes, 128 * kMiB);
}

TEST_F(ProcessGroupTest, MemoryOfDescendantsCounts) {
  const ProcessOutcome outcome =
      Sh(std::string("setsid ") + PROCESS_HELPER + " eat " + std::to_string(2048 * kMiB),
         {.memory_bytes = 128 * kMiB});
  EXPECT_EQ(outcome.reason, EndReason::kOutOfMemory);
}

TEST_F(ProcessGroupTest, SharedMemoryCountsOnce) {
  // Four processes of 100 MiB each to look at, 100 MiB in truth.
  const ProcessOutcome outcome =
      Run({.name = "share", .argv = {PROCESS_HELPER, "share", std::to_string(96 * kMiB)}},
          {.deadline = milliseconds(3500), .memory_bytes = 250 * kMiB});
  EXPECT_EQ(outcome.stdout_tail, "shared\n");
  EXPECT_EQ(outcome.reason, EndReason::kTimedOut);
}

TEST_F(ProcessGroupTest, WhatCantBeExecutedIsNotStarted) {
  ProcessGroup group({});
  const Status status = group.Start({.name = "run", .argv = {"/nowhere/sightline"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(),
            "run: can't execute /nowhere/sightline: No such file or directory; check that the file is there "
            "and may be "
            "executed");
  const GroupOutcome outcome = group.Wait(stop_);
  EXPECT_EQ(outcome.decisive().reason, EndReason::kNotStarted);
  EXPECT_THAT(outcome.decisive().sentence, HasSubstr("can't execute /nowhere/sightline"));
}

TEST_F(ProcessGroupTest, AFolderThatIsNotThereIsNamed) {
  ProcessGroup group({});
  const Status status = group.Start({.name = "run", .argv = {"true"}, .working_folder = "/nowhere"});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("can't start true in the folder /nowhere: No such file"));
}

TEST_F(ProcessGroupTest, AFailedStartEndsTheOthers) {
  ProcessGroup group({});
  ASSERT_TRUE(group.Start({.name = "server", .argv = {"sleep", "100"}, .is_helper = true}).ok());
  ASSERT_TRUE(group.Start({.name = "run", .argv = {"sleep", "100"}}).ok());
  ASSERT_FALSE(group.Start({.name = "link", .argv = {"/nowhere"}}).ok());
  const GroupOutcome outcome = group.Wait(stop_);
  EXPECT_EQ(outcome.processes[0].reason, EndReason::kEnded);
  EXPECT_EQ(outcome.processes[1].reason, EndReason::kEnded);
  EXPECT_EQ(outcome.decisive().name, "link");
}

TEST_F(ProcessGroupTest, HelpersAreEndedWhenTheOthersAreDone) {
  ProcessGroup group({});
  ASSERT_TRUE(group.Start({.name = "server", .argv = {"sleep", "100"}, .is_helper = true}).ok());
  ASSERT_TRUE(group.Start({.name = "run", .argv = {"sh", "-c", "echo result"}}).ok());
  const GroupOutcome outcome = group.Wait(stop_);
  EXPECT_EQ(outcome.processes[0].reason, EndReason::kEnded);
  EXPECT_EQ(outcome.processes[0].signal, SIGTERM);
  EXPECT_EQ(outcome.processes[1].reason, EndReason::kDone);
  EXPECT_EQ(outcome.decisive().name, "server") << "all ended as they should: the first";
  EXPECT_EQ(outcome.left_behind, 0);
}

TEST_F(ProcessGroupTest, AHelperThatCrashesDecides) {
  ProcessGroup group({});
  const std::string folder = folder_.string();
  ASSERT_TRUE(group
                  .Start({.name = "server",
                          .argv = {"sh", "-c", "echo $$ >pid; kill -ABRT $$"},
                          .working_folder = folder,
                          .is_helper = true})
                  .ok());
  const char* until_it_is_reaped =
      "while [ ! -s pid ] || kill -0 $(cat pid) 2>&-; do sleep 0.02; done; exit 2";
  ASSERT_TRUE(
      group.Start({.name = "run", .argv = {"sh", "-c", until_it_is_reaped}, .working_folder = folder}).ok());
  const GroupOutcome outcome = group.Wait(stop_);
  EXPECT_EQ(outcome.decisive().name, "server");
  EXPECT_EQ(outcome.decisive().reason, EndReason::kCrashed);
  EXPECT_EQ(outcome.processes[1].reason, EndReason::kRefused);
}

TEST_F(ProcessGroupTest, ClosedOutputsAreNoEnd) {
  const ProcessOutcome outcome = Sh("exec >&- 2>&-; sleep 0.2; exit 1");
  EXPECT_EQ(outcome.reason, EndReason::kDone);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_GE(outcome.wall, milliseconds(200));
}

TEST_F(ProcessGroupTest, AskedToStopMeanwhile) {
  std::thread asks([&] {
    while (!std::filesystem::exists(File("ready"))) std::this_thread::sleep_for(milliseconds(5));
    stop_ = true;
  });
  const ProcessOutcome outcome =
      Sh("trap 'exit 3' TERM; echo $$ >pids; touch ready; while :; do sleep 0.05; done");
  asks.join();
  EXPECT_EQ(outcome.reason, EndReason::kInterrupted);
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.sentence, "was asked to stop");
  ExpectGone("pids", 1);
}

TEST_F(ProcessGroupTest, EnvironmentAndFolderAndNothingElse) {
  const int leaked = open("/dev/null", O_RDONLY);  // NOLINT: as a careless library would
  signal(SIGINT, SIG_IGN);
  ProcessSpec spec{
      .name = "sh",
      .argv = {"sh", "-c",
               "pwd; echo $ADDED; echo $HOME; ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status"},
      .environment = {{"ADDED", "yes"}, {"HOME", "/elsewhere"}},
      .working_folder = "/usr"};
  const ProcessOutcome outcome = Run(spec);
  signal(SIGINT, SIG_DFL);
  close(leaked);
  // 0, 1, 2 and the folder ls reads.
  EXPECT_EQ(outcome.stdout_tail, "/usr\nyes\n/elsewhere\n4\nSigIgn:\t0000000000000000\n");
}

TEST_F(ProcessGroupTest, TextThatIsNotTextIsMadeSo) {
  const ProcessOutcome outcome = Sh("printf 'bad \\377 byte\\n' >&2; exit 2");
  EXPECT_EQ(outcome.stderr_tail, "bad ? byte\n");
}

TEST_F(ProcessGroupTest, DestroyingAGroupEndsIt) {
  {
    ProcessGroup group({});
    ASSERT_TRUE(group
                    .Start({.name = "sh",
                            .argv = {"sh", "-c", "trap '' TERM; echo $$ >pids; sleep 100"},
                            .working_folder = folder_.string()})
                    .ok());
    while (!std::filesystem::exists(File("pids")) || Contents(File("pids")).empty()) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  ExpectGone("pids", 1);
  int reaper = -1;
  prctl(PR_GET_CHILD_SUBREAPER, &reaper);
  EXPECT_EQ(reaper, 0) << "as it was before";
}

TEST_F(ProcessGroupTest, ChildrenDieWithTheRunner) {
  const pid_t runner = fork();
  if (runner == 0) {
    ProcessGroup group({});
    const bool started = group
                             .Start({.name = "sh",
                                     .argv = {"sh", "-c", "echo $$ >pids; exec sleep 100"},
                                     .working_folder = folder_.string()})
                             .ok();
    if (started) group.Wait(stop_);
    _exit(1);
  }
  while (Contents(File("pids")).empty()) std::this_thread::sleep_for(milliseconds(5));
  const auto child = static_cast<pid_t>(std::stol(Contents(File("pids"))));
  pollfd ended{.fd = static_cast<int>(syscall(SYS_pidfd_open, child, 0)), .events = POLLIN};
  ASSERT_GE(ended.fd, 0);
  EXPECT_EQ(poll(&ended, 1, 0), 0) << "alive";
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  EXPECT_EQ(poll(&ended, 1, 10'000), 1);
  close(ended.fd);
}

}  // namespace
}  // namespace sightline::study
