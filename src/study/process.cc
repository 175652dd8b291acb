#include "src/study/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <set>

#include "src/base/check.h"
#include "src/study/members.h"
#include "src/study/memory_watch.h"
#include "src/study/process_table.h"
#include "src/study/spawn.h"
#include "src/study/tail.h"

namespace sightline::study {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds kLongestSleep = seconds(1);
constexpr Nanoseconds kEndingSleep = milliseconds(20);  // while members that are not our children end
constexpr Nanoseconds kKillPatience = seconds(10);      // a process in uninterruptible sleep may never go

// One output of a process.
struct Stream {
  FileDescriptor read_end;
  FileDescriptor file;  // a copy of all goes there, as long as it takes it
  Tail tail;

  // Takes what is there. Bounded, so that one that floods does not keep us from the clock.
  void Drain() {
    constexpr int kReads = 16;
    std::array<char, 65536> buffer;
    for (int i = 0; i < kReads && read_end.is_open(); ++i) {
      const ssize_t got = read(read_end.get(), buffer.data(), buffer.size());
      if (got < 0) return;  // nothing now, or interrupted
      if (got == 0) return read_end.Reset();
      const std::string_view text(buffer.data(), static_cast<size_t>(got));
      tail.Append(text);
      if (file.is_open() && write(file.get(), text.data(), text.size()) != got) file.Reset();
    }
  }
};

struct Process {
  ProcessSpec spec;
  pid_t pid = 0;
  FileDescriptor pidfd;  // open while it runs
  Stream out;
  Stream err;
  TimePoint started;
  int64_t our_peak_bytes = 0;  // of this process when it forked: ru_maxrss of the child is no less
  int64_t seen_peak_bytes = 0;
  std::optional<EndReason> ended_by_us;
  ProcessOutcome outcome;

  bool runs() const { return pidfd.is_open(); }
};

}  // namespace

class ProcessGroup::Impl {
 public:
  explicit Impl(GroupLimits limits);
  ~Impl();
  Status Start(const ProcessSpec& spec);
  GroupOutcome Wait(const std::atomic<bool>& stop);

 private:
  TimePoint Now() const { return clock_.Now(); }
  bool AnyRuns(bool helpers_too) const;
  std::optional<EndReason> ReasonToEnd(const std::atomic<bool>& stop);
  void LookAtMemory();
  void Sleep(Nanoseconds longest);
  void Reap(Process& process);
  void Describe(Process& process, int wait_status) const;
  void End(EndReason reason);
  void Ask();
  void Kill();
  bool EndBy(void (Impl::*way)(), Nanoseconds patience);

  GroupLimits limits_;
  SteadyClock clock_;
  TimePoint began_;
  int was_reaper_ = 0;
  std::string marker_;
  Members members_;
  MemoryWatch memory_;
  std::optional<int64_t> oom_kills_;
  bool start_failed_ = false;
  std::set<pid_t> asked_;  // to end
  std::vector<std::unique_ptr<Process>> processes_;
};

ProcessGroup::Impl::Impl(GroupLimits limits)
    : limits_(limits),
      began_(clock_.Now()),
      marker_(fmt::format("{}-{}", getpid(), ToNs(began_))),
      members_("SIGHTLINE_GROUP=" + marker_),
      memory_(limits.memory_bytes, began_),
      oom_kills_(KernelOomKills()) {
  prctl(PR_GET_CHILD_SUBREAPER, &was_reaper_);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

ProcessGroup::Impl::~Impl() {
  limits_.grace = Nanoseconds(0);
  End(EndReason::kInterrupted);
  prctl(PR_SET_CHILD_SUBREAPER, was_reaper_);
}

Status ProcessGroup::Impl::Start(const ProcessSpec& spec) {
  SIGHTLINE_CHECK(!spec.argv.empty());
  auto process = std::make_unique<Process>();
  process->spec = spec;
  process->outcome.name = spec.name;
  process->started = Now();
  process->our_peak_bytes = PeakResidentBytes(getpid()).value_or(0);
  Process& p = *process;
  processes_.push_back(std::move(process));

  const auto start = [&]() -> Status {
    if (!spec.stderr_file.empty()) {
      p.err.file.Reset(open(spec.stderr_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
      if (!p.err.file.is_open()) {
        return Error(ErrorKind::kUnavailable,
                     fmt::format("can't write {}: {}; check the folder", spec.stderr_file,
                                 std::generic_category().message(errno)));
      }
    }
    SIGHTLINE_ASSIGN_OR_RETURN(Pipe out, MakePipe());
    SIGHTLINE_ASSIGN_OR_RETURN(Pipe err, MakePipe());
    SpawnSpec child{spec.argv, spec.environment, spec.working_folder, out.write_end.get(),
                    err.write_end.get()};
    child.environment.emplace_back("SIGHTLINE_GROUP", marker_);
    SIGHTLINE_ASSIGN_OR_RETURN(Spawned spawned, Spawn(child));
    p.pid = spawned.pid;
    p.pidfd = std::move(spawned.pidfd);
    p.out.read_end = std::move(out.read_end);
    p.err.read_end = std::move(err.read_end);
    members_.AddRoot(p.pid);
    return OkStatus();
  };
  Status status = start();
  if (status.ok()) return status;
  start_failed_ = true;
  p.outcome.reason = EndReason::kNotStarted;
  p.outcome.sentence = status.error().message();
  return status.error().WithContext(spec.name);
}

bool ProcessGroup::Impl::AnyRuns(bool helpers_too) const {
  return std::any_of(processes_.begin(), processes_.end(), [&](const auto& process) {
    return process->runs() && (helpers_too || !process->spec.is_helper);
  });
}

std::optional<EndReason> ProcessGroup::Impl::ReasonToEnd(const std::atomic<bool>& stop) {
  if (start_failed_) return EndReason::kEnded;
  if (stop.load()) return EndReason::kInterrupted;
  if (Now() >= began_ + limits_.deadline) return EndReason::kTimedOut;
  if (Now() >= memory_.next_look()) LookAtMemory();
  if (memory_.is_over()) return EndReason::kOutOfMemory;
  return std::nullopt;
}

void ProcessGroup::Impl::LookAtMemory() {
  for (const auto& process : processes_) {
    if (process->runs()) {
      process->seen_peak_bytes =
          std::max(process->seen_peak_bytes, PeakResidentBytes(process->pid).value_or(0));
    }
  }
  // Without a limit, only what costs little.
  std::vector<pid_t> members;
  if (limits_.memory_bytes) {
    for (const auto& member : members_.Find()) members.push_back(member.pid);
  }
  memory_.Look(Now(), members);
}

void ProcessGroup::Impl::Sleep(Nanoseconds longest) {
  std::vector<pollfd> fds;
  for (const auto& process : processes_) {
    for (const int fd : {process->pidfd.get(), process->out.read_end.get(), process->err.read_end.get()}) {
      fds.push_back({.fd = fd, .events = POLLIN});  // poll leaves negative ones out
    }
  }
  const Nanoseconds bounded = std::clamp(longest, Nanoseconds(0), kLongestSleep);
  const timespec timeout{.tv_sec = bounded / seconds(1), .tv_nsec = (bounded % seconds(1)).count()};
  if (ppoll(fds.data(), fds.size(), &timeout, nullptr) <= 0) return;
  for (size_t i = 0; i < processes_.size(); ++i) {
    Process& process = *processes_[i];
    if (fds[3 * i + 1].revents != 0) process.out.Drain();
    if (fds[3 * i + 2].revents != 0) process.err.Drain();
    if (fds[3 * i].revents != 0) Reap(process);
  }
}

void ProcessGroup::Impl::Reap(Process& process) {
  int wait_status = 0;
  rusage usage{};
  if (wait4(process.pid, &wait_status, WNOHANG, &usage) != process.pid) return;
  process.pidfd.Reset();
  process.outcome.wall = Now() - process.started;
  const int64_t peak = int64_t{usage.ru_maxrss} << 10;
  if (peak > process.our_peak_bytes) process.seen_peak_bytes = std::max(process.seen_peak_bytes, peak);
  if (process.seen_peak_bytes > 0) process.outcome.peak_memory_bytes = process.seen_peak_bytes;
  process.out.Drain();
  process.err.Drain();
  members_.RootReaped(process.pid);
  Describe(process, wait_status);
}

void ProcessGroup::Impl::Describe(Process& process, int wait_status) const {
  ProcessOutcome& outcome = process.outcome;
  if (WIFEXITED(wait_status)) outcome.exit_code = WEXITSTATUS(wait_status);
  if (WIFSIGNALED(wait_status)) outcome.signal = WTERMSIG(wait_status);
  outcome.stdout_tail = process.out.tail.Text();
  outcome.stderr_tail = process.err.tail.Text();
  const auto oom_kills = KernelOomKills();
  const bool kernel_ran_out = oom_kills && oom_kills_ && *oom_kills > *oom_kills_;
  outcome.reason = ReasonOf({wait_status, process.ended_by_us, kernel_ran_out});
  switch (outcome.reason) {
    case EndReason::kTimedOut:
      outcome.sentence =
          fmt::format("took more than {} s", std::chrono::duration<double>(limits_.deadline).count());
      return;
    case EndReason::kOutOfMemory:
      outcome.sentence = process.ended_by_us ? memory_.Sentence() : "the kernel ended it for want of memory";
      return;
    case EndReason::kInterrupted:
      outcome.sentence = process.ended_by_us ? "was asked to stop" : "ended early and kept a partial result";
      break;
    case EndReason::kEnded:
      outcome.sentence = "was no longer needed";
      return;
    default:
      outcome.sentence = WaitStatusText(wait_status);
  }
  const std::string last = LastLine(outcome.stderr_tail);
  if (outcome.reason != EndReason::kDone && !last.empty()) outcome.sentence += ": " + last;
}

// Asks the group's processes, and what their parents left to us; the others are their parents' to end.
void ProcessGroup::Impl::Ask() {
  for (const auto& member : members_.Find()) {
    if (!member.is_root && !member.is_orphan) continue;
    if (asked_.insert(member.pid).second) kill(member.pid, SIGTERM);
  }
}

void ProcessGroup::Impl::Kill() {
  for (const auto& member : members_.Find()) kill(member.pid, SIGKILL);
}

// Again and again, since some may have been born or left to us meanwhile. True when nothing is left.
bool ProcessGroup::Impl::EndBy(void (Impl::*way)(), Nanoseconds patience) {
  const TimePoint until = Now() + patience;
  while (true) {
    (this->*way)();
    const bool descendants = !members_.FindDescendants().empty();
    if (!descendants && !AnyRuns(true)) return true;
    if (Now() >= until) return false;
    Sleep(std::min<Nanoseconds>(descendants ? kEndingSleep : kLongestSleep, until - Now()));
  }
}

void ProcessGroup::Impl::End(EndReason reason) {
  for (const auto& process : processes_) {
    if (process->runs() && !process->ended_by_us) process->ended_by_us = reason;
  }
  const bool patient = reason != EndReason::kOutOfMemory && limits_.grace > Nanoseconds(0);
  if (patient && EndBy(&Impl::Ask, limits_.grace)) return;
  EndBy(&Impl::Kill, kKillPatience);
}

GroupOutcome ProcessGroup::Impl::Wait(const std::atomic<bool>& stop) {
  std::optional<EndReason> reason;
  while (AnyRuns(false)) {
    reason = ReasonToEnd(stop);
    if (reason) break;
    Sleep(std::min(memory_.next_look(), began_ + limits_.deadline) - Now());
  }
  // What running processes have started is theirs to end; the rest was left behind.
  const int left_behind = reason || AnyRuns(true) ? 0 : static_cast<int>(members_.FindDescendants().size());
  End(reason.value_or(EndReason::kEnded));
  GroupOutcome outcome;
  outcome.wall = Now() - began_;
  outcome.left_behind = left_behind;
  outcome.peak_memory_bytes = memory_.peak_bytes();
  for (const auto& process : processes_) {
    outcome.peak_memory_bytes =
        std::max(outcome.peak_memory_bytes, process->outcome.peak_memory_bytes.value_or(0));
    outcome.processes.push_back(process->outcome);
  }
  return outcome;
}

const ProcessOutcome& GroupOutcome::decisive() const {
  SIGHTLINE_CHECK(!processes.empty());
  for (const ProcessOutcome& process : processes) {
    if (process.reason != EndReason::kDone && process.reason != EndReason::kEnded) return process;
  }
  return processes.front();
}

ProcessGroup::ProcessGroup(GroupLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
ProcessGroup::~ProcessGroup() = default;

Status ProcessGroup::Start(const ProcessSpec& spec) {
  return impl_->Start(spec);
}

GroupOutcome ProcessGroup::Wait(const std::atomic<bool>& stop) {
  return impl_->Wait(stop);
}

}  // namespace sightline::study
