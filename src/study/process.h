// The processes of one replicate: started together, watched, ended together, so that nothing of them stays
// behind.
//
//     ProcessGroup group({.deadline = std::chrono::minutes(5), .memory_bytes = int64_t{8} << 30});
//     if (Status status = group.Start({.name = "run", .argv = {"sightline", "run", ...}}); !status.ok()) ...
//     const GroupOutcome outcome = group.Wait(stop);
//
// While it waits it sleeps in poll(2) on pidfds and pipes: it wakes for output, for the end of a process, and
// once a second to look at the memory (more often only while the memory grows so fast that it would pass the
// limit within that second). The members of a group are its processes, whatever they started, and whatever
// those left to init: this process becomes their reaper (prctl(2), PR_SET_CHILD_SUBREAPER) while a group
// exists. Descendants are known by parent, by session and by an entry SIGHTLINE_GROUP in their environment;
// one that hides from all three at once, its parents dead, is missed. If this process is killed, the kernel
// kills the group's own processes but not what they started.
//
// One group at a time in a process; all calls from one thread, which must live as long as the group
// (src/study/spawn.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/study/end_reason.h"

namespace sightline::study {

struct ProcessSpec {
  std::string name;               // for messages: "run", "server"
  std::vector<std::string> argv;  // argv[0] is looked for in PATH when it has no slash
  std::vector<std::pair<std::string, std::string>> environment;  // added to this process's, replacing
  std::string working_folder;                                    // "": this process's
  std::string stderr_file;  // all of stderr goes there too; "": only its tail is kept
  bool is_helper = false;   // a server, a link: ended once all that are no helpers are done
};

struct GroupLimits {
  Nanoseconds deadline = std::chrono::minutes(10);  // from the group's making
  // Resident memory of all members together. Pages they share count once (smaps_rollup's Pss, asked for only
  // when the plain sum is above the limit).
  std::optional<int64_t> memory_bytes;
  Nanoseconds grace = std::chrono::seconds(5);  // between SIGTERM and SIGKILL
};

struct ProcessOutcome {
  std::string name;
  EndReason reason = EndReason::kNotStarted;
  std::optional<int> exit_code;  // absent when a signal ended it, or it never ran
  std::optional<int> signal;
  std::string sentence;  // in words: "took more than 300 s", "exit code 2: sightline run: no model 'x'"
  // Resident, of this process. Absent where it ended before it was looked at and stayed below our own, which
  // getrusage(2) can't tell from it.
  std::optional<int64_t> peak_memory_bytes;
  Nanoseconds wall{};
  std::string stdout_tail;  // last 4 KiB, cut at a line, valid UTF-8
  std::string stderr_tail;
};

struct GroupOutcome {
  std::vector<ProcessOutcome> processes;  // in the order started
  Nanoseconds wall{};
  int64_t peak_memory_bytes = 0;  // of all members together, as far as the watch saw it
  int left_behind = 0;            // descendants that outlived a group that was done, and were ended

  // The first that did not end well and is no consequence of another's end; else the first.
  const ProcessOutcome& decisive() const;
};

class ProcessGroup {
 public:
  explicit ProcessGroup(GroupLimits limits);
  // Ends what still runs (SIGKILL) and reaps it.
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  // Fails when the program can't be executed; the outcome then says kNotStarted and Wait ends the others.
  Status Start(const ProcessSpec& spec);

  // Waits until all but helpers have ended, the deadline or the memory limit is passed, or `stop` is set
  // (noticed at once when a signal interrupts this thread, else within a second); then ends what is
  // left: SIGTERM to the processes started here and to orphans they left, SIGKILL to all after the grace, at
  // once where memory ran out. Call it once.
  GroupOutcome Wait(const std::atomic<bool>& stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::study
