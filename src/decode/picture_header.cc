#include "src/decode/picture_header.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

namespace sightline::decode {
namespace {

constexpr int64_t kMaxSide = std::numeric_limits<int>::max();

// Reads numbers of either byte order at any offset; beyond the end there is nothing.
class Bytes {
 public:
  Bytes(std::span<const uint8_t> bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::optional<uint32_t> Number(size_t offset, size_t width) const {
    if (offset > bytes_.size() || width > bytes_.size() - offset) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const size_t shift = 8 * (big_endian_ ? width - 1 - i : i);
      value |= static_cast<uint32_t>(bytes_[offset + i]) << shift;
    }
    return value;
  }

 private:
  std::span<const uint8_t> bytes_;
  bool big_endian_;
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
  const Bytes bytes(encoded, false);
  const auto header_bytes = bytes.Number(14, 4);
  if (header_bytes == 12u) return SizeOf(bytes.Number(18, 2), bytes.Number(20, 2));
  const auto width = bytes.Number(18, 4);
  const auto height = bytes.Number(22, 4);
  if (!width || !height) return std::nullopt;
  return SizeOf(int64_t{static_cast<int32_t>(*width)}, std::abs(int64_t{static_cast<int32_t>(*height)}));
}

// RFC 9649: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended, with the size of the canvas).
std::optional<PictureSize> WebpSize(std::span<const uint8_t> encoded) {
  const Bytes bytes(encoded, false);
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

// TIFF 6.0, section 2: entries of 12 bytes (tag, type, count, value) in the first directory; width is tag
// 256, height 257, as SHORT (3) or LONG (4).
std::optional<PictureSize> TiffSize(std::span<const uint8_t> encoded) {
  const Bytes bytes(encoded, encoded[0] == 'M');
  const auto directory = bytes.Number(4, 4);
  if (!directory) return std::nullopt;
  const auto entries = bytes.Number(*directory, 2);
  if (!entries) return std::nullopt;
  std::array<std::optional<int64_t>, 2> sides;
  for (uint32_t i = 0; i < *entries; ++i) {
    const size_t entry = size_t{*directory} + 2 + size_t{i} * 12;
    const auto tag = bytes.Number(entry, 2);
    if (tag != 256u && tag != 257u) continue;
    if (const auto value = bytes.Number(entry + 8, bytes.Number(entry + 2, 2) == 3u ? 2 : 4)) {
      sides[*tag - 256] = *value;
    }
  }
  return SizeOf(sides[0], sides[1]);
}

}  // namespace

std::string_view PictureFormatName(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return "JPEG";
    case PictureFormat::kPng:
      return "PNG";
    case PictureFormat::kBmp:
      return "BMP";
    case PictureFormat::kWebp:
      return "WebP";
    case PictureFormat::kTiff:
      return "TIFF";
  }
  return "unknown";
}

std::optional<PictureFormat> FormatOf(std::span<const uint8_t> encoded) {
  using namespace std::string_view_literals;
  if (HasAt(encoded, 0, "\xFF\xD8\xFF"sv)) return PictureFormat::kJpeg;
  if (HasAt(encoded, 0, "\x89PNG\r\n\x1A\n"sv)) return PictureFormat::kPng;
  if (HasAt(encoded, 0, "BM"sv)) return PictureFormat::kBmp;
  if (HasAt(encoded, 0, "RIFF"sv) && HasAt(encoded, 8, "WEBP"sv)) return PictureFormat::kWebp;
  if (HasAt(encoded, 0, "II*\0"sv) || HasAt(encoded, 0, "MM\0*"sv)) return PictureFormat::kTiff;
  return std::nullopt;
}

std::optional<PictureSize> HeaderSize(PictureFormat format, std::span<const uint8_t> encoded) {
  switch (format) {
    case PictureFormat::kBmp:
      return BmpSize(encoded);
    case PictureFormat::kWebp:
      return WebpSize(encoded);
    case PictureFormat::kTiff:
      return TiffSize(encoded);
    case PictureFormat::kJpeg:
    case PictureFormat::kPng:
      break;
  }
  return std::nullopt;
}

bool BmpIsWhole(std::span<const uint8_t> encoded, PictureSize size) {
  const Bytes bytes(encoded, false);
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
