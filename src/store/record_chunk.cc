#include "src/store/record_chunk.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstring>

#include "src/store/packed_column.h"
#include "src/store/record_columns.h"

namespace sightline::store {
namespace {

constexpr uint32_t kMagic = 0x4b4e4843;  // "CHNK"
constexpr uint32_t kFormat = 1;
constexpr int kCompressionLevel = 1;
constexpr size_t kStrip = 128;  // records worked on at a time: they fit the first-level cache
// Numbers from one column to the next: not a power of two, or all columns would share few places of the
// cache.
constexpr size_t kColumnStride = RecordBlock::kRows + 8;
constexpr size_t kColumnsPerSpan = 3;
constexpr size_t kPositions = StageTrace::kCapacity;

constexpr size_t CountRecordColumns() {
  size_t count = 0;
  ForEachRecordColumn([&](auto, Prediction) { ++count; });
  return count;
}

// Where the columns are: anchor, span count, the record's, then those of each position of a span.
constexpr size_t kAnchorColumn = 0;
constexpr size_t kSpanCountColumn = 1;
constexpr size_t kFirstRecordColumn = 2;
const size_t kFirstSpanColumn = kFirstRecordColumn + CountRecordColumns();
const size_t kColumns = kFirstSpanColumn + kPositions * kColumnsPerSpan;
// No chunk is longer, whatever is in it.
const size_t kMostRawBytes = kColumns * (RecordBlock::kRows * sizeof(int64_t) + 64);

using HeaderWords = std::array<uint32_t, kChunkHeaderBytes / sizeof(uint32_t)>;

uint32_t HeaderChecksum(const HeaderWords& words) {
  boost::crc_32_type crc;
  crc.process_bytes(words.data(), kChunkHeaderBytes - sizeof(uint32_t));
  return crc.checksum();
}

void WriteHeader(const ChunkHeader& header, char* out) {
  HeaderWords words = {kMagic, kFormat, header.payload_bytes, header.raw_bytes, header.records, header.spans,
                       0,      0};
  words.back() = HeaderChecksum(words);
  std::memcpy(out, words.data(), kChunkHeaderBytes);
}

Error Damaged(const std::string& how) {
  return Error(ErrorKind::kInvalidArgument, "damaged records (" + how + ")");
}

// One chunk's columns on the way back into records.
class Unpacking {
 public:
  Unpacking(std::string_view raw, const ChunkHeader& header, RecordBlock& block)
      : raw_(raw), header_(header), block_(block) {}

  Status Run() {
    SIGHTLINE_RETURN_IF_ERROR(ReadShape());
    SIGHTLINE_RETURN_IF_ERROR(OpenColumns());
    bool possible = true;
    for (size_t begin = 0; begin < header_.records; begin += kStrip) {
      const size_t end = std::min<size_t>(begin + kStrip, header_.records);
      possible = ScatterRecords(begin, end) && ScatterSpans(begin, end) && possible;
    }
    return possible ? OkStatus() : Status(Damaged("a value that no record can have"));
  }

 private:
  // Anchors, and which spans are whose.
  Status ReadShape() {
    ColumnReader anchors;
    ColumnReader counts;
    if (!anchors.Open(raw_, header_.records) || !counts.Open(raw_, header_.records))
      return Damaged("a column is cut off");
    anchors_.resize(header_.records);
    anchors.Read(anchors_);
    std::vector<int64_t> span_counts(header_.records);
    counts.Read(span_counts);
    block_.rows.resize(header_.records);
    block_.spans.resize(header_.spans);
    size_t first = 0;
    for (size_t i = 0; i < span_counts.size(); ++i) {
      const auto count = static_cast<uint64_t>(span_counts[i]);
      if (count > kPositions || first + count > header_.spans) return Damaged("more spans than it has");
      block_.rows[i].first_span = static_cast<uint32_t>(first);
      block_.rows[i].span_count = static_cast<uint32_t>(count);
      for (size_t s = 0; s < count; ++s) ++rows_at_[s];
      first += count;
    }
    return first == header_.spans ? OkStatus() : Status(Damaged("fewer spans than it has"));
  }

  Status OpenColumns() {
    bool whole = true;
    ForEachRecordColumn([&](auto, Prediction) {
      whole = whole && record_columns_.emplace_back().Open(raw_, header_.records);
    });
    for (size_t s = 0; s < kPositions && rows_at_[s] > 0; ++s) {
      for (ColumnReader& column : span_columns_[s]) whole = whole && column.Open(raw_, rows_at_[s]);
    }
    if (!whole) return Damaged("a column is cut off");
    return raw_.empty() ? OkStatus() : Status(Damaged("bytes after the last column"));
  }

  bool ScatterRecords(size_t begin, size_t end) {
    size_t index = 0;
    bool possible = true;
    int64_t values[kStrip];
    ForEachRecordColumn([&](auto column, Prediction) {
      record_columns_[index++].Read({values, end - begin});
      for (size_t i = begin; i < end; ++i) {
        possible = column.Set(block_.rows[i].record, anchors_[i], values[i - begin]) && possible;
      }
    });
    return possible;
  }

  bool ScatterSpans(size_t begin, size_t end) {
    bool possible = true;
    for (size_t s = 0; s < kPositions && rows_at_[s] > 0; ++s)
      possible = ScatterSpansAt(s, begin, end) && possible;
    return possible;
  }

  // The spans at one position of the records that have one.
  bool ScatterSpansAt(size_t s, size_t begin, size_t end) {
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) count += block_.rows[i].span_count > s ? 1 : 0;
    int64_t keys[kStrip];
    int64_t gaps[kStrip];
    int64_t lengths[kStrip];
    span_columns_[s][0].Read({keys, count});
    span_columns_[s][1].Read({gaps, count});
    span_columns_[s][2].Read({lengths, count});
    bool possible = true;
    size_t k = 0;
    for (size_t i = begin; i < end; ++i) {
      if (block_.rows[i].span_count <= s) continue;
      StageSpan* span = block_.spans.data() + block_.rows[i].first_span + s;
      possible = UnpackKey(keys[k], *span) && possible;
      span->begin_ns = WrappingAdd(gaps[k], s == 0 ? anchors_[i] : span[-1].end_ns);
      span->end_ns = WrappingAdd(lengths[k], span->begin_ns);
      ++k;
    }
    return possible;
  }

  std::string_view raw_;
  const ChunkHeader& header_;
  RecordBlock& block_;
  std::vector<int64_t> anchors_;
  std::array<size_t, kPositions> rows_at_{};
  std::vector<ColumnReader> record_columns_;
  std::array<std::array<ColumnReader, kColumnsPerSpan>, kPositions> span_columns_;
};

}  // namespace

std::optional<ChunkHeader> ParseChunkHeader(std::string_view bytes) {
  SIGHTLINE_CHECK(bytes.size() >= kChunkHeaderBytes);
  HeaderWords words;
  std::memcpy(words.data(), bytes.data(), kChunkHeaderBytes);
  const ChunkHeader header{
      .payload_bytes = words[2], .raw_bytes = words[3], .records = words[4], .spans = words[5]};
  const bool sound = words[0] == kMagic && words[1] == kFormat && words[7] == HeaderChecksum(words) &&
                     header.records <= RecordBlock::kRows && header.spans <= RecordBlock::kSpans &&
                     header.raw_bytes <= kMostRawBytes &&
                     header.payload_bytes <= ZSTD_compressBound(kMostRawBytes);
  return sound ? std::optional(header) : std::nullopt;
}

ChunkEncoder::ChunkEncoder()
    : context_(ZSTD_createCCtx()), columns_(kColumns * kColumnStride), span_rows_(kPositions) {
  SIGHTLINE_CHECK(context_ != nullptr);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
}

int64_t* ChunkEncoder::Column(size_t index) {
  return columns_.data() + index * kColumnStride;
}

ChunkEncoder::~ChunkEncoder() {
  ZSTD_freeCCtx(context_);
}

void ChunkEncoder::GatherSpans(const RecordBlock& block, size_t row, int64_t anchor) {
  const RecordBlock::Row& from = block.rows[row];
  SIGHTLINE_CHECK(from.span_count <= kPositions);
  int64_t before_ns = anchor;
  for (size_t s = 0; s < from.span_count; ++s) {
    const StageSpan& span = block.spans[from.first_span + s];
    const size_t at = span_rows_[s]++;
    int64_t* columns = Column(kFirstSpanColumn + s * kColumnsPerSpan);
    columns[at] = PackKey(span);
    columns[kColumnStride + at] = WrappingSubtract(span.begin_ns, before_ns);
    columns[2 * kColumnStride + at] = WrappingSubtract(span.end_ns, span.begin_ns);
    before_ns = span.end_ns;
  }
}

void ChunkEncoder::GatherStrip(const RecordBlock& block, size_t begin, size_t end) {
  int64_t* anchors = Column(kAnchorColumn);
  int64_t* span_counts = Column(kSpanCountColumn);
  for (size_t i = begin; i < end; ++i) {
    const RecordBlock::Row& row = block.rows[i];
    anchors[i] = Anchor(row.record, row.span_count > 0 ? &block.spans[row.first_span] : nullptr);
    span_counts[i] = row.span_count;
    GatherSpans(block, i, anchors[i]);
  }
  size_t index = kFirstRecordColumn;
  ForEachRecordColumn([&](auto column, Prediction) {
    int64_t* values = Column(index++);
    for (size_t i = begin; i < end; ++i) values[i] = column.Get(block.rows[i].record, anchors[i]);
  });
}

void ChunkEncoder::Encode(const RecordBlock& block, std::string& out) {
  const size_t count = block.rows.size();
  std::fill(span_rows_.begin(), span_rows_.end(), 0);
  for (size_t begin = 0; begin < count; begin += kStrip)
    GatherStrip(block, begin, std::min(begin + kStrip, count));
  raw_.clear();
  PackColumn({Column(kAnchorColumn), count}, Prediction::kDelta, raw_);
  PackColumn({Column(kSpanCountColumn), count}, Prediction::kPlain, raw_);
  size_t index = kFirstRecordColumn;
  ForEachRecordColumn(
      [&](auto, Prediction prediction) { PackColumn({Column(index++), count}, prediction, raw_); });
  for (size_t s = 0; s < kPositions && span_rows_[s] > 0; ++s) {
    for (size_t c = 0; c < kColumnsPerSpan; ++c) {
      PackColumn({Column(kFirstSpanColumn + s * kColumnsPerSpan + c), span_rows_[s]}, Prediction::kPlain,
                 raw_);
    }
  }
  out.resize(kChunkHeaderBytes + ZSTD_compressBound(raw_.size()));
  const size_t payload = ZSTD_compress2(context_, out.data() + kChunkHeaderBytes,
                                        out.size() - kChunkHeaderBytes, raw_.data(), raw_.size());
  SIGHTLINE_CHECK(ZSTD_isError(payload) == 0);  // only a buffer that is too small makes it fail
  out.resize(kChunkHeaderBytes + payload);
  WriteHeader({.payload_bytes = static_cast<uint32_t>(payload),
               .raw_bytes = static_cast<uint32_t>(raw_.size()),
               .records = static_cast<uint32_t>(count),
               .spans = static_cast<uint32_t>(block.spans.size())},
              out.data());
}

ChunkDecoder::ChunkDecoder() : context_(ZSTD_createDCtx()) {
  SIGHTLINE_CHECK(context_ != nullptr);
}

ChunkDecoder::~ChunkDecoder() {
  ZSTD_freeDCtx(context_);
}

Result<ChunkHeader> ChunkDecoder::Verify(std::string_view chunk) {
  if (chunk.size() < kChunkHeaderBytes) return Damaged("a chunk is cut off");
  const std::optional<ChunkHeader> header = ParseChunkHeader(chunk);
  if (!header) return Damaged("a chunk's header is wrong");
  if (header->chunk_bytes() != chunk.size()) return Damaged("a chunk is cut off");
  raw_.resize(header->raw_bytes);
  const size_t size = ZSTD_decompressDCtx(context_, raw_.data(), raw_.size(),
                                          chunk.data() + kChunkHeaderBytes, header->payload_bytes);
  if (ZSTD_isError(size) != 0) return Damaged(std::string("a chunk's contents: ") + ZSTD_getErrorName(size));
  if (size != header->raw_bytes) return Damaged("a chunk's contents are shorter than it says");
  return *header;
}

Status ChunkDecoder::Decode(std::string_view chunk, RecordBlock& block) {
  SIGHTLINE_ASSIGN_OR_RETURN(const ChunkHeader header, Verify(chunk));
  return Unpacking(raw_, header, block).Run();
}

}  // namespace sightline::store
