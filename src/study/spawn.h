// Starts one program as a child that owns nothing of ours and can't outlive us.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace sightline::study {

// A descriptor that is closed with its owner; -1 is none.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~FileDescriptor() { Reset(); }
  void Reset(int fd = -1);
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Both ends close on exec and are above the standard three; the read end does not block.
struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};
Result<Pipe> MakePipe();

struct SpawnSpec {
  std::vector<std::string> argv;  // argv[0] is looked for in PATH when it has no slash
  std::vector<std::pair<std::string, std::string>> environment;  // added to this process's, replacing
  std::string working_folder;                                    // "": this process's
  int stdout_fd = -1;
  int stderr_fd = -1;
};

struct Spawned {
  pid_t pid = 0;
  FileDescriptor pidfd;  // readable once the process has ended
};

// The child leads a session and process group of its own (a Ctrl-C at the terminal does not reach it), reads
// /dev/null, has no descriptor of ours but the two given, default signal handling, and is killed by the
// kernel when the *thread* that called this ends (prctl(2), PR_SET_PDEATHSIG): call it from a thread that
// outlives the child. Fails when the program can't be executed, with the system's reason.
Result<Spawned> Spawn(const SpawnSpec& spec);

}  // namespace sightline::study
