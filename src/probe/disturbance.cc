#include "src/probe/disturbance.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/probe/cpu.h"
#include "src/probe/probe.h"

namespace sightline::probe {
namespace {

// "cpu3 66042 0 12175 215356 420 0 23 397 0 0": user, nice, system, idle, iowait, irq, softirq, steal, and
// two that are part of user and nice already.
std::optional<CoreTicks> ParseCoreLine(const std::vector<std::string_view>& words) {
  constexpr size_t kColumns = 8;
  if (words.size() <= kColumns) return std::nullopt;
  std::array<int64_t, kColumns> ticks{};
  for (size_t i = 0; i < kColumns; ++i) {
    const auto value = ParseCount(words[i + 1]);
    if (!value) return std::nullopt;
    ticks[i] = *value;
  }
  const auto [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
  return CoreTicks{.busy = user + nice + system + irq + softirq, .idle = idle + iowait, .steal = steal};
}

bool IsOneOf(std::string_view name, const std::vector<int>& cores) {
  if (!name.starts_with("cpu") || name.size() == 3) return false;
  const auto core = ParseCount(name.substr(3));
  return core && std::find(cores.begin(), cores.end(), *core) != cores.end();
}

// Each hardware thread counts for itself, so siblings count the same event.
std::optional<int64_t> SumThermalThrottles(const Tree& tree, const std::vector<int>& cores) {
  std::optional<int64_t> sum;
  for (const int core : cores) {
    const auto count = tree.Count(CoreFolder(core) + "thermal_throttle/core_throttle_count");
    if (count) sum = sum.value_or(0) + *count;
  }
  return sum;
}

std::optional<double> MeanFrequencyMhz(const Tree& tree, const std::vector<int>& cores) {
  double sum = 0;
  int count = 0;
  for (const int core : cores) {
    const auto mhz = DriverFrequencyMhz(tree, core);
    if (!mhz) continue;
    sum += *mhz;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

std::optional<int64_t> CountOf(std::string_view vmstat, std::string_view key) {
  return ParseCount(ValueOf(vmstat, key, ' ').value_or(""));
}

int64_t ProcessCpuNs() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::optional<int64_t> Increase(const std::optional<int64_t>& begin, const std::optional<int64_t>& end) {
  if (!begin || !end) return std::nullopt;
  return std::max<int64_t>(*end - *begin, 0);
}

// Shares of the allowed cores' time. Idle time may be seen to run backwards (proc(5) about iowait), hence the
// bounds.
void FillShares(const CoreTicks& begin, const CoreTicks& end, double own_ticks, Disturbance& disturbance) {
  const auto busy = static_cast<double>(std::max<int64_t>(end.busy - begin.busy, 0));
  const auto idle = static_cast<double>(std::max<int64_t>(end.idle - begin.idle, 0));
  const auto steal = static_cast<double>(std::max<int64_t>(end.steal - begin.steal, 0));
  const double total = busy + idle + steal;
  if (total <= 0) return;
  disturbance.steal_fraction = steal / total;
  disturbance.other_cpu_fraction = std::clamp(busy - own_ticks, 0.0, total) / total;
}

void FillMachine(const MachineCounters& begin, const MachineCounters& end, Disturbance& disturbance) {
  disturbance.swap_in_pages = Increase(begin.swap_in_pages, end.swap_in_pages);
  disturbance.swap_out_pages = Increase(begin.swap_out_pages, end.swap_out_pages);
  disturbance.throttle_count = Increase(begin.thermal_throttles, end.thermal_throttles);
  if (begin.cgroup && end.cgroup) {
    disturbance.cgroup_throttle_count = Increase(begin.cgroup->periods, end.cgroup->periods);
    disturbance.cgroup_throttled_ns = Increase(begin.cgroup->time_ns, end.cgroup->time_ns);
  }
  disturbance.temperature_begin_c = begin.temperature_c;
  disturbance.temperature_end_c = end.temperature_c;
  disturbance.frequency_begin_mhz = begin.frequency_mhz;
  disturbance.frequency_end_mhz = end.frequency_mhz;
}

void FillProcess(const ProcessCounters& begin, const ProcessCounters& end, Disturbance& disturbance) {
  disturbance.wall_ns = end.wall_ns - begin.wall_ns;
  disturbance.cpu_time_ns = end.cpu_time_ns - begin.cpu_time_ns;
  disturbance.voluntary_context_switches = end.voluntary_context_switches - begin.voluntary_context_switches;
  disturbance.involuntary_context_switches =
      end.involuntary_context_switches - begin.involuntary_context_switches;
  disturbance.major_page_faults = end.major_page_faults - begin.major_page_faults;
  disturbance.peak_memory_bytes = end.peak_memory_bytes;
  disturbance.peak_memory_before_bytes = begin.peak_memory_bytes;
}

}  // namespace

std::optional<CoreTicks> SumCoreTicks(std::string_view proc_stat, const std::vector<int>& cores) {
  std::optional<CoreTicks> sum;
  ForEachLine(proc_stat, [&](std::string_view line) {
    if (!line.starts_with("cpu")) return;  // the line of interrupts is long
    const std::vector<std::string_view> words = Words(line);
    if (!IsOneOf(words.front(), cores)) return;
    const auto ticks = ParseCoreLine(words);
    if (!ticks) return;
    sum = sum.value_or(CoreTicks{});
    sum->busy += ticks->busy;
    sum->idle += ticks->idle;
    sum->steal += ticks->steal;
  });
  return sum;
}

CounterPlaces FindCounters(const Tree& tree) {
  return {.cores = ReadAllowedCores(tree), .cgroup = FindCgroup(tree), .sensors = FindSensors(tree)};
}

MachineCounters ReadMachineCounters(const Tree& tree, const CounterPlaces& places) {
  const std::string vmstat = tree.Text("/proc/vmstat").value_or("");
  return {.ticks = SumCoreTicks(tree.Text("/proc/stat").value_or(""), places.cores),
          .swap_in_pages = CountOf(vmstat, "pswpin"),
          .swap_out_pages = CountOf(vmstat, "pswpout"),
          .thermal_throttles = SumThermalThrottles(tree, places.cores),
          .cgroup = ReadCgroupThrottling(tree, places.cgroup),
          .temperature_c = HottestCelsius(tree, places.sensors),
          .frequency_mhz = MeanFrequencyMhz(tree, places.cores),
          .energy_uj = ReadEnergy(tree, places.sensors)};
}

ProcessCounters ReadProcessCounters(const Tree& tree) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  // ru_maxrss is only the second choice: it is handed on through exec, so it may be the size of a large
  // parent.
  const auto peak = KilobytesOf(tree.Text("/proc/self/status").value_or(""), "VmHWM");
  return {.wall_ns = SteadyClock().NowNs(),
          .cpu_time_ns = ProcessCpuNs(),
          .voluntary_context_switches = usage.ru_nvcsw,
          .involuntary_context_switches = usage.ru_nivcsw,
          .major_page_faults = usage.ru_majflt,
          .peak_memory_bytes = peak.value_or(int64_t{usage.ru_maxrss} * 1024)};
}

Disturbance Between(const Counters& begin, const Counters& end, const Sensors& sensors,
                    int64_t ticks_per_second) {
  Disturbance disturbance;
  FillProcess(begin.process, end.process, disturbance);
  FillMachine(begin.machine, end.machine, disturbance);
  if (begin.machine.ticks && end.machine.ticks) {
    const double own_ticks =
        static_cast<double>(disturbance.cpu_time_ns) * static_cast<double>(ticks_per_second) / 1e9;
    FillShares(*begin.machine.ticks, *end.machine.ticks, own_ticks, disturbance);
  }
  disturbance.energy_j = EnergyBetween(sensors, begin.machine.energy_uj, end.machine.energy_uj);
  return disturbance;
}

struct DisturbanceProbe::State {
  Tree tree;
  CounterPlaces places;
  Counters begin;
};

DisturbanceProbe::DisturbanceProbe(ProbeRoot root) {
  const Tree tree(std::move(root.path));
  CounterPlaces places = FindCounters(tree);
  // The process comes last here and first in End, so that the reading itself is not measured.
  MachineCounters machine = ReadMachineCounters(tree, places);
  const ProcessCounters process = ReadProcessCounters(tree);
  state_ = std::make_unique<State>(State{tree, std::move(places), {std::move(machine), process}});
}

DisturbanceProbe::~DisturbanceProbe() = default;
DisturbanceProbe::DisturbanceProbe(DisturbanceProbe&&) noexcept = default;
DisturbanceProbe& DisturbanceProbe::operator=(DisturbanceProbe&&) noexcept = default;

Disturbance DisturbanceProbe::End() const {
  const ProcessCounters process = ReadProcessCounters(state_->tree);
  const Counters end{ReadMachineCounters(state_->tree, state_->places), process};
  return Between(state_->begin, end, state_->places.sensors, sysconf(_SC_CLK_TCK));
}

}  // namespace sightline::probe
