#include "src/study/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace sightline::study {
namespace {

Error SystemError(std::string_view what, int code) {
  const bool exhausted = code == EMFILE || code == ENFILE || code == ENOMEM || code == EAGAIN;
  return Error(exhausted ? ErrorKind::kResourceExhausted : ErrorKind::kInternal,
               fmt::format("{}: {}", what, std::generic_category().message(code)));
}

// Where a child failed before it became another program.
enum Step : int { kWorkingFolder, kExecute };
struct ChildFailure {
  int step = kExecute;
  int code = 0;
};

[[noreturn]] void FailChild(int report_fd, Step step) {
  const ChildFailure failure{step, errno};
  // The parent reads nothing if this fails, and finds exit code 127.
  [[maybe_unused]] const ssize_t written = write(report_fd, &failure, sizeof failure);
  _exit(127);
}

// What the child needs, made before fork: after it, only async-signal-safe functions may run (fork(2)).
struct Prepared {
  std::vector<char*> argv;
  std::vector<std::string> environment;
  std::vector<char*> environment_pointers;
  const char* working_folder = nullptr;
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;
  int report_fd = -1;
  pid_t parent = 0;
};

void DefaultSignals() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void BecomeProgram(const Prepared& prepared) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != prepared.parent) _exit(127);  // it ended before the line above
  DefaultSignals();
  dup2(prepared.stdin_fd, STDIN_FILENO);
  dup2(prepared.stdout_fd, STDOUT_FILENO);
  dup2(prepared.stderr_fd, STDERR_FILENO);
  // Libraries open descriptors without O_CLOEXEC.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (prepared.working_folder != nullptr && chdir(prepared.working_folder) != 0) {
    FailChild(prepared.report_fd, kWorkingFolder);
  }
  execvpe(prepared.argv[0], prepared.argv.data(), prepared.environment_pointers.data());
  FailChild(prepared.report_fd, kExecute);
}

std::vector<std::string> Environment(const SpawnSpec& spec) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view key = text.substr(0, text.find('='));
    const bool replaced = std::any_of(spec.environment.begin(), spec.environment.end(),
                                      [&](const auto& added) { return added.first == key; });
    if (!replaced) entries.emplace_back(text);
  }
  for (const auto& [key, value] : spec.environment) entries.push_back(key + "=" + value);
  return entries;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Error ChildError(const SpawnSpec& spec, const ChildFailure& failure) {
  const std::string reason = std::generic_category().message(failure.code);
  if (failure.step == kWorkingFolder) {
    return Error(ErrorKind::kNotFound, fmt::format("can't start {} in the folder {}: {}; check that folder",
                                                   spec.argv[0], spec.working_folder, reason));
  }
  return Error(ErrorKind::kNotFound,
               fmt::format("can't execute {}: {}; check that the file is there and may be executed",
                           spec.argv[0], reason));
}

}  // namespace

void FileDescriptor::Reset(int fd) {
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
}

Result<Pipe> MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("can't make a pipe", errno);
  const FileDescriptor low_read(ends[0]);
  const FileDescriptor low_write(ends[1]);
  Pipe pipe{FileDescriptor(fcntl(ends[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1)),
            FileDescriptor(fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1))};
  if (!pipe.read_end.is_open() || !pipe.write_end.is_open()) return SystemError("can't make a pipe", errno);
  fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

Result<Spawned> Spawn(const SpawnSpec& spec) {
  SIGHTLINE_ASSIGN_OR_RETURN(Pipe report, MakePipe());
  fcntl(report.read_end.get(), F_SETFL, 0);
  const FileDescriptor low(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const FileDescriptor nothing(fcntl(low.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!nothing.is_open()) return SystemError("can't open /dev/null", errno);
  std::vector<std::string> arguments = spec.argv;
  Prepared prepared{.argv = Pointers(arguments),
                    .environment = Environment(spec),
                    .working_folder = spec.working_folder.empty() ? nullptr : spec.working_folder.c_str(),
                    .stdin_fd = nothing.get(),
                    .stdout_fd = spec.stdout_fd,
                    .stderr_fd = spec.stderr_fd,
                    .report_fd = report.write_end.get(),
                    .parent = getpid()};
  prepared.environment_pointers = Pointers(prepared.environment);

  const pid_t pid = fork();
  if (pid < 0) return SystemError("can't start a process", errno);
  if (pid == 0) BecomeProgram(prepared);

  report.write_end.Reset();
  ChildFailure failure;
  ssize_t got = 0;
  do {
    got = read(report.read_end.get(), &failure, sizeof failure);  // returns 0 when exec closed the other end
  } while (got < 0 && errno == EINTR);
  if (got == sizeof failure) {
    waitpid(pid, nullptr, 0);
    return ChildError(spec, failure);
  }
  Spawned spawned{pid, FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))};
  if (!spawned.pidfd.is_open()) {
    const int code = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return SystemError("can't watch a process (pidfd_open needs Linux 5.3)", code);
  }
  return spawned;
}

}  // namespace sightline::study
