#include "src/base/affinity.h"

#include <sched.h>

#include <algorithm>
#include <string>

#include "src/base/text.h"

namespace sightline {

std::vector<int> AllowedCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

Status HoldToCores(std::span<const int> cores) {
  const std::vector<int> allowed = AllowedCores();
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) {
    if (std::find(allowed.begin(), allowed.end(), core) == allowed.end()) {
      std::vector<std::string> names;
      names.reserve(allowed.size());
      for (const int a : allowed) names.push_back(std::to_string(a));
      return Error(
          ErrorKind::kInvalidArgument,
          "core " + std::to_string(core) + " is not one this process may run on; it may use " + Join(names));
    }
    CPU_SET(core, &set);
  }
  if (cores.empty()) return Error(ErrorKind::kInvalidArgument, "no core was named to hold this process to");
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    return Error(ErrorKind::kUnavailable, "the system refuses to hold this process to the given cores");
  }
  return OkStatus();
}

}  // namespace sightline
