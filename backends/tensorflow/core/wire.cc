#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

constexpr uint32_t kWireTypeBits = 3;
constexpr int kVarintBitsMax = 64;

}  // namespace

void WireWriter::PutVarint(uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

WireWriter& WireWriter::Varint(uint32_t field, uint64_t value) {
  PutVarint((field << kWireTypeBits) | kVarint);
  PutVarint(value);
  return *this;
}

WireWriter& WireWriter::Bytes(uint32_t field, std::string_view bytes) {
  PutVarint((field << kWireTypeBits) | kLengthDelimited);
  PutVarint(bytes.size());
  bytes_.append(bytes);
  return *this;
}

bool WireReader::Fail() {
  ok_ = false;
  return false;
}

bool WireReader::TakeVarint(uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < kVarintBitsMax && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return Fail();
}

bool WireReader::TakeBytes(uint64_t count, std::string_view& bytes) {
  if (count > rest_.size()) return Fail();
  bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return true;
}

bool WireReader::TakeFixed(size_t count, uint64_t& value) {
  std::string_view bytes;
  if (!TakeBytes(count, bytes)) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return true;
}

bool WireReader::Next(WireField& field) {
  if (!ok_ || rest_.empty()) return false;
  uint64_t tag = 0;
  if (!TakeVarint(tag)) return false;
  field = {};
  field.number = static_cast<uint32_t>(tag >> kWireTypeBits);
  uint64_t length = 0;
  switch (tag & ((1u << kWireTypeBits) - 1)) {
    case kVarint:
      return TakeVarint(field.varint);
    case kFixed64:
      return TakeFixed(8, field.varint);
    case kFixed32:
      return TakeFixed(4, field.varint);
    case kLengthDelimited:
      return TakeVarint(length) && TakeBytes(length, field.bytes);
    default:  // groups were given up before any message read here existed
      return Fail();
  }
}

}  // namespace sightline::tensorflow
