#include "src/study/members.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace sightline::study {

bool Members::IsMember(const ProcessEntry& entry, const std::set<pid_t>& members) const {
  if (members.contains(entry.pid) || roots_.contains(entry.pid)) return true;
  if (members.contains(entry.parent) || sessions_.contains(entry.session)) return true;
  const auto seen = seen_.find(entry.pid);
  if (seen != seen_.end() && seen->second == entry.start_ticks) return true;
  // Left to us by a member that died.
  return entry.parent == getpid() && EnvironmentHolds(entry.pid, marker_);
}

std::vector<Members::Member> Members::Find() {
  const std::vector<ProcessEntry> table = ReadProcessTable();
  std::set<pid_t> members;
  // Until nothing is added: a child may stand before its parent in the table.
  for (size_t before = SIZE_MAX; before != members.size();) {
    before = members.size();
    for (const ProcessEntry& entry : table) {
      if (IsMember(entry, members)) members.insert(entry.pid);
    }
  }
  std::vector<Member> alive;
  std::map<pid_t, uint64_t> seen;
  for (const ProcessEntry& entry : table) {
    if (!members.contains(entry.pid)) continue;
    const bool root = roots_.contains(entry.pid);
    const bool orphan = entry.parent == getpid() && !root;
    if (orphan && waitpid(entry.pid, nullptr, WNOHANG) == entry.pid) continue;
    seen[entry.pid] = entry.start_ticks;
    alive.push_back({entry.pid, root, orphan});
  }
  seen_ = std::move(seen);
  return alive;
}

std::vector<Members::Member> Members::FindDescendants() {
  std::vector<Member> members = Find();
  std::erase_if(members, [](const Member& member) { return member.is_root; });
  return members;
}

}  // namespace sightline::study
