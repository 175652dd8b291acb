// Who belongs to a process group, whatever they did to hide.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/study/process_table.h"

namespace sightline::study {

// The members of one group at a time. `marker` is the environment entry that all of them were started with.
class Members {
 public:
  explicit Members(std::string marker) : marker_(std::move(marker)) {}

  // A process of the group, leader of its session, not reaped yet.
  void AddRoot(pid_t pid) { roots_.insert(pid), sessions_.insert(pid); }
  void RootReaped(pid_t pid) { roots_.erase(pid); }

  struct Member {
    pid_t pid = 0;
    bool is_root = false;
    bool is_orphan = false;  // left to us by a parent that died
  };
  // Reads the process table. Orphans that died themselves are reaped and left out.
  std::vector<Member> Find();
  // The same without the roots.
  std::vector<Member> FindDescendants();

 private:
  bool IsMember(const ProcessEntry& entry, const std::set<pid_t>& members) const;

  std::string marker_;
  std::set<pid_t> roots_;
  std::set<pid_t> sessions_;
  std::map<pid_t, uint64_t> seen_;  // with their start, so that a pid used anew is not taken for them
};

}  // namespace sightline::study
