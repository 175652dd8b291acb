#include "src/probe/cgroup.h"

#include <algorithm>
#include <string_view>

#include "src/base/text.h"

namespace sightline::probe {
namespace {

// Version 1 writes "no limit" as the largest multiple of a page; no machine comes near this.
constexpr int64_t kUnlimitedBytes = int64_t{1} << 60;
constexpr int64_t kLongestUsec = int64_t{1} << 46;  // two years, still a number in nanoseconds

bool Lists(std::string_view comma_separated, std::string_view name) {
  const std::vector<std::string> names = Split(comma_separated, ',');
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Where a hierarchy is mounted, and which of its groups the mount shows as its top.
struct Mount {
  std::string folder;
  std::string top;
};

// A line of /proc/self/mountinfo: "31 24 0:27 /top /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct",
// with any number of fields between "rw" and "-". `controller` "" looks for version 2.
std::optional<Mount> FindMount(std::string_view mountinfo, std::string_view controller) {
  std::optional<Mount> mount;
  ForEachLine(mountinfo, [&](std::string_view line) {
    const std::vector<std::string_view> words = Words(line);
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (mount || dash - words.begin() < 5 || words.end() - dash < 4) return;
    const bool wanted =
        controller.empty() ? dash[1] == "cgroup2" : dash[1] == "cgroup" && Lists(dash[3], controller);
    if (wanted) mount = Mount{std::string(words[4]), std::string(words[3])};
  });
  return mount;
}

// From a line "4:cpu,cpuacct:/path" of /proc/self/cgroup; version 2 has no controllers there: "0::/path".
std::optional<std::string> FindPath(std::string_view cgroups, std::string_view controller) {
  std::optional<std::string> path;
  ForEachLine(cgroups, [&](std::string_view line) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (path || first == std::string_view::npos || second == std::string_view::npos) return;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool wanted = controller.empty() ? controllers.empty() : Lists(controllers, controller);
    if (wanted) path = std::string(Trimmed(line.substr(second + 1)));
  });
  return path;
}

// The folder of `path` in the mount, and its parents up to the mount's top.
std::vector<std::string> FoldersUpwards(const Mount& mount, std::string path) {
  // Seen from inside a container, the path may be told relative to the host's top, which the mount hides.
  if (mount.top != "/" && path.starts_with(mount.top)) path.erase(0, mount.top.size());
  if (path.starts_with("/..")) path.clear();
  while (path.ends_with('/')) path.pop_back();
  std::vector<std::string> folders;
  while (!path.empty()) {
    folders.push_back(mount.folder + path);
    path.resize(std::min(path.rfind('/'), path.size() - 1));
  }
  folders.push_back(mount.folder);
  return folders;
}

std::vector<std::string> FoldersOf(std::string_view mountinfo, std::string_view cgroups,
                                   std::string_view controller) {
  // A controller belongs to version 1 where it is mounted so, else to version 2.
  for (const std::string_view hierarchy : {controller, std::string_view()}) {
    const auto mount = FindMount(mountinfo, hierarchy);
    const auto path = FindPath(cgroups, hierarchy);
    if (mount && path) return FoldersUpwards(*mount, *path);
  }
  return {};
}

std::optional<double> Quota(const Tree& tree, const std::string& folder) {
  std::optional<int64_t> quota;
  std::optional<int64_t> period;
  if (const auto text = tree.Text(folder + "/cpu.max")) {  // "200000 100000" or "max 100000"
    const std::vector<std::string_view> words = Words(*text);
    if (words.size() != 2) return std::nullopt;
    quota = ParseInteger(words[0]);
    period = ParseInteger(words[1]);
  } else {
    quota = tree.Integer(folder + "/cpu.cfs_quota_us");  // -1: none
    period = tree.Integer(folder + "/cpu.cfs_period_us");
  }
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<int64_t> MemoryLimit(const Tree& tree, const std::string& folder) {
  for (const char* file : {"/memory.max", "/memory.limit_in_bytes"}) {
    const auto bytes = tree.Integer(folder + file);
    if (bytes && *bytes > 0 && *bytes < kUnlimitedBytes) return bytes;
  }
  return std::nullopt;
}

template <typename T>
void KeepSmaller(std::optional<T>& smallest, const std::optional<T>& value) {
  if (value && (!smallest || *value < *smallest)) smallest = value;
}

// "nr_throttled 12"
std::optional<int64_t> Counter(std::string_view text, std::string_view key) {
  const auto value = ValueOf(text, key, ' ');
  return value ? ParseCount(*value) : std::nullopt;
}

}  // namespace

CgroupFolders FindCgroup(const Tree& tree) {
  const std::string mountinfo = tree.Text("/proc/self/mountinfo").value_or("");
  const std::string cgroups = tree.Text("/proc/self/cgroup").value_or("");
  return {.cpu = FoldersOf(mountinfo, cgroups, "cpu"), .memory = FoldersOf(mountinfo, cgroups, "memory")};
}

std::optional<double> CgroupCpuLimit(const Tree& tree, const CgroupFolders& folders) {
  std::optional<double> tightest;
  for (const std::string& folder : folders.cpu) KeepSmaller(tightest, Quota(tree, folder));
  return tightest;
}

std::optional<int64_t> CgroupMemoryLimit(const Tree& tree, const CgroupFolders& folders) {
  std::optional<int64_t> tightest;
  for (const std::string& folder : folders.memory) KeepSmaller(tightest, MemoryLimit(tree, folder));
  return tightest;
}

std::optional<CgroupThrottling> ReadCgroupThrottling(const Tree& tree, const CgroupFolders& folders) {
  std::optional<CgroupThrottling> sum;
  for (const std::string& folder : folders.cpu) {
    const std::string text = tree.Text(folder + "/cpu.stat").value_or("");
    const auto periods = Counter(text, "nr_throttled");
    if (!periods) continue;
    const auto usec = Counter(text, "throttled_usec");  // version 2
    const auto ns = Counter(text, "throttled_time");    // version 1
    sum = sum.value_or(CgroupThrottling{});
    sum->periods += *periods;
    sum->time_ns += ns.value_or(std::min(usec.value_or(0), kLongestUsec) * 1000);
  }
  return sum;
}

}  // namespace sightline::probe
