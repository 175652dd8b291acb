#include "src/store/writer_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sightline::store {
namespace {

// Whether the open file still is what the path names: a holder that ended may have removed it in between.
bool IsStill(int file, const std::filesystem::path& path) {
  struct stat open_file{};
  struct stat named{};
  return fstat(file, &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

std::string Holder(int file) {
  char text[32] = {};
  const ssize_t size = pread(file, text, sizeof(text) - 1, 0);
  return size > 0 ? "process " + std::string(text, static_cast<size_t>(size)) : "another process";
}

}  // namespace

Result<WriterLock> WriterLock::Take(const std::filesystem::path& path) {
  const std::filesystem::path lock_path = path.string() + ".lock";
  while (true) {
    const int file = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
      return Error(ErrorKind::kUnavailable, "can't write " + path.string() + ": its folder takes no " +
                                                lock_path.filename().string() + " (" + std::strerror(errno) +
                                                ")");
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      const std::string holder = Holder(file);
      close(file);
      return Error(ErrorKind::kUnavailable, path.string() + " is being written by " + holder +
                                                "; wait until it has ended, or name another file");
    }
    WriterLock lock(lock_path, file);
    if (!IsStill(file, lock_path)) continue;
    const std::string holder = std::to_string(getpid());
    // The text is for people; a disk too full for it is told by what is written next.
    const bool told = ftruncate(file, 0) == 0 && pwrite(file, holder.data(), holder.size(), 0) > 0;
    static_cast<void>(told);
    return lock;
  }
}

WriterLock::WriterLock(std::filesystem::path lock_path, int file)
    : lock_path_(std::move(lock_path)), file_(file) {}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : lock_path_(std::move(other.lock_path_)), file_(std::exchange(other.file_, -1)) {}

WriterLock& WriterLock::operator=(WriterLock&& other) noexcept {
  Release();
  lock_path_ = std::move(other.lock_path_);
  file_ = std::exchange(other.file_, -1);
  return *this;
}

WriterLock::~WriterLock() {
  Release();
}

void WriterLock::Release() {
  if (file_ < 0) return;
  if (IsStill(file_, lock_path_)) unlink(lock_path_.c_str());
  close(std::exchange(file_, -1));
}

}  // namespace sightline::store
