#include "src/cli/study_session.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace sightline::cli {

Result<WorkFolder> WorkFolder::Make() {
  std::string path = (std::filesystem::temp_directory_path() / "sightline-study-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    return Error(ErrorKind::kUnavailable, "can't make a folder under " +
                                              std::filesystem::temp_directory_path().string() +
                                              " for results under way; free some space or set TMPDIR");
  }
  return WorkFolder(std::move(path));
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;  // a folder left in /tmp loses nothing
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::string> ThisProgram() {
  std::error_code code;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", code);
  if (code) return Error(ErrorKind::kUnavailable, "/proc/self/exe is not readable: " + code.message());
  return path.string();
}

}  // namespace sightline::cli
