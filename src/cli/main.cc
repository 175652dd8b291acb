// The thick half of the program: what tools/launcher.cc calls.
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string_view>

#include "src/base/text.h"
#include "src/cli/command.h"

namespace {

std::atomic<bool> stop_requested{false};

std::atomic<int64_t> first_signal_ns{0};  // of the monotonic clock; 0: none came yet

// One wish may come twice: `timeout` signals its child and then its whole group.
constexpr int64_t kSameWishNs = 500'000'000;

// The first signal asks for an orderly end; a later one ends the program at once. Calls only what a handler
// may.
void OnSignal(int signal) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t now_ns = int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  int64_t first_ns = 0;
  if (first_signal_ns.compare_exchange_strong(first_ns, now_ns)) {
    stop_requested.store(true);
  } else if (now_ns - first_ns > kSameWishNs) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

int ColumnsOfStderr() {
  constexpr int kUsual = 80;  // of a terminal that doesn't say
  const char* const kind = std::getenv("TERM");
  if (isatty(STDERR_FILENO) == 0 || kind == nullptr || std::string_view(kind) == "dumb") return 0;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int SightlineMain(int argc, char** argv) {
  static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free,
                "set from a signal handler");
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
  // A file that reaches `ulimit -f` is a failed write, as on a full disk, and not the end of the program.
  std::signal(SIGXFSZ, SIG_IGN);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const sightline::SteadyClock clock;
  sightline::cli::CliEnv env{.clock = clock,
                             .out = std::cout,
                             .err = std::cerr,
                             .stop = stop_requested,
                             .command_line = sightline::ShellCommand("sightline", arguments),
                             .err_columns = ColumnsOfStderr()};
  const int code = sightline::cli::RunCommandLine(arguments, env);
  std::cout.flush();
  // Frameworks' own threads and static destructors have crashed at exit in other programs; everything of ours
  // is written and closed by now, so leave without running them.
  _exit(code);
}
