#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstring>
#include <utility>

#include "src/base/random.h"
#include "src/source/sources.h"

namespace sightline::source {
namespace {

constexpr int kMaxSide = 8192;
// The camera looks at so many places of the scene, each kStep pixels further right and down, and starts over.
constexpr int kPlaces = 16;
constexpr int kStep = 4;

// The random height of the lattice point (x, y), 0..255: the same wherever and in whatever order it is asked
// for.
int Lattice(uint64_t seed, int x, int y) {
  SplitMix64 random(seed ^ (static_cast<uint64_t>(x) << 32 | static_cast<uint32_t>(y)) * 0x9E3779B97F4A7C15u);
  return static_cast<int>(random.Next() >> 56);
}

// Adds heights that are bilinear between lattice points `cell` pixels apart, as whole numbers, so that every
// machine makes the same picture.
void AddNoise(uint64_t seed, int cell, int width, int height, std::vector<int>& sum) {
  std::vector<int> above(static_cast<size_t>(width / cell + 2));
  std::vector<int> below(above.size());
  for (int y = 0; y < height; ++y) {
    if (y % cell == 0) {
      for (size_t i = 0; i < above.size(); ++i) {
        above[i] = Lattice(seed, static_cast<int>(i), y / cell);
        below[i] = Lattice(seed, static_cast<int>(i), y / cell + 1);
      }
    }
    const int down = y % cell;
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<size_t>(x / cell);
      const int across = x % cell;
      const int top = above[i] * (cell - across) + above[i + 1] * across;
      const int bottom = below[i] * (cell - across) + below[i + 1] * across;
      sum[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)] +=
          (top * (cell - down) + bottom * down) / cell;
    }
  }
}

// Noise whose amplitude falls with its frequency, as that of photographs does; the three channels share the
// coarse part and differ in the finer.
Image MakeScene(uint64_t seed, int width, int height) {
  constexpr std::array<int, 5> kCells = {64, 32, 16, 8, 4};
  Image scene;
  scene.Reset(width, height, PixelOrder::kRgb);
  const size_t pixels = static_cast<size_t>(width) * static_cast<size_t>(height);
  std::vector<int> sum;
  for (size_t channel = 0; channel < 3; ++channel) {
    sum.assign(pixels, 0);
    int largest = 0;
    for (const int cell : kCells) {
      const uint64_t stream = cell >= 32 ? 0 : channel + 1;
      AddNoise(SeedFor(seed, "synthetic") + stream * 64 + static_cast<uint64_t>(cell), cell, width, height,
               sum);
      largest += 255 * cell;
    }
    for (size_t i = 0; i < pixels; ++i)
      scene.data()[3 * i + channel] = static_cast<uint8_t>(sum[i] * 255 / largest);
  }
  return scene;
}

class SyntheticSource final : public Source {
 public:
  SyntheticSource(uint64_t seed, int width, int height)
      : width_(width),
        height_(height),
        name_("synthetic:" + std::to_string(width) + "x" + std::to_string(height)),
        scene_(MakeScene(seed, width + kPlaces * kStep, height + kPlaces * kStep)) {}

  Status Acquire(Frame& frame) override {
    frame.id = next_id_.fetch_add(1, std::memory_order_relaxed);
    Fill(static_cast<int>(frame.id % kPlaces), frame);
    return OkStatus();
  }

  Status Visit(int64_t index, Frame& frame) override {
    frame.id = static_cast<uint64_t>(index);
    Fill(static_cast<int>(index), frame);
    return OkStatus();
  }

  int64_t pictures() const override { return kPlaces; }
  bool encoded() const override { return false; }
  std::string description() const override {
    return std::to_string(kPlaces) + " pictures of a synthetic scene, " + std::to_string(width_) + "x" +
           std::to_string(height_) + " pixels, not encoded";
  }

 private:
  void Fill(int place, Frame& frame) const {
    frame.picture = static_cast<uint64_t>(place);
    frame.capture_ns = 0;
    frame.name = name_;
    frame.encoded = {};
    frame.pixels.Reset(width_, height_, PixelOrder::kRgb);
    const ImageView scene = scene_.view();
    const uint8_t* from = scene.data + static_cast<size_t>(place * kStep) * (scene.stride_bytes + 3);
    for (int y = 0; y < height_; ++y, from += scene.stride_bytes) {
      std::memcpy(frame.pixels.data() + static_cast<size_t>(y) * frame.pixels.stride_bytes(), from,
                  frame.pixels.stride_bytes());
    }
  }

  int width_;
  int height_;
  std::string name_;
  Image scene_;
  std::atomic<uint64_t> next_id_ = 0;
};

// A side in pixels at the start of `text`, which it is cut off from; 0: there is none.
int TakeSide(std::string_view& text) {
  int side = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return error == std::errc() && side >= 1 && side <= kMaxSide ? side : 0;
}

}  // namespace

Result<std::unique_ptr<Source>> OpenSynthetic(const std::string& size, uint64_t seed) {
  std::string_view text = size;
  const int width = TakeSide(text);
  const bool separated = text.starts_with('x');
  if (separated) text.remove_prefix(1);
  const int height = TakeSide(text);
  if (width == 0 || height == 0 || !separated || !text.empty()) {
    return Error(
        ErrorKind::kInvalidArgument,
        "'synthetic:" + size + "' has no size like 640x480, with sides of 1 to " + std::to_string(kMaxSide));
  }
  return std::unique_ptr<Source>(std::make_unique<SyntheticSource>(seed, width, height));
}

}  // namespace sightline::source
