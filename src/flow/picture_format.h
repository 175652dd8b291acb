// Formats of encoded pictures, told by their first bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sightline {

// TIFF is known so that it can be named; it is not decoded.
enum class PictureFormat { kJpeg, kPng, kBmp, kWebp, kTiff };
std::string_view PictureFormatName(PictureFormat format);  // "JPEG"

// By the magic number, for which kPictureMagicBytes are enough; none: not a picture in one of these formats.
constexpr size_t kPictureMagicBytes = 12;
std::optional<PictureFormat> FormatOf(std::span<const uint8_t> encoded);

}  // namespace sightline
