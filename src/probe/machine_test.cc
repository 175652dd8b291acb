#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/probe/fake_tree.h"
#include "src/probe/hypervisor.h"
#include "src/probe/probe.h"

namespace sightline::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kCpus = "/sys/devices/system/cpu/";

void PutCache(FakeTree& fake, int core, int index, const char* level, const char* type, const char* size) {
  const std::string folder =
      kCpus + "cpu" + std::to_string(core) + "/cache/index" + std::to_string(index) + "/";
  fake.Put(folder + "level", level).Put(folder + "type", type).Put(folder + "size", size);
}

void PutTopology(FakeTree& fake, int core, const char* package, const char* siblings) {
  const std::string folder = kCpus + "cpu" + std::to_string(core) + "/topology/";
  fake.Put(folder + "physical_package_id", package).Put(folder + "thread_siblings_list", siblings);
}

// Two cores of two hardware threads each, held to the second core.
void PutLaptop(FakeTree& fake) {
  fake.Put("/proc/cpuinfo",
           "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: 11th Gen Intel(R) Core(TM) i7-1185G7 @ "
           "3.00GHz\n"
           "cpu MHz\t\t: 1200.000\nflags\t\t: fpu sse4_2 avx2 fma f16c avx512f avx512_vnni avx2x\n\n"
           "processor\t: 1\nvendor_id\t: GenuineIntel\n");
  fake.Put("/proc/self/status", "Name:\tcat\nCpus_allowed:\ta\nCpus_allowed_list:\t1,3\n");
  fake.Put(kCpus + "online", "0-3\n").Put(kCpus + "intel_pstate/no_turbo", "0\n");
  for (const int core : {0, 2}) PutTopology(fake, core, "0\n", "0,2\n");
  for (const int core : {1, 3}) PutTopology(fake, core, "0\n", "1,3\n");
  PutCache(fake, 1, 0, "1\n", "Data\n", "48K\n");
  PutCache(fake, 1, 1, "1\n", "Instruction\n", "32K\n");
  PutCache(fake, 1, 2, "2\n", "Unified\n", "1280K\n");
  PutCache(fake, 1, 3, "3\n", "Unified\n", "12M\n");
  const std::string driver = kCpus + "cpu1/cpufreq/";
  fake.Put(driver + "scaling_governor", "powersave\n").Put(driver + "cpuinfo_min_freq", "400000\n");
  fake.Put(driver + "cpuinfo_max_freq", "4800000\n").Put(driver + "scaling_cur_freq", "2934567\n");
  fake.Put("/proc/meminfo",
           "MemTotal: 16000000 kB\nMemFree: 1 kB\nMemAvailable: 9000000 kB\nSwapTotal: 0 kB\n");
  fake.Put("/proc/loadavg", "0.52 0.58 0.59 1/467 12345\n").Put("/proc/sys/kernel/arch", "x86_64\n");
  fake.Put("/proc/sys/kernel/osrelease", "6.1.0-28-amd64\n")
      .Put("/proc/sys/kernel/randomize_va_space", "2\n");
  fake.Put("/etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
  fake.Put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
  fake.Put("/sys/class/hwmon/hwmon0/name", "coretemp\n")
      .Put("/sys/class/hwmon/hwmon0/temp1_input", "52000\n");
  fake.Put("/sys/class/powercap/intel-rapl:0/name", "package-0\n");
  fake.Put("/sys/class/powercap/intel-rapl:0/energy_uj", "1000\n");
}

TEST(ProbeMachine, KnowsTheProcessorOfALaptop) {
  FakeTree fake;
  PutLaptop(fake);
  const MachineFacts facts = ProbeMachine(fake.root());
  EXPECT_EQ(facts.cpu_model, "11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz");
  EXPECT_EQ(facts.cpu_vendor, "GenuineIntel");
  EXPECT_EQ(facts.architecture, "x86_64");
  EXPECT_THAT(facts.cpu_features, ElementsAre("sse4_2", "avx2", "fma", "f16c", "avx512f", "avx512_vnni"));
  EXPECT_EQ(facts.sockets, 1);
  EXPECT_EQ(facts.cores, 2);
  EXPECT_EQ(facts.hardware_threads, 4);
  EXPECT_THAT(facts.allowed_cores, ElementsAre(1, 3));
  EXPECT_EQ(facts.caches.l1d_bytes, 48 * 1024);
  EXPECT_EQ(facts.caches.l2_bytes, 1280 * 1024);
  EXPECT_EQ(facts.caches.l3_bytes, 12 * 1024 * 1024);
  EXPECT_EQ(facts.frequency.min_mhz, 400);
  EXPECT_EQ(facts.frequency.max_mhz, 4800);
  EXPECT_EQ(facts.frequency.now_mhz, 2934.567);
  EXPECT_EQ(facts.governor, "powersave");
  EXPECT_EQ(facts.boost, true);
  EXPECT_EQ(facts.hypervisor, "");
}

TEST(ProbeMachine, KnowsTheSystemOfALaptop) {
  FakeTree fake;
  PutLaptop(fake);
  const MachineFacts facts = ProbeMachine(fake.root());
  EXPECT_EQ(facts.memory_total_bytes, int64_t{16'000'000} * 1024);
  EXPECT_EQ(facts.memory_available_bytes, int64_t{9'000'000} * 1024);
  EXPECT_EQ(facts.swap_total_bytes, 0);
  EXPECT_EQ(facts.load_average_1min, 0.52);
  EXPECT_EQ(facts.kernel, "6.1.0-28-amd64");
  EXPECT_EQ(facts.distribution, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(facts.clocksource, "tsc");
  EXPECT_EQ(facts.aslr, true);
  EXPECT_EQ(facts.temperature_sensors, "coretemp");
  EXPECT_EQ(facts.energy_sensors, "RAPL: package-0");
  EXPECT_FALSE(facts.cgroup_cpu_limit.has_value());
  EXPECT_FALSE(facts.cgroup_memory_limit_bytes.has_value());
}

TEST(ProbeMachine, SeesBoostAndAddressRandomizationSwitchedOff) {
  FakeTree fake;
  PutLaptop(fake);
  fake.Put(kCpus + "intel_pstate/no_turbo", "1\n").Put("/proc/self/personality", "00040000\n");
  EXPECT_EQ(ProbeMachine(fake.root()).boost, false);
  EXPECT_EQ(ProbeMachine(fake.root()).aslr, false);
  fake.Remove(kCpus + "intel_pstate");
  fake.Put(kCpus + "cpufreq/boost", "1\n").Put("/proc/self/personality", "00000000\n");
  EXPECT_EQ(ProbeMachine(fake.root()).boost, true);
  EXPECT_EQ(ProbeMachine(fake.root()).aslr, true);
  fake.Put("/proc/sys/kernel/randomize_va_space", "0\n");
  EXPECT_EQ(ProbeMachine(fake.root()).aslr, false);
}

TEST(ProbeMachine, AVirtualMachineHasFewFactsAndClaimsNoMore) {
  FakeTree fake;
  fake.Put("/proc/cpuinfo",
           "vendor_id : AuthenticAMD\nmodel name : AMD EPYC\ncpu MHz : 2445.424\nflags : hypervisor avx2\n");
  fake.Put("/sys/class/dmi/id/sys_vendor", "QEMU\n").Put("/sys/class/dmi/id/product_name", "Standard PC\n");
  fake.Put("/proc/self/mountinfo", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  fake.Put("/proc/self/cgroup", "0::/\n").Put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  fake.Put("/sys/fs/cgroup/memory.max", "1073741824\n");
  const MachineFacts facts = ProbeMachine(fake.root());
  EXPECT_EQ(facts.hypervisor, "QEMU");
  EXPECT_EQ(facts.frequency.now_mhz, 2445.424);
  EXPECT_FALSE(facts.frequency.max_mhz.has_value());
  EXPECT_FALSE(facts.governor.has_value());
  EXPECT_FALSE(facts.boost.has_value());
  EXPECT_EQ(facts.cgroup_cpu_limit, 2.0);
  EXPECT_EQ(facts.cgroup_memory_limit_bytes, int64_t{1} << 30);
  EXPECT_EQ(facts.temperature_sensors, "no sensor");
  EXPECT_EQ(facts.energy_sensors, "no sensor");
}

TEST(ProbeMachine, ReadsTheClockOfACoreItMayUse) {
  FakeTree fake;
  fake.Put("/proc/cpuinfo",
           "processor\t: 0\ncpu MHz\t\t: 800.000\n\nprocessor\t: 1\ncpu MHz\t\t: 3200.000\n");
  fake.Put("/proc/self/status", "Cpus_allowed_list:\t1\n");
  EXPECT_EQ(ProbeMachine(fake.root()).frequency.now_mhz, 3200);
}

TEST(ProbeMachine, NamesBothKindsOfCoresOfAnArmBoard) {
  FakeTree fake;
  fake.Put("/proc/cpuinfo",
           "processor\t: 0\nFeatures\t: fp asimd aes asimdhp asimddp\nCPU implementer\t: 0x41\nCPU part\t: "
           "0xd05\n\n"
           "processor\t: 1\nCPU implementer\t: 0x41\nCPU part\t: 0xd05\n\n"
           "processor\t: 2\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n");
  fake.Put(kCpus + "online", "0-2\n");
  PutTopology(fake, 0, "-1\n", "0\n");  // the board does not say which socket
  PutTopology(fake, 1, "-1\n", "1\n");
  PutTopology(fake, 2, "-1\n", "2\n");
  fake.Put("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
      .Put("/sys/class/thermal/thermal_zone0/temp", "4\n");
  const MachineFacts facts = ProbeMachine(fake.root());
  EXPECT_EQ(facts.cpu_vendor, "ARM");
  EXPECT_EQ(facts.cpu_model, "Cortex-A55 + Cortex-A76");
  EXPECT_THAT(facts.cpu_features, ElementsAre("asimd", "asimdhp", "asimddp"));
  EXPECT_FALSE(facts.sockets.has_value());
  EXPECT_EQ(facts.cores, 3);
  EXPECT_EQ(facts.temperature_sensors, "cpu-thermal");
  EXPECT_EQ(facts.hypervisor, "");
}

TEST(ProbeMachine, GivesTheNumberOfAnArmPartItDoesNotKnow) {
  FakeTree fake;
  fake.Put("/proc/cpuinfo", "CPU implementer : 0x61\nCPU part : 0x022\n");
  EXPECT_EQ(ProbeMachine(fake.root()).cpu_vendor, "Apple");
  EXPECT_EQ(ProbeMachine(fake.root()).cpu_model, "part 0x022");
  fake.Put("/proc/cpuinfo", "CPU implementer : 0x41\nCPU part : 0xfff\n");
  EXPECT_EQ(ProbeMachine(fake.root()).cpu_model, "part 0xfff");
}

void ExpectNothingKnown(const MachineFacts& facts) {
  EXPECT_EQ(facts.cpu_model + facts.cpu_vendor + facts.architecture + facts.hypervisor, "");
  EXPECT_THAT(facts.cpu_features, IsEmpty());
  EXPECT_THAT(facts.allowed_cores, IsEmpty());
  EXPECT_FALSE(facts.sockets || facts.cores || facts.hardware_threads || facts.cgroup_cpu_limit);
  EXPECT_FALSE(facts.caches.l1d_bytes || facts.caches.l2_bytes || facts.caches.l3_bytes);
  EXPECT_FALSE(facts.frequency.min_mhz || facts.frequency.max_mhz || facts.frequency.now_mhz);
  EXPECT_FALSE(facts.boost || facts.aslr || facts.load_average_1min);
  EXPECT_FALSE(facts.memory_total_bytes || facts.memory_available_bytes || facts.swap_total_bytes);
}

TEST(ProbeMachine, AnEmptyTreeGivesNoFacts) {
  const FakeTree fake;
  const MachineFacts facts = ProbeMachine(fake.root());
  ExpectNothingKnown(facts);
  EXPECT_FALSE(facts.governor.has_value());
  EXPECT_EQ(facts.kernel + facts.distribution + facts.clocksource, "");
}

TEST(ProbeMachine, GarbledFilesGiveNoFacts) {
  for (const std::string& garbage :
       {std::string(":\n:::\n"), std::string("\0\xff\n-", 4), std::string("x"), std::string()}) {
    FakeTree fake;
    PutLaptop(fake);
    for (const char* path : {"/proc/cpuinfo", "/proc/self/status", "/proc/meminfo", "/proc/loadavg",
                             "/proc/sys/kernel/randomize_va_space"}) {
      fake.Put(path, garbage);
    }
    fake.Put("/proc/sys/kernel/arch", "");
    for (const char* path : {"online", "intel_pstate/no_turbo", "cpu0/cpufreq/scaling_cur_freq"}) {
      fake.Put(kCpus + path, garbage);
    }
    PutCache(fake, 0, 0, "1", "Data", garbage.c_str());
    ExpectNothingKnown(ProbeMachine(fake.root()));
  }
}

TEST(ProbeMachine, KnowsThisMachine) {
  const MachineFacts facts = ProbeMachine();
  EXPECT_NE(facts.architecture, "");
  EXPECT_NE(facts.kernel, "");
  EXPECT_GT(facts.memory_total_bytes.value_or(0), 0);
  EXPECT_FALSE(facts.allowed_cores.empty());
}

TEST(FindHypervisor, GoesByFirmwareThenByTheProcessorsFlag) {
  FakeTree fake;
  EXPECT_EQ(FindHypervisor(fake.tree(), false), "");
  EXPECT_EQ(FindHypervisor(fake.tree(), true), "hypervisor of unknown make");
  fake.Put("/sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n");
  fake.Put("/sys/class/dmi/id/product_name", "Virtual Machine\n");
  EXPECT_EQ(FindHypervisor(fake.tree(), true), "Hyper-V");
  fake.Put("/sys/class/dmi/id/product_name", "Surface Laptop\n");
  EXPECT_EQ(FindHypervisor(fake.tree(), false), "");
  fake.Put("/sys/hypervisor/type", "xen\n");
  EXPECT_EQ(FindHypervisor(fake.tree(), false), "Xen");
}

TEST(FindHypervisor, TellsAWholeMachineOfACloudFromAVirtualOne) {
  FakeTree fake;
  fake.Put("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
      .Put("/sys/class/dmi/id/product_name", "m6g.large\n");
  EXPECT_EQ(FindHypervisor(fake.tree(), false), "Amazon EC2");
  fake.Put("/sys/class/dmi/id/product_name", "m6g.metal\n");
  EXPECT_EQ(FindHypervisor(fake.tree(), false), "");
}

TEST(FindHypervisor, BelievesTheDeviceTreeOfAnArmGuest) {
  FakeTree fake;
  fake.Put("/proc/device-tree/hypervisor/compatible", std::string("linux,kvm\0", 10));
  EXPECT_EQ(FindHypervisor(fake.tree(), false), "hypervisor of unknown make");
}

}  // namespace
}  // namespace sightline::probe
