// Runs the program as a user would, for end-to-end tests.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sightline::end_to_end {

struct Finished {
  int exit_code = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

// `arguments` go through a shell, as typed. The program is the one in SIGHTLINE_BINARY; `environment` is
// added to this process's.
Finished RunProgram(const std::string& arguments,
                    const std::vector<std::pair<std::string, std::string>>& environment = {});

// A folder for one test, removed with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The file's whole contents; fails the test when it can't be read.
std::string Contents(const std::string& path);

}  // namespace sightline::end_to_end
