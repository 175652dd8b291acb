// The decoders of the single formats, behind decode.h. Each fills `out`, checks the size in the header
// against `max_pixels` before it takes memory, and names the picture in its errors.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/decode/decode.h"
#include "src/decode/picture_header.h"
#include "src/flow/image.h"

namespace sightline::decode {

// The two errors all formats share.
Error TooLarge(std::string_view name, PictureSize size, int64_t max_pixels);
Error Broken(std::string_view name, PictureFormat format, std::string_view why);
// OK if a picture of that size may be decoded.
Status CheckSize(std::string_view name, PictureSize size, int64_t max_pixels);

// libjpeg-turbo, with a decompressor that is kept.
class JpegDecoder {
 public:
  static Result<JpegDecoder> Create(const DecodeOptions& options);
  Status Decode(std::span<const uint8_t> encoded, std::string_view name, Image& out);

 private:
  struct Destroy {
    void operator()(void* handle) const;
  };
  explicit JpegDecoder(const DecodeOptions& options) : options_(options) {}
  Status Start();
  Error Recover(std::string_view name);
  Status Decompress(std::span<const uint8_t> encoded, std::string_view name, PictureSize size,
                    int pixel_format, uint8_t* pixels);

  DecodeOptions options_;
  std::unique_ptr<void, Destroy> handle_;
  std::vector<uint8_t> cmyk_;
};

Status DecodePng(std::span<const uint8_t> encoded, std::string_view name, int64_t max_pixels, Image& out);

// BMP and WebP.
Status DecodeWithOpenCv(std::span<const uint8_t> encoded, std::string_view name, PictureFormat format,
                        int64_t max_pixels, Image& out);

}  // namespace sightline::decode
