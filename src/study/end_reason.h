// Why a process ended, in the words of the results database.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sightline::study {

enum class EndReason {
  kDone,         // exit code 0, or 1: a finding under --strict
  kRefused,      // exit code 2: wrong use or environment; the last line of stderr says what
  kInterrupted,  // asked to stop, or exit code 3: a partial result was kept
  kCrashed,      // a signal, or an exit code `sightline` does not have
  kTimedOut,     // still running at the deadline
  kOutOfMemory,  // over the memory limit, or killed by the kernel for want of memory
  kNotStarted,   // the program could not be executed
  kEnded,        // ended by us since it was no longer needed: a helper whose group was done
  kBadResult,    // done, but what it left is not a result (decided by the runner)
};
std::string_view EndReasonName(EndReason reason);  // "timed_out"

// What is known when a process has ended.
struct EndFacts {
  int wait_status = 0;                    // of waitpid
  std::optional<EndReason> ended_by_us;   // why we began to end it while it ran
  bool kernel_ran_out_of_memory = false;  // the kernel's count of such kills rose meanwhile
};
EndReason ReasonOf(const EndFacts& facts);

// "exit code 2", "signal 11 (Segmentation fault)".
std::string WaitStatusText(int wait_status);

}  // namespace sightline::study
