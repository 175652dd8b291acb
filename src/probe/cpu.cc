#include "src/probe/cpu.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "src/base/text.h"
#include "src/probe/hypervisor.h"

namespace sightline::probe {
namespace {

const std::string kCpus = "/sys/devices/system/cpu/";

// What inference libraries pick their kernels by; x86, then ARM.
constexpr std::string_view kFeaturesOfInterest[] = {
    "sse4_2",   "avx",         "avx2",        "fma",         "f16c",     "avx_vnni", "avx512f",  "avx512bw",
    "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "neon",
    "asimd",    "asimdhp",     "asimddp",     "i8mm",        "bf16",     "sve",      "sve2",
};

// ARM processors tell numbers instead of names. Those of Linux's arch/arm64/include/asm/cputype.h.
struct ArmName {
  std::string_view number;
  std::string_view name;
};
constexpr ArmName kArmImplementers[] = {{"0x41", "ARM"},      {"0x42", "Broadcom"},  {"0x43", "Cavium"},
                                        {"0x46", "Fujitsu"},  {"0x48", "HiSilicon"}, {"0x4e", "NVIDIA"},
                                        {"0x51", "Qualcomm"}, {"0x61", "Apple"},     {"0x6d", "Microsoft"},
                                        {"0xc0", "Ampere"}};
// Parts of implementer 0x41.
constexpr ArmName kArmParts[] = {
    {"0xc07", "Cortex-A7"},   {"0xc09", "Cortex-A9"},   {"0xc0f", "Cortex-A15"},  {"0xd03", "Cortex-A53"},
    {"0xd04", "Cortex-A35"},  {"0xd05", "Cortex-A55"},  {"0xd07", "Cortex-A57"},  {"0xd08", "Cortex-A72"},
    {"0xd09", "Cortex-A73"},  {"0xd0a", "Cortex-A75"},  {"0xd0b", "Cortex-A76"},  {"0xd0c", "Neoverse-N1"},
    {"0xd0d", "Cortex-A77"},  {"0xd40", "Neoverse-V1"}, {"0xd41", "Cortex-A78"},  {"0xd42", "Cortex-A78AE"},
    {"0xd44", "Cortex-X1"},   {"0xd46", "Cortex-A510"}, {"0xd47", "Cortex-A710"}, {"0xd48", "Cortex-X2"},
    {"0xd49", "Neoverse-N2"}, {"0xd4d", "Cortex-A715"}, {"0xd4e", "Cortex-X3"},   {"0xd4f", "Neoverse-V2"},
    {"0xd80", "Cortex-A520"}, {"0xd81", "Cortex-A720"}, {"0xd82", "Cortex-X4"}};

template <size_t n>
std::string NameOf(const ArmName (&names)[n], std::string_view number) {
  const auto* found =
      std::find_if(std::begin(names), std::end(names), [&](const auto& a) { return a.number == number; });
  return found == std::end(names) ? "part " + std::string(number) : std::string(found->name);
}

// All different values of `key`, in the order met: a big.LITTLE processor has two kinds of cores.
std::vector<std::string> ValuesOf(std::string_view cpuinfo, std::string_view key) {
  std::vector<std::string> values;
  ForEachLine(cpuinfo, [&](std::string_view line) {
    const auto value = ValueOf(line, key, ':');
    if (value && std::find(values.begin(), values.end(), *value) == values.end()) values.push_back(*value);
  });
  return values;
}

void ReadArmNames(std::string_view cpuinfo, MachineFacts& facts) {
  const auto implementer = ValueOf(cpuinfo, "CPU implementer", ':');
  if (!implementer) return;
  facts.cpu_vendor = NameOf(kArmImplementers, *implementer);
  std::vector<std::string> parts;
  for (const std::string& part : ValuesOf(cpuinfo, "CPU part")) {
    parts.push_back(*implementer == "0x41" ? NameOf(kArmParts, part) : "part " + part);
  }
  if (!parts.empty()) facts.cpu_model = Join(parts, " + ");
}

void ReadNames(std::string_view cpuinfo, MachineFacts& facts) {
  facts.cpu_vendor = ValueOf(cpuinfo, "vendor_id", ':').value_or("");
  // x86, MIPS, RISC-V, POWER.
  for (const std::string_view key : {"model name", "cpu model", "uarch", "cpu"}) {
    if (facts.cpu_model.empty()) facts.cpu_model = ValueOf(cpuinfo, key, ':').value_or("");
  }
  ReadArmNames(cpuinfo, facts);
}

std::string FeatureLine(std::string_view cpuinfo) {
  return ValueOf(cpuinfo, "flags", ':').value_or(ValueOf(cpuinfo, "Features", ':').value_or(""));
}

bool Has(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void ReadTopology(const Tree& tree, MachineFacts& facts) {
  const std::vector<int> online = ParseCoreList(Trimmed(tree.Text(kCpus + "online").value_or("")));
  if (online.empty()) return;
  std::set<int64_t> sockets;
  std::set<std::string> cores;  // told apart by which hardware threads they consist of
  for (const int core : online) {
    const std::string topology = CoreFolder(core) + "topology/";
    const auto socket = tree.Integer(topology + "physical_package_id");
    if (socket && *socket >= 0) sockets.insert(*socket);  // -1: the board does not say
    if (auto threads = tree.Word(topology + "thread_siblings_list")) cores.insert(std::move(*threads));
  }
  facts.hardware_threads = static_cast<int>(online.size());
  if (!sockets.empty()) facts.sockets = static_cast<int>(sockets.size());
  if (!cores.empty()) facts.cores = static_cast<int>(cores.size());
}

// "32K", "8M"
std::optional<int64_t> ParseCacheSize(std::string text) {
  if (text.empty()) return std::nullopt;
  const int64_t unit = text.back() == 'K' ? 1024 : text.back() == 'M' ? 1024 * 1024 : 1;
  if (unit > 1) text.pop_back();
  const auto value = ParseInteger(text);
  if (!value || *value <= 0 || *value > int64_t{1} << 40) return std::nullopt;
  return *value * unit;
}

CacheSizes ReadCaches(const Tree& tree, int core) {
  CacheSizes caches;
  const std::string folder = CoreFolder(core) + "cache/";
  for (const std::string& index : tree.Names(folder, "index")) {
    const std::string cache = folder + index + "/";
    if (tree.Word(cache + "type").value_or("Instruction") == "Instruction") continue;
    const auto bytes = ParseCacheSize(tree.Word(cache + "size").value_or(""));
    const int64_t level = tree.Integer(cache + "level").value_or(0);
    if (level == 1) caches.l1d_bytes = bytes;
    if (level == 2) caches.l2_bytes = bytes;
    if (level == 3) caches.l3_bytes = bytes;
  }
  return caches;
}

std::optional<double> KilohertzAsMhz(const Tree& tree, const std::string& path) {
  const auto kilohertz = tree.Count(path);
  if (!kilohertz || *kilohertz == 0) return std::nullopt;
  return static_cast<double>(*kilohertz) / 1000;
}

// The lines of one processor in /proc/cpuinfo, which starts each with its number; all lines where it does
// not.
std::string_view BlockOf(std::string_view cpuinfo, int core) {
  std::string_view block = cpuinfo;
  ForEachLine(cpuinfo, [&](std::string_view line) {
    const auto number = ValueOf(line, "processor", ':');
    if (!number || ParseInteger(*number) != core) return;
    block = cpuinfo.substr(static_cast<size_t>(line.data() - cpuinfo.data()));
  });
  return block;
}

void ReadClocks(const Tree& tree, std::string_view cpuinfo, int core, MachineFacts& facts) {
  const std::string driver = CoreFolder(core) + "cpufreq/";
  facts.governor = tree.Word(driver + "scaling_governor");
  facts.frequency.min_mhz = KilohertzAsMhz(tree, driver + "cpuinfo_min_freq");
  facts.frequency.max_mhz = KilohertzAsMhz(tree, driver + "cpuinfo_max_freq");
  facts.frequency.now_mhz = DriverFrequencyMhz(tree, core);
  if (!facts.frequency.now_mhz)
    facts.frequency.now_mhz = ParseDecimal(ValueOf(BlockOf(cpuinfo, core), "cpu MHz", ':').value_or(""));
}

std::optional<bool> ReadBoost(const Tree& tree) {
  if (const auto off = tree.Integer(kCpus + "intel_pstate/no_turbo")) return *off == 0;
  if (const auto on = tree.Integer(kCpus + "cpufreq/boost")) return *on != 0;
  return std::nullopt;
}

}  // namespace

std::vector<int> ReadAllowedCores(const Tree& tree) {
  const std::string status = tree.Text("/proc/self/status").value_or("");
  return ParseCoreList(ValueOf(status, "Cpus_allowed_list", ':').value_or(""));
}

std::string CoreFolder(int core) {
  return kCpus + "cpu" + std::to_string(core) + "/";
}

std::optional<double> DriverFrequencyMhz(const Tree& tree, int core) {
  return KilohertzAsMhz(tree, CoreFolder(core) + "cpufreq/scaling_cur_freq");
}

void ReadProcessor(const Tree& tree, MachineFacts& facts) {
  const std::string cpuinfo = tree.Text("/proc/cpuinfo").value_or("");
  ReadNames(cpuinfo, facts);
  const std::string feature_line = FeatureLine(cpuinfo);
  const std::vector<std::string_view> features = Words(feature_line);
  for (const std::string_view feature : kFeaturesOfInterest) {
    if (Has(features, feature)) facts.cpu_features.emplace_back(feature);
  }
  facts.hypervisor = FindHypervisor(tree, Has(features, "hypervisor"));
  ReadTopology(tree, facts);
  facts.allowed_cores = ReadAllowedCores(tree);
  const int first = facts.allowed_cores.empty() ? 0 : facts.allowed_cores.front();
  facts.caches = ReadCaches(tree, first);
  ReadClocks(tree, cpuinfo, first, facts);
  facts.boost = ReadBoost(tree);
}

}  // namespace sightline::probe
