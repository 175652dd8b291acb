// Files written whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace sightline::store {

// Writes to a temporary file beside `path` and renames it, so that a reader never sees half of it. Folders on
// the way are made. A device or a pipe is written directly.
Status WriteFile(const std::filesystem::path& path, std::string_view contents);

// The whole file.
Result<std::string> ReadFile(const std::filesystem::path& path);

// Whether WriteFile(path) can be expected to work: to be asked before a long measurement.
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
  void RemoveTemporary() const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // path_ itself where it is no regular file
  std::FILE* file_ = nullptr;
  bool failed_ = false;
};

}  // namespace sightline::store
