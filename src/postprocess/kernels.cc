#include "src/postprocess/kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "src/postprocess/vector_math.h"

// The loader's choice runs before sanitizers are ready for it.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SIGHTLINE_FOR_EVERY_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define SIGHTLINE_FOR_EVERY_PROCESSOR
#endif

namespace sightline::postprocess {
namespace {

constexpr size_t kBlock = 64;
constexpr size_t kLanes = 8;  // of sums: in a fixed order, so that every processor adds alike

inline int32_t NotFinite(float value) {
  return IsFiniteBits(value) ? 0 : 1;
}

inline float Smaller(float a, float b) {
  return a < b ? a : b;
}
inline float Larger(float a, float b) {
  return a > b ? a : b;
}

// The indices of marks that are 1, `first` added.
inline size_t WriteMarked(const std::array<uint8_t, kBlock>& marks, int32_t first, int32_t* out) {
  size_t written = 0;
  for (size_t word = 0; word < kBlock; word += sizeof(uint64_t)) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, &marks[word], sizeof bytes);
    if (bytes == 0) continue;
    for (size_t i = 0; i < sizeof bytes; ++i) {
      if (marks[word + i] != 0) out[written++] = first + static_cast<int32_t>(word + i);
    }
  }
  return written;
}

}  // namespace

SIGHTLINE_FOR_EVERY_PROCESSOR
bool AllFinite(const float* values, size_t count) {
  int32_t bad = 0;
  for (size_t i = 0; i < count; ++i) bad |= NotFinite(values[i]);
  return bad == 0;
}

// Most blocks have nothing above the threshold: those cost two comparisons a value.
SIGHTLINE_FOR_EVERY_PROCESSOR
Above FindAbove(const float* values, size_t count, float threshold, int32_t* out) {
  Above found;
  int32_t bad = 0;
  size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    int32_t any = 0;
    for (size_t k = 0; k < kBlock; ++k) {
      any |= values[i + k] > threshold ? 1 : 0;
      bad |= NotFinite(values[i + k]);
    }
    if (any == 0) continue;
    std::array<uint8_t, kBlock> marks;
    for (size_t k = 0; k < kBlock; ++k) marks[k] = values[i + k] > threshold ? 1 : 0;
    found.count += WriteMarked(marks, static_cast<int32_t>(i), out + found.count);
  }
  for (; i < count; ++i) {
    bad |= NotFinite(values[i]);
    if (values[i] > threshold) out[found.count++] = static_cast<int32_t>(i);
  }
  found.finite = bad == 0;
  return found;
}

SIGHTLINE_FOR_EVERY_PROCESSOR
void SigmoidAll(float* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = Sigmoid(values[i]);
}

SIGHTLINE_FOR_EVERY_PROCESSOR
float SumOfExp(const float* values, size_t count, float largest) {
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) sums[k] += Exp(values[i + k] - largest);
  }
  float sum = 0;
  for (; i < count; ++i) sum += Exp(values[i] - largest);
  for (const float part : sums) sum += part;
  return sum;
}

SIGHTLINE_FOR_EVERY_PROCESSOR
void CornersOf(const BoxArrays& boxes, size_t count) {
  float* __restrict x = boxes.left;
  float* __restrict y = boxes.top;
  float* __restrict width = boxes.right;
  float* __restrict height = boxes.bottom;
  for (size_t i = 0; i < count; ++i) {
    const float half_width = width[i] * 0.5F;
    const float half_height = height[i] * 0.5F;
    width[i] = x[i] + half_width;
    height[i] = y[i] + half_height;
    x[i] -= half_width;
    y[i] -= half_height;
  }
}

SIGHTLINE_FOR_EVERY_PROCESSOR
void DecodeSsd(const BoxArrays& boxes, const BoxArrays& anchors, SsdScales scales, size_t count) {
  float* __restrict x = boxes.left;
  float* __restrict y = boxes.top;
  float* __restrict width = boxes.right;
  float* __restrict height = boxes.bottom;
  for (size_t i = 0; i < count; ++i) {
    x[i] = x[i] / scales.centre * anchors.right[i] + anchors.left[i];
    y[i] = y[i] / scales.centre * anchors.bottom[i] + anchors.top[i];
    width[i] = Exp(width[i] / scales.size) * anchors.right[i];
    height[i] = Exp(height[i] / scales.size) * anchors.bottom[i];
  }
}

// Each box that is kept looks at all that follow: without branches, that is faster than to look at the kept
// ones before each box, which end sooner.
SIGHTLINE_FOR_EVERY_PROCESSOR
size_t KeepBest(const BoxArrays& boxes, size_t count, float iou, size_t most, float* areas, int32_t* gone,
                int32_t* kept) {
  const float* __restrict left = boxes.left;
  const float* __restrict top = boxes.top;
  const float* __restrict right = boxes.right;
  const float* __restrict bottom = boxes.bottom;
  float* __restrict area = areas;
  int32_t* __restrict dead = gone;
  for (size_t i = 0; i < count; ++i) {
    area[i] = (right[i] - left[i]) * (bottom[i] - top[i]);
    dead[i] = 0;
  }
  size_t kept_count = 0;
  for (size_t i = 0; i < count && kept_count < most; ++i) {
    if (dead[i] != 0) continue;
    kept[kept_count++] = static_cast<int32_t>(i);
    const float l = left[i];
    const float t = top[i];
    const float r = right[i];
    const float b = bottom[i];
    const float a = area[i];
    for (size_t j = i + 1; j < count; ++j) {
      const float width = Larger(Smaller(r, right[j]) - Larger(l, left[j]), 0.0F);
      const float height = Larger(Smaller(b, bottom[j]) - Larger(t, top[j]), 0.0F);
      const float both = width * height;
      dead[j] |= both > iou * (a + area[j] - both) ? 1 : 0;
    }
  }
  return kept_count;
}

// In squares, so that neither side of the copy leaves a cache line before all of it was used.
SIGHTLINE_FOR_EVERY_PROCESSOR
void TurnChannelsLast(const float* from, size_t channels, size_t cells, float* to) {
  constexpr size_t kSide = 16;
  const float* __restrict source = from;
  float* __restrict target = to;
  for (size_t first_channel = 0; first_channel < channels; first_channel += kSide) {
    const size_t end_channel = std::min(first_channel + kSide, channels);
    for (size_t first_cell = 0; first_cell < cells; first_cell += kSide) {
      const size_t end_cell = std::min(first_cell + kSide, cells);
      for (size_t cell = first_cell; cell < end_cell; ++cell) {
        for (size_t c = first_channel; c < end_channel; ++c)
          target[cell * channels + c] = source[c * cells + cell];
      }
    }
  }
}

SIGHTLINE_FOR_EVERY_PROCESSOR
void AddCells(const float* row, size_t stride, const CellShare* shares, size_t count, float scale,
              float* sums, size_t width) {
  float* __restrict out = sums;
  for (size_t k = 0; k < count; ++k) {
    const float* __restrict cell = row + static_cast<size_t>(shares[k].cell) * stride;
    const float weight = scale * shares[k].share;
    for (size_t i = 0; i < width; ++i) out[i] += weight * cell[i];
  }
}

}  // namespace sightline::postprocess
