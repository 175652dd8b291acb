// A block of records as one self-checking run of bytes: in a record file and in the database alike.
//
// 32 bytes of header (little-endian 32-bit numbers: magic, format, payload bytes, raw bytes, records, spans,
// 0, CRC-32 of the seven before), then the payload: one zstd frame with its checksum (XXH64) over the columns
// of record_columns.h, each packed as packed_column.h says. Nothing is lost: every field of every record
// comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/flow/record.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace sightline::store {

constexpr size_t kChunkHeaderBytes = 32;

struct ChunkHeader {
  uint32_t payload_bytes = 0;
  uint32_t raw_bytes = 0;
  uint32_t records = 0;
  uint32_t spans = 0;

  size_t chunk_bytes() const { return kChunkHeaderBytes + payload_bytes; }
};

// nullopt: these are not the (at least kChunkHeaderBytes) bytes of a chunk's header.
std::optional<ChunkHeader> ParseChunkHeader(std::string_view bytes);

// Keeps its working memory (about 6 MiB) from chunk to chunk. One thread at a time.
class ChunkEncoder {
 public:
  ChunkEncoder();
  ~ChunkEncoder();
  // `out` becomes the chunk.
  void Encode(const RecordBlock& block, std::string& out);

 private:
  int64_t* Column(size_t index);
  void GatherStrip(const RecordBlock& block, size_t begin, size_t end);
  void GatherSpans(const RecordBlock& block, size_t row, int64_t anchor);

  ZSTD_CCtx_s* context_;
  std::vector<int64_t> columns_;
  std::vector<size_t> span_rows_;  // per position in a record: how many records have a span there
  std::string raw_;
};

// Keeps its working memory from chunk to chunk. One thread at a time. Errors say what is wrong with the
// chunk; the caller knows where it is.
class ChunkDecoder {
 public:
  ChunkDecoder();
  ~ChunkDecoder();
  // `block` becomes what was encoded.
  Status Decode(std::string_view chunk, RecordBlock& block);
  // Whether length and checksum of the chunk are right; its header.
  Result<ChunkHeader> Verify(std::string_view chunk);

 private:
  ZSTD_DCtx_s* context_;
  std::string raw_;
};

}  // namespace sightline::store
