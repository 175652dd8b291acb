#include "tests/end_to_end/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace sightline::end_to_end {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "sightline_test_XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  fs::remove_all(path_);
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Finished RunProgram(const std::string& arguments,
                    const std::vector<std::pair<std::string, std::string>>& environment) {
  const char* binary = std::getenv("SIGHTLINE_BINARY");
  if (binary == nullptr) {
    ADD_FAILURE() << "SIGHTLINE_BINARY is not set; run this test through ctest";
    return {};
  }
  const TemporaryFolder folder;
  std::string command;
  for (const auto& [name, value] : environment) command += name + "='" + value + "' ";
  command += std::string(binary) + " " + arguments + " >" + (folder / "out") + " 2>" + (folder / "err") +
             " </dev/null";
  const int status = std::system(command.c_str());
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = Contents(folder / "out"),
          .err = Contents(folder / "err")};
}

}  // namespace sightline::end_to_end
