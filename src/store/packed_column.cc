#include "src/store/packed_column.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sightline::store {
namespace {

static_assert(std::endian::native == std::endian::little,
              "files hold little-endian numbers as they lie in memory");

// In front of each column.
struct ColumnHead {
  uint8_t width = 0;  // bytes per value
  uint8_t delta = 0;
  int64_t base = 0;   // added to every value
  int64_t start = 0;  // of a delta column: what its first value is added to
};
constexpr size_t kHeadBytes = 18;
constexpr int kWidths = 9;  // 0..8

void AppendHead(const ColumnHead& head, std::string& out) {
  char bytes[kHeadBytes];
  bytes[0] = static_cast<char>(head.width);
  bytes[1] = static_cast<char>(head.delta);
  std::memcpy(bytes + 2, &head.base, sizeof(head.base));
  std::memcpy(bytes + 10, &head.start, sizeof(head.start));
  out.append(bytes, kHeadBytes);
}

ColumnHead ReadHead(std::string_view bytes) {
  ColumnHead head;
  head.width = static_cast<uint8_t>(bytes[0]);
  head.delta = static_cast<uint8_t>(bytes[1]);
  std::memcpy(&head.base, bytes.data() + 2, sizeof(head.base));
  std::memcpy(&head.start, bytes.data() + 10, sizeof(head.start));
  return head;
}

// Replaces each value by its difference to the one before; the first becomes the second, so that it doesn't
// widen the column. What the first is added to comes back.
int64_t TakeDifferences(std::span<int64_t> values) {
  if (values.empty()) return 0;
  int64_t previous = values[0];
  for (size_t i = 1; i < values.size(); ++i) {
    const int64_t value = values[i];
    values[i] = WrappingSubtract(value, previous);
    previous = value;
  }
  const int64_t first = values[0];
  values[0] = values.size() > 1 ? values[1] : 0;
  return WrappingSubtract(first, values[0]);
}

template <int width>
void Unpack(const uint8_t* planes, size_t stride, int64_t base, std::span<int64_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    uint64_t value = 0;
    for (int p = 0; p < width; ++p) value |= static_cast<uint64_t>(planes[p * stride + i]) << (8 * p);
    out[i] = static_cast<int64_t>(static_cast<uint64_t>(base) + value);
  }
}

using Unpacker = void (*)(const uint8_t*, size_t, int64_t, std::span<int64_t>);
constexpr Unpacker kUnpackers[kWidths] = {Unpack<0>, Unpack<1>, Unpack<2>, Unpack<3>, Unpack<4>,
                                          Unpack<5>, Unpack<6>, Unpack<7>, Unpack<8>};

}  // namespace

void PackColumn(std::span<int64_t> values, Prediction prediction, std::string& out) {
  ColumnHead head;
  head.delta = prediction == Prediction::kDelta ? 1 : 0;
  if (head.delta != 0) head.start = TakeDifferences(values);
  int64_t low = values.empty() ? 0 : values[0];
  int64_t high = low;
  for (const int64_t value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  head.base = low;
  head.width =
      static_cast<uint8_t>((std::bit_width(static_cast<uint64_t>(WrappingSubtract(high, low))) + 7) / 8);
  AppendHead(head, out);
  const size_t begin = out.size();
  out.resize(begin + head.width * values.size());
  for (int p = 0; p < head.width; ++p) {
    char* plane = out.data() + begin + static_cast<size_t>(p) * values.size();
    for (size_t i = 0; i < values.size(); ++i) {
      const uint64_t value = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(low);
      plane[i] = static_cast<char>(value >> (8 * p));
    }
  }
}

bool ColumnReader::Open(std::string_view& bytes, size_t count) {
  if (bytes.size() < kHeadBytes) return false;
  const ColumnHead head = ReadHead(bytes);
  const size_t size = kHeadBytes + head.width * count;
  if (head.width >= kWidths || head.delta > 1 || bytes.size() < size) return false;
  planes_ = reinterpret_cast<const uint8_t*>(bytes.data()) + kHeadBytes;
  count_ = count;
  position_ = 0;
  width_ = head.width;
  delta_ = head.delta != 0;
  base_ = head.base;
  previous_ = head.start;
  bytes.remove_prefix(size);
  return true;
}

void ColumnReader::Read(std::span<int64_t> out) {
  SIGHTLINE_CHECK(position_ + out.size() <= count_);
  kUnpackers[width_](planes_ + position_, count_, base_, out);
  position_ += out.size();
  if (!delta_) return;
  for (int64_t& value : out) {
    previous_ = WrappingAdd(previous_, value);
    value = previous_;
  }
}

}  // namespace sightline::store
