#include "tests/fakes/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sightline::testing {
namespace {

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// What SQLite takes for its file; the real one lies behind it.
struct ShimFile {
  sqlite3_file base;
  FaultyDisk* disk;
  const char* name;  // SQLite's, which outlives the file; null for a temporary one

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

ShimFile* Shim(sqlite3_file* file) {
  return reinterpret_cast<ShimFile*>(file);
}
sqlite3_file* Real(sqlite3_file* file) {
  return Shim(file)->real();
}

}  // namespace

struct FaultyDiskCalls {
  static FaultyDisk& Disk(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }
  static FaultyDisk::FileState& State(ShimFile* file) { return file->disk->files_[file->name]; }

  static int Open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    FaultyDisk& disk = Disk(vfs);
    ShimFile* shim = Shim(file);
    shim->base.pMethods = nullptr;
    shim->disk = &disk;
    shim->name = name;
    if (name != nullptr && !disk.files_.contains(name)) disk.files_[name].durable = Contents(name);
    const int code = disk.real_->xOpen(disk.real_, name, shim->real(), flags, out_flags);
    if (code == SQLITE_OK) shim->base.pMethods = &kMethods;
    return code;
  }
  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    FaultyDisk& disk = Disk(vfs);
    if (const int code = disk.Step(SQLITE_IOERR_DELETE, false); code != SQLITE_OK) return code;
    disk.files_.erase(name);
    return disk.real_->xDelete(disk.real_, name, sync_folder);
  }
  static int Close(sqlite3_file* file) { return Real(file)->pMethods->xClose(Real(file)); }
  static int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    return Real(file)->pMethods->xRead(Real(file), to, size, offset);
  }
  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    FaultyDisk& disk = *Shim(file)->disk;
    const bool was_on = disk.operations_ < disk.strike_at_;
    const int code = disk.Step(SQLITE_IOERR_WRITE, true);
    // The write under which power goes may be done in part.
    const bool on_its_way = code == SQLITE_OK || (disk.fault_ == DiskFault::kPowerLoss && was_on);
    if (Shim(file)->name != nullptr && on_its_way) {
      State(Shim(file))
          .pending.push_back(
              {offset, std::string(static_cast<const char*>(from), static_cast<size_t>(size))});
    }
    if (code == SQLITE_OK) return Real(file)->pMethods->xWrite(Real(file), from, size, offset);
    if (disk.fault_ == DiskFault::kErrorOnce)
      Real(file)->pMethods->xWrite(Real(file), from, size / 2, offset);
    return code;
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = Shim(file)->disk->Step(SQLITE_IOERR_TRUNCATE, false); code != SQLITE_OK) return code;
    if (Shim(file)->name != nullptr) State(Shim(file)).pending.push_back({size, "", true});
    return Real(file)->pMethods->xTruncate(Real(file), size);
  }
  // The real disk is not asked: that would only be slow.
  static int Sync(sqlite3_file* file, int) {
    if (const int code = Shim(file)->disk->Step(SQLITE_IOERR_FSYNC, false); code != SQLITE_OK) return code;
    if (Shim(file)->name == nullptr) return SQLITE_OK;
    FaultyDisk::FileState& state = State(Shim(file));
    state.durable = Contents(Shim(file)->name);
    state.pending.clear();
    return SQLITE_OK;
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return Real(file)->pMethods->xFileSize(Real(file), size);
  }
  static int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
  static int Unlock(sqlite3_file* file, int level) {
    return Real(file)->pMethods->xUnlock(Real(file), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* out) {
    return Real(file)->pMethods->xCheckReservedLock(Real(file), out);
  }
  static int FileControl(sqlite3_file* file, int op, void* arg) {
    return Real(file)->pMethods->xFileControl(Real(file), op, arg);
  }
  static int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
  static int Characteristics(sqlite3_file* file) {
    return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
  }
  static int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, out);
  }
  static int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
    return Real(file)->pMethods->xShmLock(Real(file), offset, n, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    return Real(file)->pMethods->xShmUnmap(Real(file), remove);
  }

  // Version 2: without mapped pages, which would pass this layer by.
  static constexpr sqlite3_io_methods kMethods = {2,
                                                  Close,
                                                  Read,
                                                  Write,
                                                  Truncate,
                                                  Sync,
                                                  FileSize,
                                                  Lock,
                                                  Unlock,
                                                  CheckReservedLock,
                                                  FileControl,
                                                  SectorSize,
                                                  Characteristics,
                                                  ShmMap,
                                                  ShmLock,
                                                  ShmBarrier,
                                                  ShmUnmap,
                                                  nullptr,
                                                  nullptr};
};

FaultyDisk::FaultyDisk() : real_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *real_;
  vfs_.zName = "faulty_disk";
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(ShimFile)) + real_->szOsFile;
  vfs_.xOpen = FaultyDiskCalls::Open;
  vfs_.xDelete = FaultyDiskCalls::Delete;
  sqlite3_vfs_register(&vfs_, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

void FaultyDisk::Arm(DiskFault fault, int64_t operation) {
  fault_ = fault;
  strike_at_ = operation;
  operations_ = 0;
}

int FaultyDisk::Step(int error_code, bool is_write) {
  ++operations_;
  if (fault_ == DiskFault::kNone || operations_ < strike_at_) return SQLITE_OK;
  if (fault_ == DiskFault::kErrorOnce && operations_ > strike_at_) return SQLITE_OK;
  if (fault_ == DiskFault::kFull) return is_write ? SQLITE_FULL : SQLITE_OK;
  return error_code;
}

void FaultyDisk::LosePower(uint64_t seed) {
  std::mt19937_64 random(seed);
  for (auto& [path, state] : files_) {
    std::string bytes = state.durable;
    for (const Change& change : state.pending) {
      const uint64_t fate = random() % 3;
      if (fate == 0) continue;
      const auto offset = static_cast<size_t>(change.offset);
      if (change.truncates) {
        bytes.resize(std::min(offset, bytes.size()));
        continue;
      }
      const size_t kept = fate == 1 ? change.bytes.size() : random() % (change.bytes.size() + 1);
      bytes.resize(std::max(bytes.size(), offset + kept));
      bytes.replace(offset, kept, change.bytes, 0, kept);
    }
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-shm");
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  files_.clear();
}

}  // namespace sightline::testing
