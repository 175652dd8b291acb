#include "src/decode/picture_header.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

namespace sightline::decode {
namespace {

constexpr int64_t kMaxSide = std::numeric_limits<int>::max();

// Reads little-endian numbers at any offset; beyond the end there is nothing.
class Bytes {
 public:
  explicit Bytes(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  std::optional<uint32_t> Number(size_t offset, size_t width) const {
    if (offset > bytes_.size() || width > bytes_.size() - offset) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) value |= static_cast<uint32_t>(bytes_[offset + i]) << 8 * i;
    return value;
  }

 private:
  std::span<const uint8_t> bytes_;
};

bool HasAt(std::span<const uint8_t> encoded, size_t offset, std::string_view text) {
  if (encoded.size() < offset + text.size()) return false;
  return std::equal(text.begin(), text.end(), encoded.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

std::optional<PictureSize> SizeOf(std::optional<int64_t> width, std::optional<int64_t> height) {
  if (!width || !height || *width < 1 || *height < 1 || *width > kMaxSide || *height > kMaxSide) {
    return std::nullopt;
  }
  return PictureSize{static_cast<int>(*width), static_cast<int>(*height)};
}

// BITMAPCOREHEADER has 16-bit sides; all later headers 32-bit signed ones, the height negative if top-down.
std::optional<PictureSize> BmpSize(std::span<const uint8_t> encoded) {
  const Bytes bytes(encoded);
  const auto header_bytes = bytes.Number(14, 4);
  if (header_bytes == 12u) return SizeOf(bytes.Number(18, 2), bytes.Number(20, 2));
  const auto width = bytes.Number(18, 4);
  const auto height = bytes.Number(22, 4);
  if (!width || !height) return std::nullopt;
  return SizeOf(int64_t{static_cast<int32_t>(*width)}, std::abs(int64_t{static_cast<int32_t>(*height)}));
}

// RFC 9649: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended, with the size of the canvas).
std::optional<PictureSize> WebpSize(std::span<const uint8_t> encoded) {
  const Bytes bytes(encoded);
  constexpr uint32_t k14Bits = 0x3FFF;
  constexpr size_t kSmallestFile = 32;  // below which OpenCV does not look, but writes to stderr
  if (encoded.size() < kSmallestFile) return std::nullopt;
  if (HasAt(encoded, 12, "VP8X")) {
    const auto width = bytes.Number(24, 3);
    const auto height = bytes.Number(27, 3);
    if (!width || !height) return std::nullopt;
    return SizeOf(int64_t{*width} + 1, int64_t{*height} + 1);
  }
  if (HasAt(encoded, 12, "VP8L")) {
    const auto sides = bytes.Number(21, 4);
    if (!sides) return std::nullopt;
    return SizeOf(int64_t{*sides & k14Bits} + 1, int64_t{(*sides >> 14) & k14Bits} + 1);
  }
  const auto width = bytes.Number(26, 2);
  const auto height = bytes.Number(28, 2);
  if (!HasAt(encoded, 12, "VP8 ") || !width || !height) return std::nullopt;
  return SizeOf(int64_t{*width & k14Bits}, int64_t{*height & k14Bits});
}

}  // namespace

std::optional<PictureSize> HeaderSize(PictureFormat format, std::span<const uint8_t> encoded) {
  switch (format) {
    case PictureFormat::kBmp:
      return BmpSize(encoded);
    case PictureFormat::kWebp:
      return WebpSize(encoded);
    case PictureFormat::kJpeg:
    case PictureFormat::kPng:
    case PictureFormat::kTiff:
      break;
  }
  return std::nullopt;
}

bool BmpIsWhole(std::span<const uint8_t> encoded, PictureSize size) {
  const Bytes bytes(encoded);
  const bool core_header = bytes.Number(14, 4) == 12u;
  const auto pixels_at = bytes.Number(10, 4);
  const auto bits_per_pixel = bytes.Number(core_header ? 24 : 28, 2);
  const auto compression = core_header ? std::optional<uint32_t>(0) : bytes.Number(30, 4);
  if (!pixels_at || !bits_per_pixel || !compression) return false;
  if (*compression != 0) return true;  // the size of its rows is not known
  const int64_t row_bytes = (int64_t{size.width} * *bits_per_pixel + 31) / 32 * 4;
  return static_cast<int64_t>(encoded.size()) >= int64_t{*pixels_at} + row_bytes * size.height;
}

}  // namespace sightline::decode
