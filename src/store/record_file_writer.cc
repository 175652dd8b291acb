#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/store/record_file.h"
#include "src/store/record_file_format.h"

namespace sightline::store {
namespace {

// Memory a process has asked for but not touched costs a page fault per 4 KiB: better here than in a lane.
std::unique_ptr<RecordBlock> TouchedBlock() {
  auto block = std::make_unique<RecordBlock>();
  block->rows.resize(RecordBlock::kRows);
  block->spans.resize(RecordBlock::kSpans);
  block->Clear();
  return block;
}

Error CannotWrite(const std::filesystem::path& path, const std::string& why) {
  return Error(ErrorKind::kUnavailable, "can't write " + path.string() + ": " + why);
}

}  // namespace

class RecordFileWriter::Lane final : public RecordSink {
 public:
  // `first_rows`: after so many the first block is handed on.
  Lane(RecordFileWriter& writer, size_t first_rows)
      : writer_(writer), block_(TouchedBlock()), most_rows_(first_rows) {}

  void Append(const RequestRecord& record, std::span<const StageSpan> spans) override {
    if (block_->rows.size() >= most_rows_ || !block_->HasRoomFor(spans.size())) {
      block_ = writer_.Swap(std::move(block_));
      most_rows_ = RecordBlock::kRows;
    }
    block_->Append(record, spans);
  }
  bool failed() const override { return writer_.failed(); }
  BlockPtr TakeBlock() { return std::move(block_); }

 private:
  RecordFileWriter& writer_;
  BlockPtr block_;
  size_t most_rows_;
};

Result<std::unique_ptr<RecordFileWriter>> RecordFileWriter::Create(const std::filesystem::path& path,
                                                                   int lanes, int spare_blocks) {
  SIGHTLINE_CHECK(lanes > 0 && spare_blocks > 0);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return CannotWrite(path, std::strerror(errno));
  std::setvbuf(file, nullptr, _IONBF, 0);  // chunks are large, and a killed program keeps what it wrote
  std::unique_ptr<RecordFileWriter> writer(new RecordFileWriter(path, file));
  // Lanes begin together and are about as fast as each other: were their first blocks alike, all would be
  // full at once, of many lanes more than there are spare ones, and every time after that.
  for (int i = 0; i < lanes; ++i) {
    const size_t first_rows =
        RecordBlock::kRows * static_cast<size_t>(lanes - i) / static_cast<size_t>(lanes);
    writer->lanes_.push_back(std::make_unique<Lane>(*writer, std::max<size_t>(first_rows, 1)));
  }
  for (int i = 0; i < spare_blocks; ++i) writer->empty_.push_back(TouchedBlock());
  writer->thread_ = std::thread([w = writer.get()] { w->WriteBlocks(); });
  return writer;
}

RecordFileWriter::RecordFileWriter(std::filesystem::path path, std::FILE* file)
    : path_(std::move(path)), file_(file) {}

RecordFileWriter::~RecordFileWriter() {
  StopThread();
  if (file_ != nullptr) std::fclose(file_);
}

RecordSink& RecordFileWriter::lane(int index) {
  return *lanes_.at(static_cast<size_t>(index));
}

// Gives a full block away and takes an empty one.
RecordFileWriter::BlockPtr RecordFileWriter::Swap(BlockPtr full) {
  std::unique_lock lock(mutex_);
  full_.push_back(std::move(full));
  full_changed_.notify_one();
  if (empty_.empty()) {
    ++waits_;
    empty_changed_.wait(lock, [this] { return !empty_.empty(); });
  }
  BlockPtr block = std::move(empty_.back());
  empty_.pop_back();
  return block;
}

void RecordFileWriter::WriteBytes(std::string_view bytes) {
  if (failed()) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return;
  write_errno_ = errno;
  failed_.store(true, std::memory_order_relaxed);
}

// The writing thread.
void RecordFileWriter::WriteBlocks() {
  ChunkEncoder encoder;
  std::string chunk;
  WriteBytes(kRecordFileStart);
  std::unique_lock lock(mutex_);
  while (true) {
    full_changed_.wait(lock, [this] { return !full_.empty() || closing_; });
    if (full_.empty()) return;
    BlockPtr block = std::move(full_.front());
    full_.pop_front();
    lock.unlock();
    if (!failed()) {
      encoder.Encode(*block, chunk);
      WriteBytes(chunk);
    }
    if (failed()) {
      unwritten_.push_back(std::move(block));
      block = TouchedBlock();
    } else {
      totals_.records += block->rows.size();
      ++totals_.chunks;
      block->Clear();
    }
    lock.lock();
    empty_.push_back(std::move(block));
    empty_changed_.notify_one();
  }
}

void RecordFileWriter::StopThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  full_changed_.notify_one();
  thread_.join();
}

Result<RecordFileTotals> RecordFileWriter::Close() {
  SIGHTLINE_CHECK(file_ != nullptr);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& lane : lanes_) {
      BlockPtr block = lane->TakeBlock();
      if (!block->rows.empty()) full_.push_back(std::move(block));
    }
    totals_.waits = waits_;
  }
  StopThread();
  WriteBytes(EndMark(totals_));
  if (std::fclose(std::exchange(file_, nullptr)) != 0 && !failed()) {
    write_errno_ = errno;
    failed_.store(true);
  }
  if (!failed()) return totals_;
  uint64_t missing = 0;
  for (const BlockPtr& block : unwritten_) missing += block->rows.size();
  return CannotWrite(path_, fmt::format("{}; {} of {} records are not in the file",
                                        std::strerror(write_errno_), missing, missing + totals_.records));
}

Status WriteRecordFile(const std::filesystem::path& path, std::span<const RecordLog> lanes) {
  SIGHTLINE_ASSIGN_OR_RETURN(const auto writer,
                             RecordFileWriter::Create(path, static_cast<int>(lanes.size())));
  for (size_t i = 0; i < lanes.size(); ++i) {
    RecordSink& sink = writer->lane(static_cast<int>(i));
    lanes[i].ForEach(
        [&](const RequestRecord& record, std::span<const StageSpan> spans) { sink.Append(record, spans); });
  }
  return writer->Close().status();
}

}  // namespace sightline::store
