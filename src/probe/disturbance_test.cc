#include "src/probe/disturbance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "src/probe/fake_tree.h"
#include "src/probe/probe.h"

namespace sightline::probe {
namespace {

constexpr int64_t kTicksPerSecond = 100;

Counters WithTicks(CoreTicks ticks, int64_t cpu_time_ns = 0) {
  Counters counters;
  counters.machine.ticks = ticks;
  counters.process.cpu_time_ns = cpu_time_ns;
  return counters;
}

TEST(SumCoreTicks, AddsTheAllowedCoresOnly) {
  const std::string_view stat =
      "cpu  111 222 333 444 555 666 777 888 0 0\n"
      "cpu0 1 2 3 10 20 4 5 7 100 100\n"
      "cpu1 1000 0 0 0 0 0 0 0 0 0\n"
      "cpu2 10 0 0 100 0 0 0 1 0 0\n"
      "intr 1 2 3\n";
  const auto ticks = SumCoreTicks(stat, {0, 2});
  ASSERT_TRUE(ticks.has_value());
  EXPECT_EQ(ticks->busy,
            1 + 2 + 3 + 4 + 5 + 10);  // guest time, the last two columns, is part of user and nice
  EXPECT_EQ(ticks->idle, 10 + 20 + 100);
  EXPECT_EQ(ticks->steal, 8);
}

TEST(SumCoreTicks, GarbageAndMissingCoresAreAbsent) {
  for (const char* stat : {"", "cpu", "cpu0", "cpu0 1 2 3", "cpu0 1 2 3 x 5 6 7 8", "cpux 1 2 3 4 5 6 7 8",
                           "cpu1 1 1 1 1 1 1 1 1"}) {
    EXPECT_FALSE(SumCoreTicks(stat, {0}).has_value()) << stat;
  }
}

TEST(Between, SharesAreOfTheAllowedCoresTime) {
  // In 4 s on one core: 2 s busy, 1.2 s of them this process; 1 s stolen, 1 s idle.
  const Disturbance d =
      Between(WithTicks({.busy = 1000, .idle = 500, .steal = 10}, 5'000'000'000),
              WithTicks({.busy = 1200, .idle = 600, .steal = 110}, 6'200'000'000), {}, kTicksPerSecond);
  EXPECT_EQ(d.cpu_time_ns, 1'200'000'000);
  ASSERT_TRUE(d.steal_fraction && d.other_cpu_fraction);
  EXPECT_DOUBLE_EQ(*d.steal_fraction, 0.25);
  EXPECT_DOUBLE_EQ(*d.other_cpu_fraction, 0.2);
}

TEST(Between, SharesStayInRangeWhenTicksAreCoarseOrRunBackwards) {
  const Disturbance coarse =
      Between(WithTicks({.busy = 0, .idle = 0}), WithTicks({.busy = 3, .idle = 1}, 38'000'000), {},
              kTicksPerSecond);  // 3.8 ticks of ours in 3 seen
  EXPECT_EQ(coarse.other_cpu_fraction, 0);
  const Disturbance backwards =
      Between(WithTicks({.busy = 0, .idle = 50}), WithTicks({.busy = 4, .idle = 40}), {}, kTicksPerSecond);
  EXPECT_EQ(backwards.other_cpu_fraction, 1);
  EXPECT_EQ(backwards.steal_fraction, 0);
}

TEST(Between, SharesOfNoTimeAreAbsent) {
  const Disturbance d = Between(WithTicks({.busy = 7}), WithTicks({.busy = 7}), {}, kTicksPerSecond);
  EXPECT_FALSE(d.steal_fraction.has_value());
  EXPECT_FALSE(d.other_cpu_fraction.has_value());
}

TEST(Between, SubtractsTheProcessesCounters) {
  Counters begin;
  begin.process = {100, 10, 1, 2, 3, 4096};
  Counters end;
  end.process = {900, 510, 11, 22, 33, 8192};
  const Disturbance d = Between(begin, end, {}, kTicksPerSecond);
  EXPECT_EQ(d.wall_ns, 800);
  EXPECT_EQ(d.cpu_time_ns, 500);
  EXPECT_EQ(d.voluntary_context_switches, 10);
  EXPECT_EQ(d.involuntary_context_switches, 20);
  EXPECT_EQ(d.major_page_faults, 30);
  EXPECT_EQ(d.peak_memory_before_bytes, 4096);
  EXPECT_EQ(d.peak_memory_bytes, 8192);
}

TEST(Between, WhatEitherEndLacksIsAbsent) {
  Counters begin;
  begin.machine.swap_in_pages = 1;
  Counters end;
  end.machine.swap_out_pages = 1;
  end.machine.cgroup = CgroupThrottling{};
  end.machine.temperature_c = 50;
  const Disturbance d = Between(begin, end, {}, kTicksPerSecond);
  EXPECT_FALSE(d.swap_in_pages || d.swap_out_pages || d.throttle_count);
  EXPECT_FALSE(d.cgroup_throttle_count || d.cgroup_throttled_ns || d.energy_j);
  EXPECT_FALSE(d.temperature_begin_c.has_value());
  EXPECT_EQ(d.temperature_end_c, 50);
}

void PutCounters(FakeTree& fake, const std::string& swap_in, const std::string& throttles,
                 const std::string& celsius, const std::string& kilohertz, const std::string& energy_uj) {
  fake.Put("/proc/vmstat", "pswpin " + swap_in + "\npswpout 7\n");
  for (const char* core : {"cpu0", "cpu1"}) {
    const std::string folder = std::string("/sys/devices/system/cpu/") + core;
    fake.Put(folder + "/thermal_throttle/core_throttle_count", throttles);
    fake.Put(folder + "/cpufreq/scaling_cur_freq", kilohertz);
  }
  fake.Put("/sys/class/hwmon/hwmon0/name", "coretemp")
      .Put("/sys/class/hwmon/hwmon0/temp1_input", celsius + "000");
  fake.Put("/sys/class/powercap/intel-rapl:0/name", "package-0");
  fake.Put("/sys/class/powercap/intel-rapl:0/energy_uj", energy_uj);
}

TEST(DisturbanceProbe, ComparesAMachineWithSensorsBeforeAndAfter) {
  FakeTree fake;
  fake.Put("/proc/self/status", "VmHWM:\t 1000 kB\nCpus_allowed_list:\t0-1\n");
  fake.Put("/proc/stat", "cpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\n");
  PutCounters(fake, "5", "2", "48", "3000000", "1000000");
  const DisturbanceProbe probe(fake.root());
  fake.Put("/proc/self/status", "VmHWM:\t 3000 kB\nCpus_allowed_list:\t0-1\n");
  fake.Put("/proc/stat", "cpu0 0 0 0 900000 0 0 0 0\ncpu1 0 0 0 600000 0 0 0 300000\n");
  PutCounters(fake, "9", "5", "91", "2200000", "41000000");
  const Disturbance d = probe.End();
  EXPECT_EQ(d.swap_in_pages, 4);
  EXPECT_EQ(d.swap_out_pages, 0);
  EXPECT_EQ(d.throttle_count, 6);
  EXPECT_EQ(d.temperature_begin_c, 48);
  EXPECT_EQ(d.temperature_end_c, 91);
  EXPECT_EQ(d.frequency_begin_mhz, 3000);
  EXPECT_EQ(d.frequency_end_mhz, 2200);
  EXPECT_EQ(d.energy_j, 40);
  ASSERT_TRUE(d.steal_fraction.has_value());
  EXPECT_DOUBLE_EQ(*d.steal_fraction, 300000.0 / 1800000.0);
  EXPECT_EQ(d.peak_memory_before_bytes, 1000 * 1024);
  EXPECT_EQ(d.peak_memory_bytes, 3000 * 1024);
}

TEST(DisturbanceProbe, AnEmptyTreeLeavesWhatTheProcessKnowsItself) {
  const FakeTree fake;
  DisturbanceProbe probe(fake.root());
  const DisturbanceProbe moved = std::move(probe);
  const Disturbance d = moved.End();
  EXPECT_FALSE(d.steal_fraction || d.other_cpu_fraction || d.swap_in_pages || d.swap_out_pages ||
               d.throttle_count);
  EXPECT_FALSE(d.temperature_begin_c || d.temperature_end_c || d.frequency_begin_mhz || d.energy_j);
  EXPECT_GT(d.peak_memory_bytes, 0);
}

TEST(DisturbanceProbe, SeesTheMemoryAndTheTimeOfThisProcess) {
  const DisturbanceProbe probe;
  constexpr size_t kBytes = size_t{64} << 20;
  const std::vector<char> memory(kBytes, 1);
  // Spins until the process clock has moved, however busy the machine is.
  while (probe.End().cpu_time_ns <= 0) {
  }
  const Disturbance d = probe.End();
  EXPECT_EQ(memory[kBytes / 2], 1);
  EXPECT_GT(d.wall_ns, 0);
  EXPECT_GT(d.peak_memory_bytes, static_cast<int64_t>(kBytes));
  EXPECT_GE(d.peak_memory_bytes, d.peak_memory_before_bytes);
}

}  // namespace
}  // namespace sightline::probe
