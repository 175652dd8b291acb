// What an encoded picture's first bytes say, read without decoding it and without trusting it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/flow/image.h"

namespace sightline::decode {

enum class PictureFormat { kJpeg, kPng, kBmp, kWebp, kTiff };
std::string_view PictureFormatName(PictureFormat format);  // "JPEG"

// By the magic number; none: not a picture in one of these formats.
std::optional<PictureFormat> FormatOf(std::span<const uint8_t> encoded);

// The size in the header of a BMP, WebP or TIFF file; none: there is no complete header. (libjpeg-turbo and
// libpng read their own headers.)
std::optional<PictureSize> HeaderSize(PictureFormat format, std::span<const uint8_t> encoded);

// Whether an uncompressed BMP has all its rows. OpenCV would notice too, but write to stderr about it.
bool BmpIsWhole(std::span<const uint8_t> encoded, PictureSize size);

}  // namespace sightline::decode
