// Who may write a file: one process at a time, for as long as it lives.
#pragma once

#include <filesystem>
#include <string>

#include "src/base/result.h"

namespace sightline::store {

// Holds PATH.lock locked (flock), which the kernel undoes when the process ends, however it ends. The lock
// file names the process and goes with a lock that is given back.
class WriterLock {
 public:
  // Fails at once, with a sentence, when another process (or another lock of this one) writes `path`, or when
  // its folder can't be written.
  static Result<WriterLock> Take(const std::filesystem::path& path);
  WriterLock() = default;  // holds nothing
  WriterLock(WriterLock&& other) noexcept;
  WriterLock& operator=(WriterLock&& other) noexcept;
  ~WriterLock();

 private:
  WriterLock(std::filesystem::path lock_path, int file);
  void Release();

  std::filesystem::path lock_path_;
  int file_ = -1;
};

}  // namespace sightline::store
