// Encoded pictures to pixels.
//
// JPEG goes through libjpeg-turbo, PNG through libpng; BMP and WebP through OpenCV. TIFF is refused: what
// decoding one takes is not bounded by its size (a 1 kB file can ask for a tile of 1 GB). All give 8 bits per
// channel, three channels: grey is repeated, alpha is dropped, 16 bits are cut to their upper 8, CMYK is
// taken as Adobe writes it (inverted). EXIF orientation is ignored, as the data loaders that networks are
// trained with do (tf.io.decode_jpeg, PIL.Image.open). The size in the file's header is checked before memory
// is taken.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "src/base/result.h"
#include "src/flow/image.h"

namespace sightline::decode {

struct DecodeOptions {
  // JPEG only: decode with the smallest of libjpeg-turbo's factors (1/8 to 8/8) at which the picture is still
  // at least this large in both directions. Faster, since it leaves out DCT work, but the pixels differ from
  // those of a full decode. Absent: full size.
  std::optional<PictureSize> jpeg_scale_to;
  bool fast_dct = false;         // JPEG: the less accurate integer DCT
  bool fancy_upsampling = true;  // JPEG: interpolate chroma (libjpeg's default) instead of repeating it
  // Pictures of more pixels are refused by their header: 2^27 is a 134-megapixel picture, 403 MB of pixels a
  // lane.
  int64_t max_pixels = int64_t{1} << 27;
};

// Not thread-safe; each lane has its own.
class Decoder {
 public:
  static Result<Decoder> Create(const DecodeOptions& options = {});
  Decoder(Decoder&& other) noexcept;
  Decoder& operator=(Decoder&& other) noexcept;
  ~Decoder();

  // Fills `out`, whose memory is kept from picture to picture. The order of the channels is in `out` (BGR for
  // what OpenCV decodes). `name` is for messages. A picture that is not there in full (truncated, damaged) is
  // an error, though libjpeg would only warn; after an error the contents of `out` are unspecified.
  Status Decode(std::span<const uint8_t> encoded, std::string_view name, Image& out);

 private:
  struct Impl;
  explicit Decoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::decode
