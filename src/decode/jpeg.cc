#include <turbojpeg.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include "src/decode/formats.h"

namespace sightline::decode {
namespace {

// Whether the data ends with the end-of-image marker, but for padding.
bool EndsWithMarker(std::span<const uint8_t> encoded) {
  while (!encoded.empty() && encoded.back() == 0) encoded = encoded.first(encoded.size() - 1);
  return encoded.size() >= 2 && encoded[encoded.size() - 2] == 0xFF && encoded.back() == 0xD9;
}

// Whether "Corrupt JPEG data: 3 extraneous bytes before marker 0xd9" is about padding in front of the marker
// that ends the picture, which some cameras write. Other bytes there are what is left of the coded picture
// when the decoder lost its place in it, and so are any before a restart marker or between the scans of a
// progressive picture.
bool OnlyPadding(std::string_view warning, std::span<const uint8_t> encoded) {
  constexpr std::string_view kPrefix = "Corrupt JPEG data: ";
  constexpr std::string_view kSuffix = " extraneous bytes before marker 0xd9";
  if (!warning.starts_with(kPrefix) || !warning.ends_with(kSuffix)) return false;
  size_t count = 0;
  const std::string_view number = warning.substr(kPrefix.size());
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  while (encoded.back() == 0) encoded = encoded.first(encoded.size() - 1);
  if (error != std::errc() || count > encoded.size() - 2) return false;
  const auto stray = encoded.subspan(encoded.size() - 2 - count, count);
  return std::ranges::all_of(stray, [](uint8_t byte) { return byte == 0 || byte == 0xFF; });
}

// Warnings about files that decode in full all the same. libjpeg-turbo keeps the text of the first warning
// only, so a harmless one could hide that the end is missing.
bool Harmless(std::string_view warning, std::span<const uint8_t> encoded) {
  if (!EndsWithMarker(encoded)) return false;
  // Sequential decoding does not use those parameters.
  return warning.find("Invalid SOS parameters") != std::string_view::npos || OnlyPadding(warning, encoded);
}

// The smallest size the decoder can scale to that is not below `needed`; full size if there is none.
PictureSize ScaledSize(PictureSize full, PictureSize needed) {
  int count = 0;
  const tjscalingfactor* factors = tjGetScalingFactors(&count);
  PictureSize best = full;
  for (const tjscalingfactor& factor : std::span(factors, static_cast<size_t>(std::max(count, 0)))) {
    const PictureSize size = {TJSCALED(full.width, factor), TJSCALED(full.height, factor)};
    if (size.width >= needed.width && size.height >= needed.height && size.width < best.width) best = size;
  }
  return best;
}

// Adobe writes CMYK inverted: 255 is no ink.
void CmykToRgb(const std::vector<uint8_t>& cmyk, size_t pixels, uint8_t* rgb) {
  for (size_t i = 0; i < pixels; ++i) {
    const unsigned black = cmyk[4 * i + 3];
    for (size_t c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<uint8_t>((cmyk[4 * i + c] * black + 127) / 255);
  }
}

}  // namespace

void JpegDecoder::Destroy::operator()(void* handle) const {
  tjDestroy(handle);
}

Result<JpegDecoder> JpegDecoder::Create(const DecodeOptions& options) {
  JpegDecoder decoder(options);
  SIGHTLINE_RETURN_IF_ERROR(decoder.Start());
  return decoder;
}

Status JpegDecoder::Start() {
  handle_.reset(tjInitDecompress());
  if (handle_ != nullptr) return OkStatus();
  return Error(ErrorKind::kInternal, std::string("libjpeg-turbo can't start: ") + tjGetErrorStr2(nullptr));
}

// Reads the error of the last call, and starts afresh: libjpeg-turbo 2.1.5 keeps a bad marker in mind when
// reading a header has failed and then refuses every picture that follows.
Error JpegDecoder::Recover(std::string_view name) {
  Error error = Broken(name, PictureFormat::kJpeg, tjGetErrorStr2(handle_.get()));
  if (const Status started = Start(); !started.ok()) return started.error();
  return error;
}

Status JpegDecoder::Decode(std::span<const uint8_t> encoded, std::string_view name, Image& out) {
  if (handle_ == nullptr) SIGHTLINE_RETURN_IF_ERROR(Start());
  PictureSize full;
  int subsampling = 0;
  int colorspace = 0;
  if (tjDecompressHeader3(handle_.get(), encoded.data(), encoded.size(), &full.width, &full.height,
                          &subsampling, &colorspace) != 0) {
    return Recover(name);
  }
  if (full.width < 1 || full.height < 1) {
    return Broken(name, PictureFormat::kJpeg, "the file ends within its header");
  }
  SIGHTLINE_RETURN_IF_ERROR(CheckSize(name, full, options_.max_pixels));
  const PictureSize size = options_.jpeg_scale_to ? ScaledSize(full, *options_.jpeg_scale_to) : full;
  out.Reset(size.width, size.height, PixelOrder::kRgb);
  if (colorspace != TJCS_CMYK && colorspace != TJCS_YCCK) {
    return Decompress(encoded, name, size, TJPF_RGB, out.data());
  }
  const size_t pixels = static_cast<size_t>(size.width) * static_cast<size_t>(size.height);
  cmyk_.resize(pixels * 4);
  SIGHTLINE_RETURN_IF_ERROR(Decompress(encoded, name, size, TJPF_CMYK, cmyk_.data()));
  CmykToRgb(cmyk_, pixels, out.data());
  return OkStatus();
}

Status JpegDecoder::Decompress(std::span<const uint8_t> encoded, std::string_view name, PictureSize size,
                               int pixel_format, uint8_t* pixels) {
  const int flags = TJFLAG_LIMITSCANS | (options_.fast_dct ? TJFLAG_FASTDCT : TJFLAG_ACCURATEDCT) |
                    (options_.fancy_upsampling ? 0 : TJFLAG_FASTUPSAMPLE);
  if (tjDecompress2(handle_.get(), encoded.data(), encoded.size(), pixels, size.width, 0, size.height,
                    pixel_format, flags) == 0) {
    return OkStatus();
  }
  const bool warning = tjGetErrorCode(handle_.get()) == TJERR_WARNING;
  if (warning && Harmless(tjGetErrorStr2(handle_.get()), encoded)) return OkStatus();
  return Recover(name);
}

}  // namespace sightline::decode
