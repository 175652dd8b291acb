// The control group of this process: what its container or service may use of the machine. Versions 1 and 2,
// and both at once, as systemd mounts them in its hybrid mode. See "cgroups(7)" and the kernel's
// admin-guide/cgroup-v2.rst.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/probe/tree.h"

namespace sightline::probe {

// Folders of the process's group and its parents, innermost first: a limit may sit at any of them.
struct CgroupFolders {
  std::vector<std::string> cpu;
  std::vector<std::string> memory;
};
CgroupFolders FindCgroup(const Tree& tree);

// The tightest CPU quota over its period, in cores; absent: none.
std::optional<double> CgroupCpuLimit(const Tree& tree, const CgroupFolders& folders);
// The tightest memory limit; absent: none.
std::optional<int64_t> CgroupMemoryLimit(const Tree& tree, const CgroupFolders& folders);

// Since the groups were made.
struct CgroupThrottling {
  int64_t periods = 0;  // in which a quota ran out
  int64_t time_ns = 0;  // that threads stood still for it
};
// Summed over the groups, since each counts only what its own quota did; absent: no group counts.
std::optional<CgroupThrottling> ReadCgroupThrottling(const Tree& tree, const CgroupFolders& folders);

}  // namespace sightline::probe
