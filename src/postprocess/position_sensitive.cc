#include "src/postprocess/position_sensitive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "src/postprocess/misfit.h"
#include "src/postprocess/roi_points.h"

namespace sightline::postprocess {
namespace {

// How much each cell along one axis counts in the sum over the points of a bin.
class AxisShares {
 public:
  // Of `count` points from `from` to `to`, each of which counts `weight`.
  AxisShares(float from, float to, int cells, int count, float weight) {
    RoiPoints points;
    PlaceRoiPoints(from, to, cells, count, points);
    for (int i = 0; i < count; ++i) {
      const RoiPoint& point = points[static_cast<size_t>(i)];
      Add(point.low, (1 - point.share) * weight);
      if (point.share > 0) Add(point.high, point.share * weight);
    }
  }
  std::span<const CellShare> shares() const { return {shares_.data(), count_}; }

 private:
  // Points ascend, so a cell that is there already is one of the last two.
  void Add(int cell, float share) {
    for (size_t back = 1; back <= std::min<size_t>(count_, 2); ++back) {
      if (shares_[count_ - back].cell != cell) continue;
      shares_[count_ - back].share += share;
      return;
    }
    shares_[count_++] = {cell, share};
  }

  std::array<CellShare, size_t{2} * kMostRoiPoints> shares_;
  size_t count_ = 0;
};

// The part of `box` that is bin `row`, `column` of bins x bins.
Box BinOf(const Box& box, size_t row, size_t column, size_t bins) {
  const float width = (box.right - box.left) / static_cast<float>(bins);
  const float height = (box.bottom - box.top) / static_cast<float>(bins);
  return {box.left + static_cast<float>(column) * width, box.top + static_cast<float>(row) * height,
          box.left + static_cast<float>(column + 1) * width, box.top + static_cast<float>(row + 1) * height};
}

}  // namespace

Result<PositionSensitivePool> PositionSensitivePool::Create(const TwoStageSpec& spec, const TensorInfo& map,
                                                            int numbers, const std::string& what) {
  const int bins = spec.bins;
  if (bins < 1 || spec.crop_size % bins != 0 || spec.crop_size < bins ||
      spec.crop_size / bins > kMostRoiPoints) {
    return Misfit(
        fmt::format("the description cuts a crop of {} points a side into {} bins a side; each must hold as "
                    "many, 1 to {}",
                    spec.crop_size, bins, kMostRoiPoints));
  }
  if (map.type != SL_F32) {
    return Misfit(
        fmt::format("output '{}' is {}; detections are read from fp32", map.name, DataTypeName(map.type)));
  }
  const int64_t channels = int64_t{bins} * bins * numbers;
  const bool last = map.layout == SL_LAYOUT_NHWC;
  const Shape& shape = map.shape;
  if (shape.rank == 4 && shape[last ? 3 : 1] == channels && shape[last ? 1 : 2] > 0 &&
      shape[last ? 2 : 3] > 0) {
    return PositionSensitivePool(spec, map, numbers);
  }
  return Misfit(fmt::format(
      "output '{}' has shape {}; position-sensitive maps are of {} channels here, {}x{} bins of {}", map.name,
      shape.ToString(), channels, bins, bins, what));
}

PositionSensitivePool::PositionSensitivePool(const TwoStageSpec& spec, const TensorInfo& map, int numbers)
    : bins_(static_cast<size_t>(spec.bins)),
      crop_size_(spec.crop_size),
      channels_last_(map.layout == SL_LAYOUT_NHWC),
      numbers_(static_cast<size_t>(numbers)),
      rows_(static_cast<int>(map.shape[channels_last_ ? 1 : 2])),
      columns_(static_cast<int>(map.shape[channels_last_ ? 2 : 3])) {
  if (!channels_last_) turned_.resize(numbers_ * static_cast<size_t>(rows_) * static_cast<size_t>(columns_));
}

// All boxes take their share of one bin before the next: its channels stay in the cache.
void PositionSensitivePool::Run(const TensorView& map, std::span<const Detection> boxes, float* pooled) {
  std::fill_n(pooled, boxes.size() * numbers_, 0.0F);
  for (size_t row = 0; row < bins_; ++row) {
    for (size_t column = 0; column < bins_; ++column) {
      const BinCells cells = CellsOf(map.f32(), row * bins_ + column);
      for (size_t i = 0; i < boxes.size(); ++i)
        AddBin(cells, BinOf(boxes[i].box, row, column, bins_), pooled + i * numbers_);
    }
  }
}

// Sums run over a cell's channels, which in NCHW order lie far from each other.
PositionSensitivePool::BinCells PositionSensitivePool::CellsOf(const float* map, size_t bin) {
  if (channels_last_) return {map + bin * numbers_, bins_ * bins_ * numbers_};
  const size_t cells = static_cast<size_t>(rows_) * static_cast<size_t>(columns_);
  TurnChannelsLast(map + bin * numbers_ * cells, numbers_, cells, turned_.data());
  return {turned_.data(), numbers_};
}

void PositionSensitivePool::AddBin(const BinCells& cells, const Box& bin, float* sums) const {
  const int points = crop_size_ / static_cast<int>(bins_);
  const float weight = 1 / static_cast<float>(crop_size_);  // on each axis: crop_size^2 points in all
  const AxisShares y(bin.top, bin.bottom, rows_, points, weight);
  const AxisShares x(bin.left, bin.right, columns_, points, weight);
  const size_t row_values = static_cast<size_t>(columns_) * cells.stride;
  for (const CellShare& row : y.shares()) {
    AddCells(cells.values + static_cast<size_t>(row.cell) * row_values, cells.stride, x.shares().data(),
             x.shares().size(), row.share, sums, numbers_);
  }
}

}  // namespace sightline::postprocess
