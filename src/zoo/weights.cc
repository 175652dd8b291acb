#include "src/zoo/weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>
#include <vector>

namespace sightline::zoo {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX raw_data is little-endian; swap bytes here");

constexpr int kFractionBits = 24;
constexpr int32_t kOne = 1 << kFractionBits;
constexpr uint64_t kFractionMask = kOne - 1;
constexpr size_t kChunk = 4096;  // values drawn at a time: the buffer stays in the first-level cache

// Variance of the binomial plus that of the dither, in units of kOne.
double DrawDeviation() {
  return std::sqrt(16.0 + 1.0 / 12.0) * kOne;
}

int32_t Draw(uint64_t bits, uint64_t dither) {
  return (std::popcount(bits) - 32) * kOne + static_cast<int32_t>(dither & kFractionMask) - kOne / 2;
}

void FillDraws(SplitMix64& generator, std::span<int32_t> out) {
  size_t i = 0;
  for (; i + 1 < out.size(); i += 2) {
    const uint64_t dither = generator.Next();
    out[i] = Draw(generator.Next(), dither);
    out[i + 1] = Draw(generator.Next(), dither >> kFractionBits);
  }
  if (i < out.size()) {
    const uint64_t dither = generator.Next();
    out[i] = Draw(generator.Next(), dither);
  }
}

// Writes (draw + offset) * scale as floats to `to`.
void Store(std::span<const int32_t> draws, int64_t offset, float scale, char* to) {
  for (size_t i = 0; i < draws.size(); ++i) {
    const float value = static_cast<float>(draws[i] + offset) * scale;
    std::memcpy(to + i * sizeof(float), &value, sizeof(float));
  }
}

int64_t RoundedMean(std::span<const int32_t> draws) {
  int64_t sum = 0;
  for (const int32_t draw : draws) sum += draw;
  return sum / static_cast<int64_t>(draws.size());
}

}  // namespace

std::string WeightStream::Gaussian(size_t count, double mean, double deviation) {
  const double unit = deviation / DrawDeviation();
  const auto scale = static_cast<float>(unit);
  const auto offset = static_cast<int64_t>(mean / unit);
  std::string bytes(count * sizeof(float), '\0');
  if (blank_) return bytes;
  std::vector<int32_t> draws(kChunk);
  for (size_t first = 0; first < count; first += kChunk) {
    const std::span<int32_t> chunk(draws.data(), std::min(kChunk, count - first));
    FillDraws(generator_, chunk);
    Store(chunk, offset, scale, bytes.data() + first * sizeof(float));
  }
  return bytes;
}

std::string WeightStream::CenteredFilters(size_t filters, size_t filter_size, double deviation) {
  const auto scale = static_cast<float>(deviation / DrawDeviation());
  std::string bytes(filters * filter_size * sizeof(float), '\0');
  if (blank_) return bytes;
  std::vector<int32_t> draws(filter_size);
  for (size_t filter = 0; filter < filters; ++filter) {
    FillDraws(generator_, draws);
    Store(draws, -RoundedMean(draws), scale, bytes.data() + filter * filter_size * sizeof(float));
  }
  return bytes;
}

std::string WeightStream::Uniform(size_t count, double low, double high) {
  const double unit = (high - low) / kOne;
  const auto scale = static_cast<float>(unit);
  const auto offset = static_cast<int64_t>(low / unit);
  std::string bytes(count * sizeof(float), '\0');
  if (blank_) return bytes;
  std::vector<int32_t> draws(kChunk);
  for (size_t first = 0; first < count; first += kChunk) {
    const std::span<int32_t> chunk(draws.data(), std::min(kChunk, count - first));
    for (int32_t& draw : chunk) draw = static_cast<int32_t>(generator_.Next() & kFractionMask);
    Store(chunk, offset, scale, bytes.data() + first * sizeof(float));
  }
  return bytes;
}

}  // namespace sightline::zoo
