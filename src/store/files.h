// Files written whole or not at all.
//
// A regular file is replaced by renaming another one over it, where a symbolic link points when it is one.
// What is no regular file (a FIFO, a terminal, /dev/null, and whatever lies under /proc or is called
// /dev/stdout) is never replaced: it is written to as it is, piece by piece.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace sightline::store {

// Writes to a temporary file beside `path` and renames it, so that a reader never sees half of it (but see
// above). Folders on the way are made.
Status WriteFile(const std::filesystem::path& path, std::string_view contents);

// The whole file.
Result<std::string> ReadFile(const std::filesystem::path& path);

// Whether WriteFile(path) can be expected to work: to be asked before a long measurement. Leaves nothing, no
// folder either.
Status CheckWritable(const std::filesystem::path& path);

// Writes piece by piece under a temporary name; Close() gives the file its own name. Without Close nothing
// remains.
class FileWriter {
 public:
  static Result<FileWriter> Create(const std::filesystem::path& path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();

  // Errors are remembered and reported by Close.
  void Write(std::string_view contents);
  Status Close();

 private:
  FileWriter(std::filesystem::path path, std::filesystem::path temporary, std::FILE* file);

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty where `path_` is written to directly
  std::FILE* file_ = nullptr;
  bool failed_ = false;
  int failed_errno_ = 0;  // why
};

}  // namespace sightline::store
