#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/store/record_file.h"
#include "src/store/record_file_format.h"

namespace sightline::store {

Result<RecordFileReader> RecordFileReader::Open(const std::filesystem::path& path) {
  return ReadStart(path, std::fopen(path.c_str(), "rb"));
}

Result<RecordFileReader> RecordFileReader::Open(int descriptor, const std::filesystem::path& path) {
  const int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  // Both stand at one place of the file.
  if (own >= 0 && lseek(own, 0, SEEK_SET) == 0) return ReadStart(path, fdopen(own, "rb"));
  const Error error(ErrorKind::kUnavailable, "can't read " + path.string() + ": " + std::strerror(errno));
  if (own >= 0) close(own);
  return error;
}

// `file`: just opened, or null with errno.
Result<RecordFileReader> RecordFileReader::ReadStart(const std::filesystem::path& path, std::FILE* file) {
  if (file == nullptr) {
    const ErrorKind kind = errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable;
    return Error(kind, "can't read " + path.string() + ": " + std::strerror(errno));
  }
  std::setvbuf(file, nullptr, _IONBF, 0);  // chunks are read whole
  RecordFileReader reader(path, file);
  SIGHTLINE_ASSIGN_OR_RETURN(const bool whole, reader.Fill(0, kRecordFileStart.size()));
  const std::string_view start = reader.buffer_;
  if (start != kRecordFileStart.substr(0, start.size())) {
    // The version is the last byte.
    const bool other_version =
        whole && start.substr(0, start.size() - 1) == kRecordFileStart.substr(0, kRecordFileStart.size() - 1);
    return Error(
        ErrorKind::kInvalidArgument,
        path.string() + (other_version ? " is a record file of a later version; use a newer sightline"
                                       : " is not a record file of sightline"));
  }
  reader.next_ = start.size();
  return reader;
}

RecordFileReader::RecordFileReader(std::filesystem::path path, std::FILE* file)
    : path_(std::move(path)), file_(file), decoder_(std::make_unique<ChunkDecoder>()) {}

// Puts bytes into the buffer from `offset` on, up to `size` in all; false: the file ends before.
Result<bool> RecordFileReader::Fill(size_t offset, size_t size) {
  buffer_.resize(size);
  errno = 0;
  const size_t read = std::fread(buffer_.data() + offset, 1, size - offset, file_.get());
  buffer_.resize(offset + read);
  if (std::ferror(file_.get()) != 0) {
    return Error(ErrorKind::kUnavailable, "can't read " + path_.string() + ": " + std::strerror(errno));
  }
  return buffer_.size() == size;
}

Error RecordFileReader::DamagedHere(const std::string& how) const {
  return Error(ErrorKind::kInvalidArgument, path_.string() + " is damaged at byte " +
                                                std::to_string(position_) + ": " + how + "; the " +
                                                std::to_string(records_) + " records before it can be read");
}

// Whether nothing but zeros follows, the buffer included: a file system that lost power may have made the
// file longer and not have written what belongs there.
Result<bool> RecordFileReader::AtEnd() {
  bool more = true;
  while (more) {
    if (std::any_of(buffer_.begin(), buffer_.end(), [](char c) { return c != 0; })) return false;
    SIGHTLINE_ASSIGN_OR_RETURN(more, Fill(0, size_t{1} << 16));
  }
  return std::all_of(buffer_.begin(), buffer_.end(), [](char c) { return c == 0; });
}

Result<std::optional<std::string_view>> RecordFileReader::NextChunk() {
  const std::optional<std::string_view> none;
  if (totals_) return none;
  position_ = next_;
  SIGHTLINE_ASSIGN_OR_RETURN(const bool has_header, Fill(0, kChunkHeaderBytes));
  if (!has_header) return none;
  if (const auto totals = ParseEndMark(buffer_)) {
    if (totals->chunks != chunks_ || totals->records != records_) return DamagedHere("chunks are missing");
    totals_ = totals;
    return none;
  }
  const std::optional<ChunkHeader> header = ParseChunkHeader(buffer_);
  if (!header) {
    SIGHTLINE_ASSIGN_OR_RETURN(const bool ends, AtEnd());
    if (ends) return none;
    return DamagedHere("here should be a chunk of records");
  }
  SIGHTLINE_ASSIGN_OR_RETURN(const bool whole, Fill(kChunkHeaderBytes, header->chunk_bytes()));
  if (!whole) return none;
  header_ = *header;
  next_ = position_ + buffer_.size();
  records_ += header->records;
  ++chunks_;
  return std::optional<std::string_view>(buffer_);
}

Error RecordFileReader::DamagedChunk(const Error& how) {
  records_ -= header_.records;
  return DamagedHere(how.message());
}

Result<std::optional<std::string_view>> RecordFileReader::NextSoundChunk() {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::optional<std::string_view> chunk, NextChunk());
  if (!chunk) return chunk;
  const Result<ChunkHeader> header = decoder_->Verify(*chunk);
  if (!header.ok()) return DamagedChunk(header.error());
  return chunk;
}

Result<bool> RecordFileReader::NextBlock(RecordBlock& block) {
  SIGHTLINE_ASSIGN_OR_RETURN(const std::optional<std::string_view> chunk, NextChunk());
  if (!chunk) return false;
  if (const Status status = decoder_->Decode(*chunk, block); !status.ok())
    return DamagedChunk(status.error());
  return true;
}

Result<bool> ForEachRecordIn(RecordFileReader reader, const RecordVisitor& visit) {
  RecordBlock block;
  while (true) {
    SIGHTLINE_ASSIGN_OR_RETURN(const bool more, reader.NextBlock(block));
    if (!more) return reader.totals().has_value();
    block.ForEach(visit);
  }
}

Result<bool> ForEachRecordInFile(const std::filesystem::path& path, const RecordVisitor& visit) {
  SIGHTLINE_ASSIGN_OR_RETURN(RecordFileReader reader, RecordFileReader::Open(path));
  return ForEachRecordIn(std::move(reader), visit);
}

}  // namespace sightline::store
