// A made-up machine in a temporary folder, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "src/probe/probe.h"
#include "src/probe/tree.h"

namespace sightline::probe {

class FakeTree {
 public:
  FakeTree() {
    std::string name = (std::filesystem::temp_directory_path() / "sightline_probe_XXXXXX").string();
    const char* made = mkdtemp(name.data());
    if (made != nullptr) root_ = made;
    EXPECT_FALSE(root_.empty()) << "no temporary folder";
  }
  ~FakeTree() {
    std::error_code ignored;
    if (!root_.empty()) std::filesystem::remove_all(root_, ignored);
  }
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;

  // Writes a file, with the folders above it. `path` is absolute: "/proc/stat".
  FakeTree& Put(const std::string& path, std::string_view text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return *this;
  }
  void Remove(const std::string& path) const { std::filesystem::remove_all(root_ + path); }

  ProbeRoot root() const { return {root_}; }
  Tree tree() const { return Tree(root_); }

 private:
  std::string root_;
};

}  // namespace sightline::probe
