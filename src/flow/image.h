// Decoded pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sightline {

// 8 bits per channel, three channels, interleaved: height x width x 3 (HWC).
enum class PixelOrder { kRgb, kBgr };

// In pixels.
struct PictureSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

// Does not own its pixels; valid as long as whoever does.
struct ImageView {
  const uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  size_t stride_bytes = 0;  // from one row to the next
  PixelOrder order = PixelOrder::kRgb;
};

// Owns its pixels and keeps its memory when it is filled again, so that steady state allocates nothing.
class Image {
 public:
  // Makes room for width x height pixels, rows tightly packed; contents are unspecified.
  void Reset(int width, int height, PixelOrder order) {
    width_ = width;
    height_ = height;
    order_ = order;
    const size_t bytes = static_cast<size_t>(width) * static_cast<size_t>(height) * 3;
    if (pixels_.size() < bytes) pixels_.resize(bytes);
  }
  uint8_t* data() { return pixels_.data(); }
  int width() const { return width_; }
  int height() const { return height_; }
  size_t stride_bytes() const { return static_cast<size_t>(width_) * 3; }
  PixelOrder order() const { return order_; }
  bool empty() const { return width_ == 0 || height_ == 0; }
  ImageView view() const { return {pixels_.data(), width_, height_, stride_bytes(), order_}; }

 private:
  std::vector<uint8_t> pixels_;
  int width_ = 0;
  int height_ = 0;
  PixelOrder order_ = PixelOrder::kRgb;
};

}  // namespace sightline
