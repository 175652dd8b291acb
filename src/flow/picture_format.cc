#include "src/flow/picture_format.h"

#include <algorithm>

namespace sightline {
namespace {

bool HasAt(std::span<const uint8_t> encoded, size_t offset, std::string_view text) {
  if (encoded.size() < offset + text.size()) return false;
  return std::equal(text.begin(), text.end(), encoded.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
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

}  // namespace sightline
