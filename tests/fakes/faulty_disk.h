// A disk that fails when a test wants it to, under SQLite: a layer over its own file access (VFS).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace sightline::testing {

enum class DiskFault {
  kNone,
  kErrorOnce,  // one operation fails; of a write the first half is done
  kErrors,     // that one and all later ones fail
  kFull,       // writes from that one on find no room
  kPowerLoss,  // that operation and all later ones don't happen; LosePower then says what is left
};

// While it lives, SQLite connections that are opened use it. Counts what changes files: writes, syncs,
// truncations, deletions. One at a time, one thread.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // From now on: operations are counted from 1, and `fault` strikes at number `operation`.
  void Arm(DiskFault fault, int64_t operation);
  int64_t operations() const { return operations_; }

  // After the connections are closed: makes the files what a disk may hold that lost power: what was synced,
  // and of each write since then all, nothing or a part.
  void LosePower(uint64_t seed);

 private:
  friend struct FaultyDiskCalls;
  struct Change {
    int64_t offset = 0;
    std::string bytes;
    bool truncates = false;
  };
  struct FileState {
    std::string durable;
    std::vector<Change> pending;
  };

  // Counts an operation; SQLITE_OK or how it fails.
  int Step(int error_code, bool is_write);

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_{};
  DiskFault fault_ = DiskFault::kNone;
  int64_t strike_at_ = 0;
  int64_t operations_ = 0;
  std::map<std::string, FileState> files_;
};

}  // namespace sightline::testing
