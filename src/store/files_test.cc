#include "src/store/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "src/store/test_studies.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;

TEST(WriteFile, LeavesNothingBesideTheFile) {
  const testing::TemporaryFolder folder;
  const fs::path path = folder.path() / "made" / "result.json";
  ASSERT_TRUE(WriteFile(path, "one").ok());
  ASSERT_TRUE(WriteFile(path, "two").ok());
  EXPECT_EQ(ReadFile(path).value(), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator()), 1);
}

// /dev/null and its like must stay what they are.
TEST(WriteFile, WritesIntoAPipeAndKeepsIt) {
  const testing::TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = ReadFile(pipe).value(); });
  EXPECT_TRUE(WriteFile(pipe, "through the pipe").ok());
  reader.join();
  EXPECT_EQ(read, "through the pipe");
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(WriteFile, AFullDeviceIsAnErrorAndStays) {
  const Status status = WriteFile("/dev/full", std::string(100'000, 'x'));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "can't write /dev/full: No space left on device; is the disk full?");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace sightline::store
