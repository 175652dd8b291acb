#include "src/study/end_reason.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

namespace sightline::study {

std::string_view EndReasonName(EndReason reason) {
  switch (reason) {
    case EndReason::kDone:
      return "done";
    case EndReason::kRefused:
      return "refused";
    case EndReason::kInterrupted:
      return "interrupted";
    case EndReason::kCrashed:
      return "crashed";
    case EndReason::kTimedOut:
      return "timed_out";
    case EndReason::kOutOfMemory:
      return "out_of_memory";
    case EndReason::kNotStarted:
      return "not_started";
    case EndReason::kEnded:
      return "ended";
    case EndReason::kBadResult:
      return "bad_result";
  }
  return "";
}

EndReason ReasonOf(const EndFacts& facts) {
  // Whatever it still managed to exit with.
  if (facts.ended_by_us) return *facts.ended_by_us;
  if (WIFSIGNALED(facts.wait_status)) {
    const bool killed = WTERMSIG(facts.wait_status) == SIGKILL;
    return killed && facts.kernel_ran_out_of_memory ? EndReason::kOutOfMemory : EndReason::kCrashed;
  }
  switch (WEXITSTATUS(facts.wait_status)) {
    case 0:
    case 1:
      return EndReason::kDone;
    case 2:
      return EndReason::kRefused;
    case 3:
      return EndReason::kInterrupted;
    default:
      return EndReason::kCrashed;
  }
}

std::string WaitStatusText(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return fmt::format("exit code {}", WEXITSTATUS(wait_status));
  const int signal = WTERMSIG(wait_status);
  const char* name = sigdescr_np(signal);
  return fmt::format("signal {} ({})", signal, name == nullptr ? "unknown" : name);
}

}  // namespace sightline::study
