#include "src/preprocess/rows.h"

#include <cstring>

namespace sightline::preprocess {
namespace {

// Four floats that the compiler keeps in one register of whatever the machine has; loaded and stored
// anywhere.
using Float4 = float __attribute__((vector_size(16)));

Float4 Load(const float* from) {
  Float4 value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

void Store(const Float4& value, float* to) {
  std::memcpy(to, &value, sizeof value);
}

void BlendTwo(const uint8_t* __restrict first, const uint8_t* __restrict second, float w0, float w1,
              int count, float* __restrict out) {
  for (int i = 0; i < count; ++i)
    out[i] = w0 * static_cast<float>(first[i]) + w1 * static_cast<float>(second[i]);
}

void AddOne(const uint8_t* __restrict row, float weight, int count, float* __restrict out) {
  for (int i = 0; i < count; ++i) out[i] += weight * static_cast<float>(row[i]);
}

void AddTwo(const uint8_t* __restrict first, const uint8_t* __restrict second, float w0, float w1, int count,
            float* __restrict out) {
  for (int i = 0; i < count; ++i) {
    out[i] += w0 * static_cast<float>(first[i]) + w1 * static_cast<float>(second[i]);
  }
}

}  // namespace

void Blend(const uint8_t* rows, size_t stride, const float* weights, int taps, int count, float* out) {
  BlendTwo(rows, taps > 1 ? rows + stride : rows, weights[0], taps > 1 ? weights[1] : 0.0f, count, out);
  int k = 2;
  for (; k + 1 < taps; k += 2) {
    const uint8_t* row = rows + static_cast<size_t>(k) * stride;
    AddTwo(row, row + stride, weights[k], weights[k + 1], count, out);
  }
  if (k < taps) AddOne(rows + static_cast<size_t>(k) * stride, weights[k], count, out);
}

void Resample(const float* row, const int* first, const float* weights, int taps, int count, float* out) {
  if (taps == 2) {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      const float* pixel = row + 3 * std::ptrdiff_t{first[i]};
      Store(weights[2 * i] * Load(pixel) + weights[2 * i + 1] * Load(pixel + 3), out + 3 * i);
    }
    return;
  }
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const float* pixel = row + 3 * std::ptrdiff_t{first[i]};
    const float* pixel_weights = weights + i * taps;
    Float4 sum = pixel_weights[0] * Load(pixel);
    for (std::ptrdiff_t k = 1; k < taps; ++k) sum += pixel_weights[k] * Load(pixel + 3 * k);
    Store(sum, out + 3 * i);
  }
}

void StorePlanar(const float* __restrict row, int count, const ChannelMap& map, size_t plane, float* out) {
  float* __restrict first = out + static_cast<size_t>(map.to[0]) * plane;
  float* __restrict second = out + static_cast<size_t>(map.to[1]) * plane;
  float* __restrict third = out + static_cast<size_t>(map.to[2]) * plane;
  const auto [m0, m1, m2] = map.mean;
  const auto [s0, s1, s2] = map.scale;
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    first[i] = (row[3 * i] - m0) * s0;
    second[i] = (row[3 * i + 1] - m1) * s1;
    third[i] = (row[3 * i + 2] - m2) * s2;
  }
}

void StoreInterleaved(const float* __restrict row, int count, const ChannelMap& map, float* __restrict out) {
  const auto [m0, m1, m2] = map.mean;
  const auto [s0, s1, s2] = map.scale;
  if (map.to[0] == 0) {
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      out[3 * i] = (row[3 * i] - m0) * s0;
      out[3 * i + 1] = (row[3 * i + 1] - m1) * s1;
      out[3 * i + 2] = (row[3 * i + 2] - m2) * s2;
    }
    return;
  }
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    out[3 * i + 2] = (row[3 * i] - m0) * s0;
    out[3 * i + 1] = (row[3 * i + 1] - m1) * s1;
    out[3 * i] = (row[3 * i + 2] - m2) * s2;
  }
}

}  // namespace sightline::preprocess
