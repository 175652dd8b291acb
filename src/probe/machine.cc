#include <sys/utsname.h>

#include "src/probe/cgroup.h"
#include "src/probe/cpu.h"
#include "src/probe/probe.h"
#include "src/probe/sensors.h"
#include "src/probe/tree.h"

namespace sightline::probe {
namespace {

constexpr int64_t kAddressesNotRandomized =
    0x0040000;  // ADDR_NO_RANDOMIZE of personality(2), set by `setarch -R`

void ReadMemory(const Tree& tree, MachineFacts& facts) {
  const std::string meminfo = tree.Text("/proc/meminfo").value_or("");
  facts.memory_total_bytes = KilobytesOf(meminfo, "MemTotal");
  facts.memory_available_bytes = KilobytesOf(meminfo, "MemAvailable");
  facts.swap_total_bytes = KilobytesOf(meminfo, "SwapTotal");
}

std::optional<double> ReadLoad(const Tree& tree) {
  const std::string text = tree.Text("/proc/loadavg").value_or("");  // "4.12 3.78 2.26 9/137 18092"
  return ParseDecimal(text.substr(0, text.find(' ')));
}

std::string ReadDistribution(const Tree& tree) {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    std::string name = ValueOf(tree.Text(path).value_or(""), "PRETTY_NAME", '=').value_or("");
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    if (!name.empty()) return name;
  }
  return {};
}

std::string ReadArchitecture(const Tree& tree) {
  if (auto name = tree.Word("/proc/sys/kernel/arch")) return *std::move(name);  // since Linux 6.1
  utsname names{};
  return tree.is_this_machine() && uname(&names) == 0 ? names.machine : "";
}

std::optional<bool> ReadAslr(const Tree& tree) {
  const auto setting = tree.Integer("/proc/sys/kernel/randomize_va_space");
  if (!setting) return std::nullopt;
  const std::string personality = tree.Word("/proc/self/personality").value_or("0");  // "00400000"
  const bool switched_off = (ParseHexadecimal(personality).value_or(0) & kAddressesNotRandomized) != 0;
  return *setting != 0 && !switched_off;
}

void ReadSystem(const Tree& tree, MachineFacts& facts) {
  facts.architecture = ReadArchitecture(tree);
  facts.kernel = tree.Word("/proc/sys/kernel/osrelease").value_or("");
  facts.distribution = ReadDistribution(tree);
  facts.clocksource =
      tree.Word("/sys/devices/system/clocksource/clocksource0/current_clocksource").value_or("");
  facts.aslr = ReadAslr(tree);
  facts.load_average_1min = ReadLoad(tree);
}

}  // namespace

MachineFacts ProbeMachine(const ProbeRoot& root) {
  const Tree tree(root.path);
  MachineFacts facts;
  ReadProcessor(tree, facts);
  ReadMemory(tree, facts);
  ReadSystem(tree, facts);
  const CgroupFolders cgroup = FindCgroup(tree);
  facts.cgroup_cpu_limit = CgroupCpuLimit(tree, cgroup);
  facts.cgroup_memory_limit_bytes = CgroupMemoryLimit(tree, cgroup);
  const Sensors sensors = FindSensors(tree);
  facts.temperature_sensors = DescribeTemperatures(sensors);
  facts.energy_sensors = DescribeEnergy(tree, sensors);
  return facts;
}

}  // namespace sightline::probe
