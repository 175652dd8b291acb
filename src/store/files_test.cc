#include "src/store/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

namespace sightline::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("sightline_files_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  size_t FileCount() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  std::filesystem::path folder_;
};

TEST_F(FilesTest, WritesWholeFilesAndMakesFolders) {
  ASSERT_TRUE(WriteFile(folder_ / "a/b/c.txt", "text").ok());
  EXPECT_EQ(ReadFile(folder_ / "a/b/c.txt").value(), "text");
}

TEST_F(FilesTest, AnUnfinishedWriterLeavesNothing) {
  {
    auto writer = FileWriter::Create(folder_ / "half.txt");
    ASSERT_TRUE(writer.ok());
    writer->Write("half of it");
  }
  EXPECT_EQ(FileCount(), 0u);
}

TEST_F(FilesTest, NamesWhatCannotBeWritten) {
  EXPECT_THAT(WriteFile(folder_, "x").error().message(), HasSubstr("it is a folder; name a file"));
  ASSERT_TRUE(WriteFile(folder_ / "file", "x").ok());
  EXPECT_THAT(CheckWritable(folder_ / "file" / "below.json").error().message(), HasSubstr("can't write"));
}

TEST_F(FilesTest, CheckWritableLeavesNothing) {
  EXPECT_TRUE(CheckWritable(folder_ / "r.json").ok());
  EXPECT_TRUE(CheckWritable(folder_ / "new/folders/r.json").ok());
  EXPECT_EQ(FileCount(), 0u);
}

TEST_F(FilesTest, ASymbolicLinkStaysOneAndItsTargetIsWritten) {
  ASSERT_TRUE(WriteFile(folder_ / "real.txt", "old").ok());
  fs::create_symlink("real.txt", folder_ / "link");
  fs::create_symlink("link", folder_ / "link_to_link");
  fs::create_symlink("not_yet.txt", folder_ / "dangling");
  ASSERT_TRUE(WriteFile(folder_ / "link_to_link", "new").ok());
  ASSERT_TRUE(WriteFile(folder_ / "dangling", "made").ok());
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link_to_link"));
  EXPECT_EQ(ReadFile(folder_ / "real.txt").value(), "new");
  EXPECT_EQ(ReadFile(folder_ / "not_yet.txt").value(), "made");
  fs::create_symlink("circle", folder_ / "circle");
  EXPECT_THAT(WriteFile(folder_ / "circle", "x").error().message(), HasSubstr("circle"));
}

TEST_F(FilesTest, AFifoStaysOneAndGetsTheBytes) {
  const fs::path fifo = folder_ / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_TRUE(CheckWritable(fifo).ok()) << "asked without opening it";
  // A reader that does not wait for a writer.
  const int reader = open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ASSERT_TRUE(WriteFile(fifo, "through the pipe").ok());
  std::array<char, 64> buffer{};
  EXPECT_EQ(read(reader, buffer.data(), buffer.size()), 16);
  EXPECT_STREQ(buffer.data(), "through the pipe");
  close(reader);
  EXPECT_TRUE(fs::is_fifo(fifo));
  EXPECT_EQ(FileCount(), 1u);
}

TEST_F(FilesTest, AFileThatCannotTakeItsNameLeavesNothing) {
  auto writer = FileWriter::Create(folder_ / "r.json");
  ASSERT_TRUE(writer.ok());
  writer->Write("x");
  fs::create_directories(folder_ / "r.json/occupied");
  EXPECT_FALSE(writer->Close().ok());
  EXPECT_EQ(FileCount(), 1u) << "the folder in the way, and no .part beside it";
}

}  // namespace
}  // namespace sightline::store
