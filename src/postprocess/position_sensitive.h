// R-FCN's pooling (Dai et al., NIPS 2016) on the host: what position-sensitive maps say of each proposal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/flow/detection.h"
#include "src/flow/tensor.h"
#include "src/postprocess/kernels.h"

namespace sightline::postprocess {

// Of one map. As TF-OD's position_sensitive_crop_regions with a global pool: a box is cut into bins * bins
// equal bins; bin b (counted by row) reads channels b * numbers to (b + 1) * numbers, bilinearly at
// (crop_size / bins)^2 points placed from edge to edge of it (roi_points.h); the answer is the mean over all
// bins and points. Since the points of a bin stand in rows and columns, it is computed as a weighted sum over
// the cells they touch, each cell once: equal but for rounding.
//
// Not thread-safe; memory is taken at creation.
class PositionSensitivePool {
 public:
  // `spec` says bins and crop_size; `map` is what the engine says of the output, [N, bins * bins * numbers,
  // H, W], or [N, H, W, bins * bins * numbers] in NHWC layout. `what` are the numbers in words. Fails where
  // the map is no such output, or crop_size no multiple of bins.
  static Result<PositionSensitivePool> Create(const TwoStageSpec& spec, const TensorInfo& map, int numbers,
                                              const std::string& what);

  // pooled[i * numbers + n] is number n of box i. `map` is one picture's; boxes lie within it (sides 0..1);
  // `pooled` has room for boxes.size() * numbers.
  void Run(const TensorView& map, std::span<const Detection> boxes, float* pooled);

  size_t numbers() const { return numbers_; }

 private:
  // A bin's channels at the map's cells: the first cell's, and the way to the next.
  struct BinCells {
    const float* values = nullptr;
    size_t stride = 0;
  };

  PositionSensitivePool(const TwoStageSpec& spec, const TensorInfo& map, int numbers);
  BinCells CellsOf(const float* map, size_t bin);
  void AddBin(const BinCells& cells, const Box& bin, float* sums) const;

  size_t bins_;
  int crop_size_;
  bool channels_last_;
  size_t numbers_;
  int rows_;
  int columns_;
  std::vector<float> turned_;  // a bin's channels of a map in NCHW order
};

}  // namespace sightline::postprocess
