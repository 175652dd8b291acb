#include "src/cli/study_session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "src/flow/study.h"

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

std::string Minutes(Nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds < 90 ? fmt::format("{:.0f} s", seconds) : fmt::format("{:.0f} min", seconds / 60);
}

void PrintProgress(const study::Progress& p, CliEnv& env) {
  const int all = p.done + p.failed + p.left;
  if (p.last == nullptr) {
    env.err << fmt::format("{} replicates to do, about {}\n", p.left, Minutes(p.time_left)) << std::flush;
    return;
  }
  std::string outcome =
      fmt::format("{} after {}", EndReasonName(p.last_result->reason), Minutes(p.last_result->wall));
  if (p.last_result->reason != study::EndReason::kDone) outcome += ": " + p.last_result->sentence;
  env.err << fmt::format("[{}/{}] {} launch {}: {}; {} left, about {}\n", p.done + p.failed, all,
                         FactorText(p.last->factors), p.last->number + 1, outcome, p.left,
                         Minutes(p.time_left))
          << std::flush;
}

}  // namespace sightline::cli
