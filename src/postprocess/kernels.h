// The loops in which detection spends its time. They are written so that g++ vectorizes them, and where the
// target is plain x86-64 they exist twice: for it, and for processors with AVX2, which the loader chooses
// between. All give the same bits (vector_math.h). None allocates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sightline::postprocess {

// Whether all of values[0..count) are finite.
bool AllFinite(const float* values, size_t count);

struct Above {
  size_t count = 0;    // how many were written
  bool finite = true;  // of all values looked at
};
// Writes the indices of the values above `threshold` to out, ascending; `out` has room for `count`.
Above FindAbove(const float* values, size_t count, float threshold, int32_t* out);

// values[i] = Sigmoid(values[i])
void SigmoidAll(float* values, size_t count);

// sum of Exp(values[i] - largest)
float SumOfExp(const float* values, size_t count, float largest);

// Four arrays of `count` floats, one box each; not owned.
struct BoxArrays {
  float* left = nullptr;
  float* top = nullptr;
  float* right = nullptr;
  float* bottom = nullptr;
};

// Centres and sizes, in place: x, y, width, height become left, top, right, bottom.
void CornersOf(const BoxArrays& boxes, size_t count);

// Non-maximum suppression of one class: boxes are taken in their order, the best first; one that overlaps an
// earlier one that was kept by more than `iou` (intersection over union) is not kept. Writes the indices of
// the boxes kept, at most `most`, to `kept` and says how many they are. `areas` and `gone` are room for
// `count` values each. All boxes have an area above 0.
size_t KeepBest(const BoxArrays& boxes, size_t count, float iou, size_t most, float* areas, int32_t* gone,
                int32_t* kept);

// centre = offset / centre_scale * anchor size + anchor centre, size = exp(t / size_scale) * anchor size:
// `boxes` has tx, ty, tw, th and gets x, y, width, height (in the order of BoxArrays' members); `anchors`
// alike has x, y, width, height.
struct SsdScales {
  float centre = 10;
  float size = 5;
};
void DecodeSsd(const BoxArrays& boxes, const BoxArrays& anchors, SsdScales scales, size_t count);

// to[cell * channels + c] = from[c * cells + cell]: a map's values for each cell side by side.
void TurnChannelsLast(const float* from, size_t channels, size_t cells, float* to);

// A cell of a row, and how much it counts.
struct CellShare {
  int32_t cell = 0;
  float share = 0;
};
// sums[i] += scale * shares[k].share * row[shares[k].cell * stride + i], for all i below `width`, for each of
// `count` shares in their order.
void AddCells(const float* row, size_t stride, const CellShare* shares, size_t count, float scale,
              float* sums, size_t width);

}  // namespace sightline::postprocess
