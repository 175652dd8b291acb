#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <limits>

#include "src/decode/formats.h"

namespace sightline::decode {
namespace {

// What libpng's callbacks see. libpng leaves by longjmp on errors, so between setjmp and the end of
// DecodeRows nothing with a destructor may live.
struct Reading {
  std::span<const uint8_t> encoded;
  char error[128] = "";
};

void OnError(png_structp png, png_const_charp message) {
  auto* reading = static_cast<Reading*>(png_get_error_ptr(png));
  std::snprintf(reading->error, sizeof reading->error, "%s", message);
  std::longjmp(png_jmpbuf(png), 1);
}

// libpng warns about metadata (colour profiles, text) that does not touch the pixels.
void OnWarning(png_structp, png_const_charp) {}

void ReadBytes(png_structp png, png_bytep to, size_t count) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (count > reading->encoded.size()) png_error(png, "the file ends too early");
  std::memcpy(to, reading->encoded.data(), count);
  reading->encoded = reading->encoded.subspan(count);
}

// A libpng reader with its two structures.
class PngReader {
 public:
  explicit PngReader(Reading& reading)
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, OnError, OnWarning)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)) {
    if (info_ != nullptr) png_set_read_fn(png_, &reading, ReadBytes);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool ok() const { return info_ != nullptr; }

  // False: Reading::error says why.
  bool ReadHeader(PictureSize& size) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    constexpr png_uint_32 kMaxSide = std::numeric_limits<int>::max();
    png_set_user_limits(png_, kMaxSide, kMaxSide);
    png_read_info(png_, info_);
    size = {static_cast<int>(png_get_image_width(png_, info_)),
            static_cast<int>(png_get_image_height(png_, info_))};
    return true;
  }

  // Whatever the file holds becomes three channels of 8 bits.
  bool ReadRows(uint8_t* pixels, size_t stride_bytes, int height) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    png_set_gray_to_rgb(png_);
    const int passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != stride_bytes) png_error(png_, "unusual pixel format");
    for (int pass = 0; pass < passes; ++pass) {
      for (int y = 0; y < height; ++y)
        png_read_row(png_, pixels + static_cast<size_t>(y) * stride_bytes, nullptr);
    }
    png_read_end(png_, nullptr);
    return true;
  }

 private:
  png_structp png_;
  png_infop info_;
};

}  // namespace

Status DecodePng(std::span<const uint8_t> encoded, std::string_view name, int64_t max_pixels, Image& out) {
  Reading reading{encoded};
  PngReader reader(reading);
  if (!reader.ok()) return Error(ErrorKind::kResourceExhausted, "libpng can't start, for want of memory");
  PictureSize size;
  if (!reader.ReadHeader(size)) return Broken(name, PictureFormat::kPng, reading.error);
  SIGHTLINE_RETURN_IF_ERROR(CheckSize(name, size, max_pixels));
  out.Reset(size.width, size.height, PixelOrder::kRgb);
  if (!reader.ReadRows(out.data(), out.stride_bytes(), size.height)) {
    return Broken(name, PictureFormat::kPng, reading.error);
  }
  return OkStatus();
}

}  // namespace sightline::decode
