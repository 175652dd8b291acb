#include "src/store/files.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

Error CannotWrite(const fs::path& path, const std::string& why) {
  return Error(ErrorKind::kUnavailable, "can't write " + path.string() + ": " + why);
}

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Status MakeFolder(const fs::path& path) {
  std::error_code code;
  fs::create_directories(FolderOf(path), code);
  return code ? Status(CannotWrite(path, code.message())) : OkStatus();
}

}  // namespace

Result<FileWriter> FileWriter::Create(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return CannotWrite(path, "it is a folder; name a file");
  SIGHTLINE_RETURN_IF_ERROR(MakeFolder(path));
  // A device or a pipe is written as it is: a rename would put a file in its place.
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    std::FILE* device = std::fopen(path.c_str(), "wb");
    if (device == nullptr) return CannotWrite(path, std::strerror(errno));
    return FileWriter(path, path, device);
  }
  // The process id keeps two programs that write one file apart.
  const fs::path temporary = path.string() + "." + std::to_string(getpid()) + ".part";
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (file == nullptr) return CannotWrite(path, std::strerror(errno));
  return FileWriter(path, temporary, file);
}

FileWriter::FileWriter(fs::path path, fs::path temporary, std::FILE* file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, nullptr)),
      failed_(other.failed_) {}

FileWriter::~FileWriter() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  RemoveTemporary();
}

void FileWriter::RemoveTemporary() const {
  std::error_code ignored;
  if (temporary_ != path_) fs::remove(temporary_, ignored);
}

void FileWriter::Write(std::string_view contents) {
  failed_ = failed_ || std::fwrite(contents.data(), 1, contents.size(), file_) != contents.size();
}

Status FileWriter::Close() {
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  const int saved_errno = errno;
  if (!closed || failed_) {
    RemoveTemporary();
    return CannotWrite(path_, std::string(std::strerror(saved_errno)) + "; is the disk full?");
  }
  std::error_code code;
  if (temporary_ != path_) fs::rename(temporary_, path_, code);
  return code ? Status(CannotWrite(path_, code.message())) : OkStatus();
}

Status WriteFile(const fs::path& path, std::string_view contents) {
  SIGHTLINE_ASSIGN_OR_RETURN(FileWriter writer, FileWriter::Create(path));
  writer.Write(contents);
  return writer.Close();
}

Status CheckWritable(const fs::path& path) {
  return FileWriter::Create(path).status();
}

Result<std::string> ReadFile(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return Error(ErrorKind::kNotFound, "there is no file " + path.string());
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  contents << file.rdbuf();
  if (!file.good() && !file.eof()) return Error(ErrorKind::kUnavailable, "can't read " + path.string());
  return contents.str();
}

}  // namespace sightline::store
