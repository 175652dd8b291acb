#include "src/store/record_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "src/store/files.h"
#include "src/store/test_records.h"

namespace sightline::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::OwnedRecord;

class RecordFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "record_file_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ / "records";
  }
  void TearDown() override { fs::remove_all(folder_); }

  // `count` records of one lane, then `more` of a second: what does not fill a block makes a chunk of its
  // own.
  RecordFileTotals Write(uint64_t count, uint64_t more = 0) {
    auto writer = RecordFileWriter::Create(path_, 2);
    EXPECT_TRUE(writer.ok());
    std::mt19937_64 random(1);
    for (uint64_t i = 0; i < count + more; ++i) {
      const OwnedRecord owned = testing::TypicalRecord(random, i);
      (*writer)->lane(i < count ? 0 : 1).Append(owned.record, owned.spans);
    }
    const Result<RecordFileTotals> totals = (*writer)->Close();
    EXPECT_TRUE(totals.ok());
    return *totals;
  }

  // How many records come back, all as written.
  Result<bool> ReadBack(uint64_t& seen) {
    std::mt19937_64 random(1);
    seen = 0;
    return ForEachRecordInFile(path_, [&](const RequestRecord& record, std::span<const StageSpan> spans) {
      const OwnedRecord expected = testing::TypicalRecord(random, seen);
      ASSERT_TRUE(testing::SameRecord(record, expected.record)) << seen;
      ASSERT_TRUE(testing::SameSpans(spans, expected.spans)) << seen;
      ++seen;
    });
  }

  std::string Bytes() const { return ReadFile(path_).value(); }
  void SetBytes(std::string_view bytes) const {
    fs::remove(path_);  // some file systems flush what is written over: slow
    std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  fs::path folder_;
  fs::path path_;
};

TEST_F(RecordFileTest, BringsBackEveryRecordAndSaysItIsComplete) {
  for (const uint64_t count : {0, 1, 4096, 4097, 10'000}) {
    const RecordFileTotals written = Write(count);
    EXPECT_EQ(written.records, count);
    EXPECT_EQ(written.chunks, (count + 4095) / 4096);
    uint64_t seen = 0;
    const Result<bool> complete = ReadBack(seen);
    ASSERT_TRUE(complete.ok()) << complete.error().message();
    EXPECT_TRUE(*complete);
    EXPECT_EQ(seen, count);
  }
}

TEST_F(RecordFileTest, TellsWhatTheWriterCounted) {
  const RecordFileTotals written = Write(5000);
  auto reader = RecordFileReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  RecordBlock block;
  EXPECT_FALSE(reader->totals().has_value());
  while (reader->NextBlock(block).value()) continue;
  ASSERT_TRUE(reader->totals().has_value());
  EXPECT_EQ(*reader->totals(), written);
  EXPECT_FALSE(reader->NextBlock(block).value()) << "the end stays the end";
}

TEST_F(RecordFileTest, KeepsTheOrderOfEachOfSeveralLanes) {
  constexpr int kLanes = 3;
  constexpr uint64_t kCount = 20'000;
  auto writer = RecordFileWriter::Create(path_, kLanes, 1);
  ASSERT_TRUE(writer.ok());
  std::vector<std::thread> threads;
  for (int lane = 0; lane < kLanes; ++lane) {
    threads.emplace_back([&, lane] {
      std::mt19937_64 random(lane);
      for (uint64_t i = 0; i < kCount; ++i) {
        const OwnedRecord owned = testing::TypicalRecord(random, i, lane);
        (*writer)->lane(lane).Append(owned.record, owned.spans);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE((*writer)->Close().ok());
  std::vector<uint64_t> next(kLanes);
  std::vector<std::mt19937_64> randoms;
  for (int lane = 0; lane < kLanes; ++lane) randoms.emplace_back(lane);
  const auto complete =
      ForEachRecordInFile(path_, [&](const RequestRecord& record, std::span<const StageSpan> spans) {
        const auto lane = static_cast<size_t>(record.instance);
        const OwnedRecord expected = testing::TypicalRecord(randoms[lane], next[lane]++, record.instance);
        ASSERT_TRUE(testing::SameRecord(record, expected.record));
        ASSERT_TRUE(testing::SameSpans(spans, expected.spans));
      });
  ASSERT_TRUE(complete.ok());
  EXPECT_TRUE(*complete);
  EXPECT_EQ(next, std::vector<uint64_t>(kLanes, kCount));
}

TEST_F(RecordFileTest, CountsHowOftenALaneWaited) {
  // A pipe that nobody reads from fills up: the writing thread hangs in it, and the lane runs out of blocks.
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::mt19937_64 random(1);
  const OwnedRecord owned = testing::WildRecord(random);
  std::atomic<bool> drain{false};
  std::thread reader([&] {
    std::ifstream in(pipe, std::ios::binary);
    char bytes[4096];
    while (!drain.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    while (in.read(bytes, sizeof(bytes)) || in.gcount() > 0) continue;
  });
  auto writer = RecordFileWriter::Create(pipe, 1, 1);
  ASSERT_TRUE(writer.ok());
  std::atomic<uint64_t> appended{0};
  std::thread lane([&] {
    for (uint64_t i = 0; i < 20 * RecordBlock::kRows; ++i) {
      OwnedRecord wild = testing::WildRecord(random);
      wild.spans.clear();
      (*writer)->lane(0).Append(wild.record, wild.spans);
      appended.store(i + 1);
    }
  });
  // Until the lane stands still: it has filled its blocks, and the pipe takes no more.
  uint64_t before = 0;
  do {
    before = appended.load();
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  } while (before < RecordBlock::kRows || appended.load() != before);
  EXPECT_LT(before, 20 * RecordBlock::kRows) << "20 blocks can't be on their way in 2 blocks and a pipe";
  drain.store(true);
  lane.join();
  const Result<RecordFileTotals> totals = (*writer)->Close();
  writer->reset();
  reader.join();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->records, 20 * RecordBlock::kRows);
  EXPECT_GE(totals->waits, 1U);
}

// Blocks that are full all at once have to wait for each other's way to the disk.
TEST_F(RecordFileTest, LanesInStepHandOnTheirBlocksOneAfterTheOther) {
  constexpr int kLanes = 4;
  auto writer = RecordFileWriter::Create(path_, kLanes);
  ASSERT_TRUE(writer.ok());
  std::mt19937_64 random(1);
  for (uint64_t i = 0; i < kLanes * 2 * RecordBlock::kRows; ++i) {
    const OwnedRecord owned = testing::TypicalRecord(random, i);
    (*writer)->lane(static_cast<int>(i % kLanes)).Append(owned.record, owned.spans);
  }
  ASSERT_TRUE((*writer)->Close().ok());
  auto reader = RecordFileReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  std::vector<int64_t> records;
  for (auto chunk = reader->NextChunk(); chunk.ok() && *chunk; chunk = reader->NextChunk()) {
    records.push_back(static_cast<int64_t>(reader->header().records));
  }
  ASSERT_EQ(records.size(), 11U);
  EXPECT_THAT(std::vector(records.begin(), records.begin() + 7),
              ::testing::ElementsAre(1024, 2048, 3072, 4096, 4096, 4096, 4096));
  EXPECT_THAT(std::vector(records.begin() + 7, records.end()),
              ::testing::UnorderedElementsAre(4096, 1024, 2048, 3072));
}

// Whatever of the last chunks is missing, all chunks before it are read and the rest is not made up.
TEST_F(RecordFileTest, LosesOnlyTheTornChunk) {
  constexpr uint64_t kRows = 30;
  Write(kRows, 60);
  const std::string whole = Bytes();
  Write(kRows);
  // Without its end mark that one is where the second chunk begins.
  const size_t second = Bytes().size() - kChunkHeaderBytes;
  const size_t end = whole.size() - kChunkHeaderBytes;
  ASSERT_LT(second, end);
  ASSERT_EQ(whole.substr(0, second), Bytes().substr(0, second));
  for (size_t size = second; size <= whole.size(); ++size) {
    SetBytes(std::string_view(whole).substr(0, size));
    uint64_t seen = 0;
    const Result<bool> complete = ReadBack(seen);
    ASSERT_TRUE(complete.ok()) << size << ": " << complete.error().message();
    EXPECT_EQ(*complete, size == whole.size()) << size;
    EXPECT_EQ(seen, size < end ? kRows : kRows + 60) << size;
  }
}

TEST_F(RecordFileTest, ReadsAFileCutAnywhereInTheFirstChunk) {
  Write(5);
  const std::string whole = Bytes();
  for (size_t size = 0; size + kChunkHeaderBytes < whole.size(); ++size) {
    SetBytes(std::string_view(whole).substr(0, size));
    uint64_t seen = 1;
    const Result<bool> complete = ReadBack(seen);
    ASSERT_TRUE(complete.ok()) << size << ": " << complete.error().message();
    EXPECT_FALSE(*complete);
    EXPECT_EQ(seen, 0U);
  }
}

TEST_F(RecordFileTest, ZerosAtTheEndAreATornTail) {
  Write(5);
  const std::string whole = Bytes();
  const std::string without_mark = whole.substr(0, whole.size() - kChunkHeaderBytes);
  for (const size_t zeros : {1, 32, 33, 200'000}) {
    SetBytes(without_mark + std::string(zeros, '\0'));
    uint64_t seen = 0;
    const Result<bool> complete = ReadBack(seen);
    ASSERT_TRUE(complete.ok()) << zeros << ": " << complete.error().message();
    EXPECT_FALSE(*complete);
    EXPECT_EQ(seen, 5U);
  }
  SetBytes(without_mark + std::string(200'000, '\0') + "x");
  uint64_t seen = 0;
  EXPECT_FALSE(ReadBack(seen).ok());
}

TEST_F(RecordFileTest, NamesFileAndPlaceOfEveryFlippedByte) {
  constexpr uint64_t kRows = 30;
  Write(kRows, 40);
  const std::string whole = Bytes();
  Write(kRows);
  const size_t second = Bytes().size() - kChunkHeaderBytes;
  for (size_t at = second; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    SetBytes(damaged);
    uint64_t seen = 0;
    const Result<bool> complete = ReadBack(seen);
    ASSERT_FALSE(complete.ok()) << "byte " << at;
    const bool in_mark = at >= whole.size() - kChunkHeaderBytes;
    EXPECT_EQ(seen, in_mark ? kRows + 40 : kRows);
    EXPECT_THAT(complete.error().message(),
                HasSubstr(path_.string() + " is damaged at byte " +
                          std::to_string(in_mark ? whole.size() - kChunkHeaderBytes : second)));
  }
}

TEST_F(RecordFileTest, NoticesAChunkThatWasTakenOut) {
  Write(30, 40);
  const std::string whole = Bytes();
  Write(30);
  const size_t second = Bytes().size() - kChunkHeaderBytes;
  SetBytes(whole.substr(0, second) + whole.substr(whole.size() - kChunkHeaderBytes));
  uint64_t seen = 0;
  const Result<bool> complete = ReadBack(seen);
  ASSERT_FALSE(complete.ok());
  EXPECT_THAT(complete.error().message(), HasSubstr("chunks are missing"));
}

TEST_F(RecordFileTest, RefusesOtherFiles) {
  uint64_t seen = 0;
  SetBytes("request_id,query_id,frame_id\n1,2,3\n");
  EXPECT_THAT(ReadBack(seen).error().message(), HasSubstr("is not a record file of sightline"));
  Write(1);
  std::string later = Bytes();
  later[15] = 2;
  SetBytes(later);
  EXPECT_THAT(ReadBack(seen).error().message(), HasSubstr("of a later version"));
  fs::remove(path_);
  EXPECT_THAT(ReadBack(seen).error().message(), HasSubstr("can't read " + path_.string()));
  fs::create_directory(path_);
  EXPECT_THAT(ReadBack(seen).error().message(), HasSubstr("can't read " + path_.string()));
}

TEST_F(RecordFileTest, AFullDiskEndsNoLaneAndIsReported) {
  auto writer = RecordFileWriter::Create("/dev/full", 2, 1);
  ASSERT_TRUE(writer.ok());
  std::mt19937_64 random(1);
  for (uint64_t i = 0; i < 50'000; ++i) {
    const OwnedRecord owned = testing::TypicalRecord(random, i);
    (*writer)->lane(static_cast<int>(i % 2)).Append(owned.record, owned.spans);
  }
  const Result<RecordFileTotals> totals = (*writer)->Close();
  EXPECT_TRUE((*writer)->failed());
  ASSERT_FALSE(totals.ok());
  EXPECT_EQ(totals.error().message(),
            "can't write /dev/full: No space left on device; 50000 of 50000 records are not in the file");
  uint64_t kept = 0;
  for (const auto& block : (*writer)->unwritten()) kept += block->rows.size();
  EXPECT_EQ(kept, 50'000U);
}

TEST_F(RecordFileTest, SaysWhereItCanNotWrite) {
  const auto writer = RecordFileWriter::Create(folder_ / "missing" / "records", 1);
  ASSERT_FALSE(writer.ok());
  EXPECT_THAT(writer.error().message(), HasSubstr("missing/records: No such file or directory"));
}

TEST_F(RecordFileTest, WithoutCloseWholeBlocksStay) {
  {
    auto writer = RecordFileWriter::Create(path_, 1);
    ASSERT_TRUE(writer.ok());
    std::mt19937_64 random(1);
    for (uint64_t i = 0; i < 2 * RecordBlock::kRows + 10; ++i) {
      const OwnedRecord owned = testing::TypicalRecord(random, i);
      (*writer)->lane(0).Append(owned.record, owned.spans);
    }
  }
  uint64_t seen = 0;
  const Result<bool> complete = ReadBack(seen);
  ASSERT_TRUE(complete.ok());
  EXPECT_FALSE(*complete);
  EXPECT_EQ(seen, 2 * RecordBlock::kRows);
}

}  // namespace
}  // namespace sightline::store
