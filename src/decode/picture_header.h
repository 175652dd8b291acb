// What an encoded picture's first bytes say, read without decoding it and without trusting it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "src/flow/image.h"
#include "src/flow/picture_format.h"

namespace sightline::decode {

// The size in the header of a BMP or WebP file; none: there is no complete header. (libjpeg-turbo and libpng
// read their own headers.)
std::optional<PictureSize> HeaderSize(PictureFormat format, std::span<const uint8_t> encoded);

// Whether an uncompressed BMP has all its rows. OpenCV would notice too, but write to stderr about it.
bool BmpIsWhole(std::span<const uint8_t> encoded, PictureSize size);

}  // namespace sightline::decode
