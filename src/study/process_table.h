// The machine's processes as /proc shows them (proc(5)), as far as ending and watching a group of them needs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::study {

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
  bool is_zombie = false;
  uint64_t start_ticks = 0;  // since boot; with the id, names a process for good
};

// Of /proc/PID/stat's text; absent when it has another form.
std::optional<ProcessEntry> ParseProcessStat(std::string_view text);

// All processes this one can see; those that end meanwhile are left out.
std::vector<ProcessEntry> ReadProcessTable();

// Resident memory in bytes; 0 of a process that is gone. Pages shared with others count in full.
int64_t ResidentBytes(pid_t pid);
// The same with shared pages divided among those who share them; slower, since the kernel walks the page
// tables. Absent where it is not to be had.
std::optional<int64_t> ProportionalBytes(pid_t pid);
// The most that was ever resident.
std::optional<int64_t> PeakResidentBytes(pid_t pid);

// Whether the environment a process was started with has the entry "KEY=VALUE".
bool EnvironmentHolds(pid_t pid, std::string_view entry);

// How many processes the kernel has killed for want of memory since boot, control groups' limits included.
// Absent where the kernel does not count (before 4.13).
std::optional<int64_t> KernelOomKills();

}  // namespace sightline::study
