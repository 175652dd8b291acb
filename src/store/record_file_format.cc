#include "src/store/record_file_format.h"

#include <array>
#include <boost/crc.hpp>
#include <cstring>

namespace sightline::store {
namespace {

constexpr uint32_t kEndMagic = 0x21444e45;  // "END!"

struct EndBytes {
  uint32_t magic;
  uint32_t checksum;  // of what follows
  uint64_t records;
  uint64_t chunks;
  uint64_t waits;
};
static_assert(sizeof(EndBytes) == kChunkHeaderBytes);

uint32_t Checksum(const EndBytes& end) {
  boost::crc_32_type crc;
  crc.process_bytes(&end.records, 3 * sizeof(uint64_t));
  return crc.checksum();
}

}  // namespace

std::string EndMark(const RecordFileTotals& totals) {
  EndBytes end{.magic = kEndMagic,
               .checksum = 0,
               .records = totals.records,
               .chunks = totals.chunks,
               .waits = totals.waits};
  end.checksum = Checksum(end);
  std::string bytes(kChunkHeaderBytes, '\0');
  std::memcpy(bytes.data(), &end, sizeof(end));
  return bytes;
}

std::optional<RecordFileTotals> ParseEndMark(std::string_view bytes) {
  EndBytes end;
  SIGHTLINE_CHECK(bytes.size() >= sizeof(end));
  std::memcpy(&end, bytes.data(), sizeof(end));
  if (end.magic != kEndMagic || end.checksum != Checksum(end)) return std::nullopt;
  return RecordFileTotals{.records = end.records, .chunks = end.chunks, .waits = end.waits};
}

}  // namespace sightline::store
