#include "src/decode/decode.h"

#include <new>
#include <string>
#include <utility>

#include "src/decode/formats.h"
#include "src/decode/picture_header.h"

namespace sightline::decode {

Error TooLarge(std::string_view name, PictureSize size, int64_t max_pixels) {
  return Error(ErrorKind::kResourceExhausted,
               std::string(name) + " is " + std::to_string(size.width) + " x " + std::to_string(size.height) +
                   " pixels by its header, and pictures of more than " + std::to_string(max_pixels) +
                   " pixels are not decoded; make it smaller or leave it out");
}

Error Broken(std::string_view name, PictureFormat format, std::string_view why) {
  return Error(ErrorKind::kInvalidArgument, std::string(name) + " is a broken " +
                                                std::string(PictureFormatName(format)) + " picture (" +
                                                std::string(why) + "); repair it or leave it out");
}

Status CheckSize(std::string_view name, PictureSize size, int64_t max_pixels) {
  if (int64_t{size.width} * size.height > max_pixels) return TooLarge(name, size, max_pixels);
  return OkStatus();
}

struct Decoder::Impl {
  DecodeOptions options;
  JpegDecoder jpeg;

  Status Decode(std::span<const uint8_t> encoded, std::string_view name, PictureFormat format, Image& out);
};

Status Decoder::Impl::Decode(std::span<const uint8_t> encoded, std::string_view name, PictureFormat format,
                             Image& out) {
  switch (format) {
    case PictureFormat::kJpeg:
      return jpeg.Decode(encoded, name, out);
    case PictureFormat::kPng:
      return DecodePng(encoded, name, options.max_pixels, out);
    case PictureFormat::kBmp:
    case PictureFormat::kWebp:
    case PictureFormat::kTiff:
      break;
  }
  return DecodeWithOpenCv(encoded, name, format, options.max_pixels, out);
}

Result<Decoder> Decoder::Create(const DecodeOptions& options) {
  SIGHTLINE_ASSIGN_OR_RETURN(JpegDecoder jpeg, JpegDecoder::Create(options));
  return Decoder(std::make_unique<Impl>(Impl{options, std::move(jpeg)}));
}

Decoder::Decoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Decoder::Decoder(Decoder&& other) noexcept = default;
Decoder& Decoder::operator=(Decoder&& other) noexcept = default;
Decoder::~Decoder() = default;

Status Decoder::Decode(std::span<const uint8_t> encoded, std::string_view name, Image& out) {
  if (encoded.empty()) return Error(ErrorKind::kInvalidArgument, std::string(name) + " is empty");
  const auto format = FormatOf(encoded);
  if (!format) {
    return Error(ErrorKind::kInvalidArgument,
                 std::string(name) + " does not begin like a JPEG, PNG, BMP or WebP picture");
  }
  if (*format == PictureFormat::kTiff) {
    return Error(ErrorKind::kUnsupported,
                 std::string(name) + " is a TIFF picture, which is not decoded; convert it to PNG");
  }
  try {
    return impl_->Decode(encoded, name, *format, out);
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::kResourceExhausted, "there is not enough memory to decode " + std::string(name));
  }
}

}  // namespace sightline::decode
