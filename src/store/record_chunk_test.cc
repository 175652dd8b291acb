#include "src/store/record_chunk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/store/packed_column.h"
#include "src/store/test_records.h"

namespace sightline::store {
namespace {

using ::testing::HasSubstr;
using testing::OwnedRecord;

std::string Encode(const std::vector<OwnedRecord>& records) {
  RecordBlock block;
  for (const OwnedRecord& owned : records) {
    EXPECT_TRUE(block.HasRoomFor(owned.spans.size()));
    block.Append(owned.record, owned.spans);
  }
  ChunkEncoder encoder;
  std::string chunk;
  encoder.Encode(block, chunk);
  return chunk;
}

void ExpectHolds(const RecordBlock& block, const std::vector<OwnedRecord>& records) {
  ASSERT_EQ(block.rows.size(), records.size());
  size_t i = 0;
  block.ForEach([&](const RequestRecord& record, std::span<const StageSpan> spans) {
    ASSERT_TRUE(testing::SameRecord(record, records[i].record)) << "record " << i;
    ASSERT_TRUE(testing::SameSpans(spans, records[i].spans)) << "record " << i;
    ++i;
  });
}

void ExpectComesBack(const std::vector<OwnedRecord>& records) {
  const std::string chunk = Encode(records);
  ChunkDecoder decoder;
  RecordBlock block;
  const Status status = decoder.Decode(chunk, block);
  ASSERT_TRUE(status.ok()) << status.error().message();
  ExpectHolds(block, records);
}

std::vector<OwnedRecord> Typical(size_t count, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::vector<OwnedRecord> records;
  for (size_t i = 0; i < count; ++i) records.push_back(testing::TypicalRecord(random, i));
  return records;
}

TEST(PackedColumn, BringsBackTheWidestDifferences) {
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHigh = std::numeric_limits<int64_t>::max();
  const std::vector<std::vector<int64_t>> columns = {
      {},           {7},      {kLow},   {0, 0, 0},  {kLow, kHigh, 0, -1, 1, kLow},
      {5, 6, 7, 8}, {255, 0}, {256, 0}, {-1, kHigh}};
  for (const Prediction prediction : {Prediction::kPlain, Prediction::kDelta}) {
    for (const std::vector<int64_t>& column : columns) {
      std::vector<int64_t> scratch = column;
      std::string bytes;
      PackColumn(scratch, prediction, bytes);
      std::string_view rest = bytes;
      ColumnReader reader;
      ASSERT_TRUE(reader.Open(rest, column.size()));
      EXPECT_TRUE(rest.empty());
      std::vector<int64_t> read(column.size());
      const size_t half = read.size() / 2;
      reader.Read(std::span(read).first(half));
      reader.Read(std::span(read).subspan(half));
      EXPECT_EQ(read, column);
    }
  }
}

TEST(PackedColumn, TakesNoBytesForWhatIsConstantOrGrowsEvenly) {
  std::vector<int64_t> even;
  for (int64_t i = 0; i < 1000; ++i) even.push_back(1'000'000'007 * i);
  std::string bytes;
  PackColumn(even, Prediction::kDelta, bytes);
  EXPECT_EQ(bytes.size(), 18U);
  std::vector<int64_t> constant(1000, -3);
  bytes.clear();
  PackColumn(constant, Prediction::kPlain, bytes);
  EXPECT_EQ(bytes.size(), 18U);
}

TEST(RecordChunk, BringsBackWhatALaneWrites) {
  for (const size_t count : {0, 1, 2, 127, 128, 129, 513, 4096}) ExpectComesBack(Typical(count));
}

TEST(RecordChunk, BringsBackAnyRecord) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<OwnedRecord> records;
    const size_t count = 1 + random() % 900;
    for (size_t i = 0; i < count; ++i) records.push_back(testing::WildRecord(random));
    ExpectComesBack(records);
  }
}

TEST(RecordChunk, ReusesItsMemoryWithoutMixingBlocks) {
  std::mt19937_64 random(3);
  ChunkEncoder encoder;
  ChunkDecoder decoder;
  RecordBlock decoded;
  for (const size_t count : {900, 10, 0, 400}) {
    std::vector<OwnedRecord> records;
    RecordBlock block;
    for (size_t i = 0; i < count; ++i) {
      records.push_back(testing::WildRecord(random));
      block.Append(records.back().record, records.back().spans);
    }
    std::string chunk;
    encoder.Encode(block, chunk);
    ASSERT_TRUE(decoder.Decode(chunk, decoded).ok());
    ExpectHolds(decoded, records);
  }
}

TEST(RecordChunk, TakesATenthOfTheMemoryItHeld) {
  const std::string chunk = Encode(Typical(4096));
  EXPECT_LT(chunk.size(), 4096 * RecordLog::BytesPerRecord(8) / 10);
}

TEST(RecordChunk, NoticesEveryFlippedByte) {
  const std::vector<OwnedRecord> records = Typical(40);
  const std::string chunk = Encode(records);
  ChunkDecoder decoder;
  RecordBlock block;
  for (size_t at = 0; at < chunk.size(); ++at) {
    std::string damaged = chunk;
    damaged[at] = static_cast<char>(~damaged[at]);
    const Status status = decoder.Decode(damaged, block);
    ASSERT_FALSE(status.ok()) << "byte " << at;
    EXPECT_THAT(status.error().message(), HasSubstr("damaged records"));
  }
}

// A few bits of a zstd frame mean nothing; whatever is not noticed has to be harmless.
TEST(RecordChunk, IsNeverMisledByAFlippedBit) {
  const std::vector<OwnedRecord> records = Typical(40);
  const std::string chunk = Encode(records);
  ChunkDecoder decoder;
  RecordBlock block;
  int unnoticed = 0;
  for (size_t bit = 0; bit < chunk.size() * 8; ++bit) {
    std::string damaged = chunk;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    if (!decoder.Decode(damaged, block).ok()) continue;
    ++unnoticed;
    ExpectHolds(block, records);
  }
  EXPECT_LT(unnoticed, static_cast<int>(chunk.size() * 8 / 100));
}

TEST(RecordChunk, NoticesEveryCut) {
  const std::string chunk = Encode(Typical(40));
  ChunkDecoder decoder;
  RecordBlock block;
  for (size_t size = 0; size < chunk.size(); ++size) {
    EXPECT_FALSE(decoder.Decode(chunk.substr(0, size), block).ok()) << size;
  }
  EXPECT_FALSE(decoder.Decode(chunk + "x", block).ok());
}

}  // namespace
}  // namespace sightline::store
