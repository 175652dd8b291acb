#include "src/store/kept_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "src/store/test_records.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::OwnedRecord;

class KeptRecordsTest : public ::testing::Test {
 protected:
  KeptRecordsTest() {
    fs::create_directory(folder_);
    setenv("TMPDIR", folder_.c_str(), 1);
  }
  ~KeptRecordsTest() override {
    unsetenv("TMPDIR");
    fs::remove_all(folder_);
  }

  // `count` records with ids from 0 on, over all lanes.
  static void Fill(const KeptRecords& records, uint64_t count) {
    std::mt19937_64 random(1);
    for (uint64_t i = 0; i < count; ++i) {
      const OwnedRecord owned = testing::TypicalRecord(random, i);
      records.sinks()[i % records.sinks().size()]->Append(owned.record, owned.spans);
    }
  }
  static std::set<uint64_t> Ids(const KeptRecords& records) {
    std::set<uint64_t> ids;
    const Status status = records.scan()([&](const RequestRecord& record, std::span<const StageSpan>) {
      EXPECT_TRUE(ids.insert(record.request_id).second) << record.request_id << " came twice";
    });
    EXPECT_TRUE(status.ok()) << status.error().message();
    return ids;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("kept_" + std::to_string(getpid()));
};

constexpr uint64_t kMany = 5 * RecordBlock::kRows + 10;

TEST_F(KeptRecordsTest, ATemporaryFileGoesWithThem) {
  {
    auto records = KeptRecords::Create("", 2);
    ASSERT_TRUE(records.ok());
    Fill(**records, kMany);
    ASSERT_TRUE((*records)->Close().ok());
    EXPECT_EQ(Ids(**records).size(), kMany);
    EXPECT_EQ(Ids(**records).size(), kMany);  // may be read again
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

// A program that is killed cleans nothing up.
TEST_F(KeptRecordsTest, ATemporaryFileLeavesNothingWhateverEndsTheProgram) {
  const auto records = KeptRecords::Create("", 1);
  ASSERT_TRUE(records.ok());
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(KeptRecordsTest, ANamedFileIsReadThoughItIsGone) {
  const fs::path path = folder_ / "raw";
  auto records = KeptRecords::Create(path, 1);
  ASSERT_TRUE(records.ok());
  Fill(**records, kMany);
  fs::remove(path);
  ASSERT_TRUE((*records)->Close().ok());
  EXPECT_EQ(Ids(**records).size(), kMany);
}

TEST_F(KeptRecordsTest, ANamedFilesFoldersAreMade) {
  const auto records = KeptRecords::Create(folder_ / "new" / "folder" / "raw", 1);
  ASSERT_TRUE(records.ok()) << records.error().message();
  EXPECT_TRUE(fs::exists(folder_ / "new" / "folder" / "raw"));
}

TEST_F(KeptRecordsTest, ANamedFileStays) {
  const fs::path path = folder_ / "raw";
  {
    auto records = KeptRecords::Create(path, 1);
    ASSERT_TRUE(records.ok());
    Fill(**records, 100);
    ASSERT_TRUE((*records)->Close().ok());
  }
  uint64_t seen = 0;
  const auto complete = ForEachRecordInFile(path, [&](const auto&, auto) { ++seen; });
  ASSERT_TRUE(complete.ok());
  EXPECT_TRUE(*complete);
  EXPECT_EQ(seen, 100U);
}

TEST_F(KeptRecordsTest, SaysWhereNoTemporaryFileCanBe) {
  setenv("TMPDIR", "/proc", 1);
  const auto records = KeptRecords::Create("", 1);
  ASSERT_FALSE(records.ok());
  EXPECT_THAT(records.error().message(), HasSubstr("can't make a file in /proc for the records of this run"));
  EXPECT_THAT(records.error().message(), HasSubstr("; set TMPDIR to a folder that can be written"));
}

// The file can't grow beyond `bytes` while this lives, as on a full disk: the last write is cut short.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

// Nothing at all fits; a chunk is torn; the second one is.
TEST_F(KeptRecordsTest, AFullDiskLosesNothing) {
  for (const rlim_t room : {5, 1'000, 150'000}) {
    auto records = KeptRecords::Create("", 2);
    ASSERT_TRUE(records.ok());
    {
      const SmallDisk disk(room);
      Fill(**records, kMany);
      const Status status = (*records)->Close();
      ASSERT_FALSE(status.ok());
      EXPECT_THAT(status.error().message(), HasSubstr("File too large"));
    }
    EXPECT_TRUE((*records)->sinks()[0]->failed());
    EXPECT_EQ(Ids(**records).size(), kMany) << room;
  }
}

}  // namespace
}  // namespace sightline::store
