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

// Names that stand for what the process has open already; no file beside them can take their place.
bool StandsForAnOpenFile(const fs::path& path) {
  const std::string text = path.string();
  return text.starts_with("/proc/") || text.starts_with("/dev/fd/") || text.starts_with("/dev/std");
}

bool IsWrittenDirectly(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

// Where the links that start at `path` end, whether there is a file or not yet.
Result<fs::path> FollowLinks(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as Linux
  fs::path at = path;
  std::error_code code;
  for (int i = 0; i < kMostLinks; ++i) {
    if (StandsForAnOpenFile(at) || !fs::is_symlink(at, code)) return at;
    const fs::path target = fs::read_symlink(at, code);
    if (code) return CannotWrite(path, code.message());
    at = target.is_absolute() ? target : at.parent_path() / target;
  }
  return CannotWrite(path, "its symbolic links lead in a circle");
}

Result<std::FILE*> Open(const fs::path& path, const fs::path& file, const char* mode) {
  if (std::FILE* opened = std::fopen(file.c_str(), mode); opened != nullptr) return opened;
  return CannotWrite(path, std::strerror(errno));
}

Status CheckNoFolder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? Status(CannotWrite(path, "it is a folder; name a file"))
                                         : OkStatus();
}

// The folder of `path`, or the nearest above it that is there.
fs::path NearestFolder(const fs::path& path) {
  fs::path folder = FolderOf(path);
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = FolderOf(folder);
  return folder;
}

}  // namespace

Result<FileWriter> FileWriter::Create(const fs::path& path) {
  SIGHTLINE_RETURN_IF_ERROR(CheckNoFolder(path));
  // Appending, since what a shell's redirection opened may hold something already.
  if (StandsForAnOpenFile(path) || IsWrittenDirectly(path)) {
    SIGHTLINE_ASSIGN_OR_RETURN(std::FILE * file, Open(path, path, "ab"));
    return FileWriter(path, {}, file);
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const fs::path target, FollowLinks(path));
  if (StandsForAnOpenFile(target)) {
    SIGHTLINE_ASSIGN_OR_RETURN(std::FILE * file, Open(path, path, "ab"));
    return FileWriter(path, {}, file);
  }
  SIGHTLINE_RETURN_IF_ERROR(MakeFolder(target));
  // The process id keeps two programs that write one file apart.
  const fs::path temporary = target.string() + "." + std::to_string(getpid()) + ".part";
  SIGHTLINE_ASSIGN_OR_RETURN(std::FILE * file, Open(path, temporary, "wb"));
  return FileWriter(target, temporary, file);
}

FileWriter::FileWriter(fs::path path, fs::path temporary, std::FILE* file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, nullptr)),
      failed_(other.failed_),
      failed_errno_(other.failed_errno_) {}

FileWriter::~FileWriter() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove(temporary_, ignored);
}

void FileWriter::Write(std::string_view contents) {
  if (failed_ || std::fwrite(contents.data(), 1, contents.size(), file_) == contents.size()) return;
  failed_ = true;
  failed_errno_ = errno;
}

Status FileWriter::Close() {
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  const int saved_errno = errno;
  std::error_code code;
  if (!closed || failed_) {
    if (!temporary_.empty()) fs::remove(temporary_, code);
    return CannotWrite(path_, std::string(std::strerror(failed_errno_ != 0 ? failed_errno_ : saved_errno)) +
                                  "; is the disk full?");
  }
  if (temporary_.empty()) return OkStatus();
  fs::rename(temporary_, path_, code);
  if (!code) return OkStatus();
  std::error_code ignored;
  fs::remove(temporary_, ignored);
  return CannotWrite(path_, code.message());
}

Status WriteFile(const fs::path& path, std::string_view contents) {
  SIGHTLINE_ASSIGN_OR_RETURN(FileWriter writer, FileWriter::Create(path));
  writer.Write(contents);
  return writer.Close();
}

Status CheckWritable(const fs::path& path) {
  SIGHTLINE_RETURN_IF_ERROR(CheckNoFolder(path));
  if (StandsForAnOpenFile(path) || IsWrittenDirectly(path)) {
    // Opening a FIFO would wait for its reader, and closing it would tell the reader that all has come.
    return access(path.c_str(), W_OK) == 0 ? OkStatus() : Status(CannotWrite(path, std::strerror(errno)));
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const fs::path target, FollowLinks(path));
  const fs::path folder = NearestFolder(target);
  // Making a file shows more than permissions do, but must make no folders.
  if (folder == FolderOf(target)) return FileWriter::Create(path).status();
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return CannotWrite(path, folder.string() + " is no folder");
  return access(folder.c_str(), W_OK | X_OK) == 0 ? OkStatus()
                                                  : Status(CannotWrite(path, std::strerror(errno)));
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
