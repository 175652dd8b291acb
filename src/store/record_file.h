// Raw records of a run in a file: chunks (record_chunk.h) one after the other, then an end mark. Written
// while the run goes on, in bounded memory; whatever happens to the program or the machine, whole chunks stay
// readable, and a torn last one loses only itself.
//
// Layout: 16 bytes of magic and version, chunks, and an end mark of 32 bytes (magic, CRC-32, then as 64-bit
// numbers records, chunks and the lanes' waits).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "src/base/result.h"
#include "src/flow/record.h"
#include "src/store/record_chunk.h"

namespace sightline::store {

// What a finished file says of itself.
struct RecordFileTotals {
  uint64_t records = 0;
  uint64_t chunks = 0;
  // How often a lane had a full block while all others were on their way to the disk, and waited: it then
  // measured the disk too.
  uint64_t waits = 0;

  friend bool operator==(const RecordFileTotals&, const RecordFileTotals&) = default;
};

// Takes records of several lanes and writes them on a thread of its own. A lane fills a block of memory and
// swaps it for an empty one when it is full; it waits only when there is none.
class RecordFileWriter {
 public:
  // `spare_blocks`: how many blocks (1.5 MiB each) are there besides the one that each lane fills. The file
  // is made anew.
  static Result<std::unique_ptr<RecordFileWriter>> Create(const std::filesystem::path& path, int lanes,
                                                          int spare_blocks = 6);
  // Without Close the file keeps what was handed on so far, and has no end mark.
  ~RecordFileWriter();
  RecordFileWriter(const RecordFileWriter&) = delete;
  RecordFileWriter& operator=(const RecordFileWriter&) = delete;

  // The lane's sink, one thread each; lives as long as this. After a failure to write it goes on taking
  // records, into memory that grows.
  RecordSink& lane(int index);
  // Whether a write has failed; Close tells how. Any thread.
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  // After the lanes' last Append: writes what is left and the end mark. Once.
  Result<RecordFileTotals> Close();

  // After Close: what the disk did not take, in memory; the rest is in the file.
  std::span<const std::unique_ptr<RecordBlock>> unwritten() const { return unwritten_; }
  // After Close, failed or not: what is in the file.
  const RecordFileTotals& totals() const { return totals_; }

 private:
  class Lane;
  using BlockPtr = std::unique_ptr<RecordBlock>;

  RecordFileWriter(std::filesystem::path path, std::FILE* file);
  BlockPtr Swap(BlockPtr full);
  void WriteBlocks();
  void WriteBytes(std::string_view bytes);
  void StopThread();

  const std::filesystem::path path_;
  std::FILE* file_;
  std::vector<std::unique_ptr<Lane>> lanes_;

  std::mutex mutex_;
  std::condition_variable full_changed_;
  std::condition_variable empty_changed_;
  std::deque<BlockPtr> full_;
  std::vector<BlockPtr> empty_;
  bool closing_ = false;
  uint64_t waits_ = 0;

  std::atomic<bool> failed_{false};
  // The writing thread's, and Close's after it has ended.
  int write_errno_ = 0;
  std::vector<BlockPtr> unwritten_;
  RecordFileTotals totals_;
  std::thread thread_;
};

// Reads a record file front to back. One thread.
class RecordFileReader {
 public:
  static Result<RecordFileReader> Open(const std::filesystem::path& path);
  // A file that is open already, also one that has lost its name; `descriptor` stays the caller's, its place
  // in the file moves. `path`: for errors.
  static Result<RecordFileReader> Open(int descriptor, const std::filesystem::path& path);

  // The next chunk as it lies in the file, its header checked, its contents not; lives until the next call.
  // nullopt: there is none, see totals(). A damaged file is an error that names file and byte.
  Result<std::optional<std::string_view>> NextChunk();
  // As NextChunk, its contents checked too.
  Result<std::optional<std::string_view>> NextSoundChunk();
  // Of the chunk that came last.
  const ChunkHeader& header() const { return header_; }
  // The next chunk's records; false: there is none.
  Result<bool> NextBlock(RecordBlock& block);

  // After the last chunk: what the writer said when it closed the file. Absent: it never did, and what was
  // under way then is missing.
  const std::optional<RecordFileTotals>& totals() const { return totals_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  RecordFileReader(std::filesystem::path path, std::FILE* file);
  static Result<RecordFileReader> ReadStart(const std::filesystem::path& path, std::FILE* file);
  Result<bool> Fill(size_t offset, size_t size);
  Result<bool> AtEnd();
  Error DamagedHere(const std::string& how) const;
  Error DamagedChunk(const Error& how);

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
  uint64_t position_ = 0;  // of the chunk in buffer_
  uint64_t next_ = 0;
  uint64_t chunks_ = 0;
  uint64_t records_ = 0;
  ChunkHeader header_;  // of the chunk in buffer_
  std::string buffer_;
  std::optional<RecordFileTotals> totals_;
  std::unique_ptr<ChunkDecoder> decoder_;
};

// What lanes kept in memory, as a file.
Status WriteRecordFile(const std::filesystem::path& path, std::span<const RecordLog> lanes);

// All records that are still to come, in the order they lie in it: each lane's in order, lanes mixed chunk by
// chunk. Returns whether the file is complete.
Result<bool> ForEachRecordIn(RecordFileReader reader, const RecordVisitor& visit);
Result<bool> ForEachRecordInFile(const std::filesystem::path& path, const RecordVisitor& visit);

}  // namespace sightline::store
