#include <exception>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "src/decode/formats.h"

namespace sightline::decode {
namespace {

// An empty matrix says that the data can't be decoded. (imdecode into a matrix of the caller's would save the
// copy, but leaves it as it was when the data can't be decoded, so that nobody would know.)
Result<cv::Mat> ImDecode(std::span<const uint8_t> encoded) {
  try {
    // OpenCV takes the bytes as a matrix, whose sides are ints and whose data it does not write to.
    const cv::Mat bytes(1, static_cast<int>(encoded.size()), CV_8UC1, const_cast<uint8_t*>(encoded.data()));
    return cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const std::exception& exception) {
    return Error(ErrorKind::kInvalidArgument, exception.what());
  }
}

}  // namespace

Status DecodeWithOpenCv(std::span<const uint8_t> encoded, std::string_view name, PictureFormat format,
                        int64_t max_pixels, Image& out) {
  const auto size = HeaderSize(format, encoded);
  if (!size) return Broken(name, format, "its header has no picture size");
  SIGHTLINE_RETURN_IF_ERROR(CheckSize(name, *size, max_pixels));
  if (format == PictureFormat::kBmp && !BmpIsWhole(encoded, *size)) {
    return Broken(name, format, "the file ends too early");
  }
  const auto pixels = ImDecode(encoded);
  if (!pixels.ok()) return Broken(name, format, "OpenCV: " + pixels.error().message());
  if (pixels->empty()) return Broken(name, format, "OpenCV can't decode it");
  if (pixels->cols != size->width || pixels->rows != size->height || pixels->type() != CV_8UC3) {
    return Broken(name, format, "its header and its pixels disagree about the size");
  }
  out.Reset(size->width, size->height, PixelOrder::kBgr);
  pixels->copyTo(cv::Mat(out.height(), out.width(), CV_8UC3, out.data()));
  return OkStatus();
}

}  // namespace sightline::decode
