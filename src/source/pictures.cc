#include "src/source/pictures.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

#include "src/base/text.h"
#include "src/flow/picture_format.h"

namespace sightline::source {
namespace {

namespace fs = std::filesystem;

const std::array<std::string, 7> kSuffixes = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".webp"};

// A broken link counts, and so does what can't be looked at: whoever put it there meant a picture, and
// reading it says what is wrong.
bool CountsAsPicture(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  return HasPictureSuffix(path) &&
         (error || type == fs::file_type::regular || type == fs::file_type::not_found);
}

Error CantRead(const fs::path& path, int error) {
  const ErrorKind kind = error == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable;
  return Error(kind, "can't read the picture " + path.string() + ": " +
                         std::error_code(error, std::generic_category()).message());
}

// An open file, closed at the end.
class File {
 public:
  explicit File(const fs::path& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return descriptor_ >= 0; }
  // -1: errno says why.
  int64_t Size() const {
    struct stat facts{};
    return fstat(descriptor_, &facts) == 0 ? int64_t{facts.st_size} : -1;
  }
  // Reads until `count` bytes are there or the file ends; -1: errno says why.
  int64_t Read(uint8_t* to, size_t count) const {
    size_t done = 0;
    while (done < count) {
      const ssize_t got = read(descriptor_, to + done, count - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return -1;
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return static_cast<int64_t>(done);
  }

 private:
  int descriptor_;
};

Result<size_t> SizeOf(const File& file, const fs::path& path) {
  if (!file.ok()) return CantRead(path, errno);
  const int64_t size = file.Size();
  if (size < 0) return CantRead(path, errno);
  if (size == 0)
    return Error(ErrorKind::kInvalidArgument, "the picture " + path.string() + " is an empty file");
  return static_cast<size_t>(size);
}

}  // namespace

bool HasPictureSuffix(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::ranges::transform(suffix, suffix.begin(),
                         [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return std::ranges::find(kSuffixes, suffix) != kSuffixes.end();
}

bool BeginsLikePicture(const fs::path& path) {
  std::array<uint8_t, kPictureMagicBytes> bytes{};
  const File file(path);
  const int64_t got = file.ok() ? file.Read(bytes.data(), bytes.size()) : 0;
  return got > 0 && FormatOf(std::span(bytes).first(static_cast<size_t>(got))).has_value();
}

std::string PictureSuffixes() {
  return Join(kSuffixes);
}

Result<std::vector<fs::path>> PicturesIn(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> pictures;
  size_t entries = 0;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    ++entries;
    if (CountsAsPicture(it->path())) pictures.push_back(it->path());
  }
  if (error) {
    return Error(ErrorKind::kUnavailable,
                 "can't read the folder " + folder.string() + ": " + error.message());
  }
  if (entries == 0) {
    return Error(ErrorKind::kInvalidArgument,
                 "the folder " + folder.string() + " is empty; put pictures into it");
  }
  if (pictures.empty()) {
    return Error(ErrorKind::kInvalidArgument, "the folder " + folder.string() +
                                                  " has no pictures directly in it; files that end with " +
                                                  PictureSuffixes() + " count");
  }
  std::ranges::sort(pictures);
  return pictures;
}

Result<std::vector<fs::path>> PicturesMatching(const std::string& pattern) {
  glob_t matches{};
  const int outcome = glob(pattern.c_str(), 0, nullptr, &matches);
  std::vector<fs::path> pictures;
  for (size_t i = 0; outcome == 0 && i < matches.gl_pathc; ++i) {
    if (fs::path path = matches.gl_pathv[i]; CountsAsPicture(path)) pictures.push_back(std::move(path));
  }
  globfree(&matches);
  if (outcome == 0 && pictures.empty()) {
    return Error(ErrorKind::kInvalidArgument, "nothing that '" + pattern +
                                                  "' matches is a picture; files that end with " +
                                                  PictureSuffixes() + " count");
  }
  if (outcome == GLOB_NOMATCH) {
    return Error(ErrorKind::kNotFound, "no file matches '" + pattern + "'");
  }
  if (outcome != 0)
    return Error(ErrorKind::kUnavailable, "can't look for files that match '" + pattern + "'");
  std::ranges::sort(pictures);
  return pictures;
}

Result<size_t> ReadableSize(const fs::path& path) {
  return SizeOf(File(path), path);
}

Status ReadFile(const fs::path& path, std::vector<uint8_t>& bytes) {
  const File file(path);
  SIGHTLINE_ASSIGN_OR_RETURN(const size_t size, SizeOf(file, path));
  bytes.resize(size);
  const int64_t got = file.Read(bytes.data(), size);
  if (got < 0) return CantRead(path, errno);
  bytes.resize(static_cast<size_t>(got));
  return OkStatus();
}

}  // namespace sightline::source
