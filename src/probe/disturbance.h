// The counters a Disturbance is the difference of.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/flow/machine.h"
#include "src/probe/cgroup.h"
#include "src/probe/sensors.h"
#include "src/probe/tree.h"

namespace sightline::probe {

// Time of the allowed cores since the machine started, in clock ticks (proc(5), /proc/stat).
struct CoreTicks {
  int64_t busy = 0;  // user, nice, system, irq, softirq
  int64_t idle = 0;  // idle, iowait
  int64_t steal = 0;
};
// Absent if none of `cores` is listed.
std::optional<CoreTicks> SumCoreTicks(std::string_view proc_stat, const std::vector<int>& cores);

// What the machine tells.
struct MachineCounters {
  std::optional<CoreTicks> ticks;
  std::optional<int64_t> swap_in_pages;
  std::optional<int64_t> swap_out_pages;
  std::optional<int64_t> thermal_throttles;
  std::optional<CgroupThrottling> cgroup;
  std::optional<double> temperature_c;
  std::optional<double> frequency_mhz;
  std::vector<std::optional<int64_t>> energy_uj;
};

// What the kernel tells about this process.
struct ProcessCounters {
  int64_t wall_ns = 0;      // of the steady clock
  int64_t cpu_time_ns = 0;  // all threads, user and system
  int64_t voluntary_context_switches = 0;
  int64_t involuntary_context_switches = 0;
  int64_t major_page_faults = 0;
  int64_t peak_memory_bytes = 0;
};

// Where the counters are: found once, read twice.
struct CounterPlaces {
  std::vector<int> cores;
  CgroupFolders cgroup;
  Sensors sensors;
};
CounterPlaces FindCounters(const Tree& tree);

MachineCounters ReadMachineCounters(const Tree& tree, const CounterPlaces& places);
ProcessCounters ReadProcessCounters(const Tree& tree);

struct Counters {
  MachineCounters machine;
  ProcessCounters process;
};
// `ticks_per_second` is the unit of CoreTicks: sysconf(_SC_CLK_TCK).
Disturbance Between(const Counters& begin, const Counters& end, const Sensors& sensors,
                    int64_t ticks_per_second);

}  // namespace sightline::probe
