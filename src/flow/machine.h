// What a measurement ran on and what disturbed it. Plain data: src/probe fills it, results, tables and JSON
// carry it. A fact the machine does not tell is absent, never zero: a virtual machine seldom has sensors, a
// container no governor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sightline {

// Sizes of the data caches a core sees, in bytes; l2 and l3 may be shared with other cores.
struct CacheSizes {
  std::optional<int64_t> l1d_bytes;
  std::optional<int64_t> l2_bytes;
  std::optional<int64_t> l3_bytes;
};

// Of the first allowed core, in MHz.
struct CoreFrequency {
  std::optional<double> min_mhz;  // what the hardware can do
  std::optional<double> max_mhz;
  std::optional<double> now_mhz;
};

// The machine as it stood before a run. Texts are as the kernel gives them; "" where it gives none.
struct MachineFacts {
  std::string cpu_model;     // "Intel(R) Core(TM) i7-1185G7 @ 3.00GHz"
  std::string cpu_vendor;    // "GenuineIntel", "ARM"
  std::string architecture;  // "x86_64", "aarch64"
  // The instruction sets inference libraries choose their kernels by, in the names of /proc/cpuinfo ("avx2",
  // "asimddp").
  std::vector<std::string> cpu_features;

  std::optional<int> sockets;
  std::optional<int> cores;                // physical
  std::optional<int> hardware_threads;     // online
  std::vector<int> allowed_cores;          // hardware threads the affinity mask allows, ascending
  std::optional<double> cgroup_cpu_limit;  // CPU quota of the container, in cores; absent: no limit

  CacheSizes caches;  // of the first allowed core
  CoreFrequency frequency;
  std::optional<std::string> governor;  // of the first allowed core: "performance", "powersave", "schedutil"
  std::optional<bool> boost;            // whether the processor may clock above its base frequency

  std::optional<int64_t> memory_total_bytes;
  std::optional<int64_t> memory_available_bytes;
  std::optional<int64_t> cgroup_memory_limit_bytes;  // absent: no limit
  std::optional<int64_t> swap_total_bytes;
  std::optional<double> load_average_1min;  // runnable and uninterruptible tasks, mean over the last minute

  std::string kernel;        // "6.1.0-28-amd64"
  std::string distribution;  // "Debian GNU/Linux 12 (bookworm)"
  std::string hypervisor;    // "KVM", "hypervisor of unknown make"; "" = none seen
  std::string clocksource;   // "tsc"
  std::optional<bool>
      aslr;  // whether addresses change from process to process, a source of run-to-run difference

  // In words, for people: "2 sensors: coretemp, acpitz"; "no sensor".
  std::string temperature_sensors;
  std::string energy_sensors;  // "RAPL: package-0"; "no sensor"; "RAPL, not readable by this user"
};

// What happened between the begin and the end of a run, to this process and around it.
struct Disturbance {
  int64_t wall_ns = 0;
  int64_t cpu_time_ns = 0;  // of this process, all threads, user and system

  // Share of the allowed cores' time that the hypervisor gave to others, 0..1.
  std::optional<double> steal_fraction;
  // Share of the allowed cores' time that was spent on anything but this process, 0..1 (clock ticks: coarse
  // when short).
  std::optional<double> other_cpu_fraction;

  int64_t voluntary_context_switches = 0;
  int64_t involuntary_context_switches = 0;  // the scheduler took the core away
  int64_t major_page_faults = 0;             // waited for a disk
  std::optional<int64_t> swap_in_pages;      // whole machine
  std::optional<int64_t> swap_out_pages;

  std::optional<int64_t> throttle_count;  // times the allowed cores lowered their clock for heat (Intel)
  std::optional<int64_t> cgroup_throttle_count;  // periods in which the container's CPU quota ran out
  std::optional<int64_t> cgroup_throttled_ns;    // time threads stood still for it

  std::optional<double> temperature_begin_c;  // hottest sensor, degrees Celsius
  std::optional<double> temperature_end_c;
  std::optional<double> energy_j;             // all processor packages together, other processes included
  std::optional<double> frequency_begin_mhz;  // mean of the allowed cores
  std::optional<double> frequency_end_mhz;

  int64_t peak_memory_bytes = 0;         // peak resident memory of the process since it began
  int64_t peak_memory_before_bytes = 0;  // the same at the begin of the run
};

}  // namespace sightline
