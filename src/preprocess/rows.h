// The inner loops, one row at a time, in float; pixels are three interleaved floats. They are written so that
// the compiler vectorizes them for any machine (versions for AVX2 gained 10 to 20 %, not worth having
// everything twice).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sightline::preprocess {

// A float row is read and written four floats at a time: buffers have this many floats more than pixels need.
constexpr size_t kRowSlack = 4;

// Where a channel of the picture goes and how it is normalized: channel c of a pixel becomes
// (value - mean[c]) * scale[c] in position to[c] of the network's order.
struct ChannelMap {
  std::array<float, 3> mean;
  std::array<float, 3> scale;
  std::array<int, 3> to;
};

// out[i] = sum over k of weights[k] * rows[k * stride + i], for i in [0, count).
void Blend(const uint8_t* rows, size_t stride, const float* weights, int taps, int count, float* out);

// Pixel i of `out` = sum over k of weights[i * taps + k] * (pixel first[i] + k of `row`), for i in [0,
// count). Reads and writes one float beyond the last pixel.
void Resample(const float* row, const int* first, const float* weights, int taps, int count, float* out);

// Normalizes a row of `count` pixels into three planes that are `plane` elements apart.
void StorePlanar(const float* row, int count, const ChannelMap& map, size_t plane, float* out);

// Normalizes a row of `count` pixels, interleaved.
void StoreInterleaved(const float* row, int count, const ChannelMap& map, float* out);

}  // namespace sightline::preprocess
