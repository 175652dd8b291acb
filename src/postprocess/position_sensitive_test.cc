#include "src/postprocess/position_sensitive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace sightline::postprocess {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

TwoStageSpec SpecOf(int bins, int crop_size) {
  TwoStageSpec spec;
  spec.crop = RoiCrop::kPositionSensitive;
  spec.bins = bins;
  spec.crop_size = crop_size;
  return spec;
}

TensorInfo InfoOf(const Tensor& map) {
  const TensorView& view = map.view();
  return {"map", view.type, view.layout, view.shape};
}

std::vector<float> Pooled(const Tensor& map, int bins, int crop_size, int numbers,
                          const std::vector<Box>& boxes) {
  auto pool = PositionSensitivePool::Create(SpecOf(bins, crop_size), InfoOf(map), numbers, "numbers");
  EXPECT_TRUE(pool.ok()) << pool.error().message();
  std::vector<Detection> detections;
  for (const Box& box : boxes) detections.push_back({box, 1, 1});
  std::vector<float> pooled(boxes.size() * static_cast<size_t>(numbers), -7);
  if (pool.ok()) pool->Run(map.view(), detections, pooled.data());
  return pooled;
}

// Channel c of cell (row, column): 100 c + 10 row + column.
Tensor Ramp(int channels, int rows, int columns) {
  Tensor map(SL_F32, SL_LAYOUT_NCHW, {1, channels, rows, columns});
  float* value = map.view().f32();
  for (int c = 0; c < channels; ++c) {
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column)
        *value++ = static_cast<float>(100 * c + 10 * row + column);
    }
  }
  return map;
}

Tensor Noise(int channels, int rows, int columns, unsigned seed) {
  Tensor map(SL_F32, SL_LAYOUT_NCHW, {1, channels, rows, columns});
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 2);
  for (int64_t i = 0; i < map.view().shape.elements(); ++i) map.view().f32()[i] = normal(random);
  return map;
}

Tensor ChannelsLast(const Tensor& map) {
  const Shape& shape = map.view().shape;
  const int64_t cells = shape[2] * shape[3];
  Tensor turned(SL_F32, SL_LAYOUT_NHWC, {1, shape[2], shape[3], shape[1]});
  for (int64_t c = 0; c < shape[1]; ++c) {
    for (int64_t cell = 0; cell < cells; ++cell)
      turned.view().f32()[cell * shape[1] + c] = map.view().f32()[c * cells + cell];
  }
  return turned;
}

// By the definition, point by point in double: interpolated from the four cells around it.
struct Naive {
  const Tensor& map;
  int bins;
  int crop_size;
  int numbers;

  double Cell(int64_t channel, int64_t row, int64_t column) const {
    const Shape& shape = map.view().shape;
    const int64_t y = std::min(row, shape[2] - 1);
    const int64_t x = std::min(column, shape[3] - 1);
    return static_cast<double>(map.view().f32()[(channel * shape[2] + y) * shape[3] + x]);
  }
  double At(int64_t channel, double y, double x) const {
    const auto row = static_cast<int64_t>(std::floor(y));
    const auto column = static_cast<int64_t>(std::floor(x));
    const double down = y - static_cast<double>(row);
    const double right = x - static_cast<double>(column);
    return (1 - down) * (1 - right) * Cell(channel, row, column) +
           (1 - down) * right * Cell(channel, row, column + 1) +
           down * (1 - right) * Cell(channel, row + 1, column) +
           down * right * Cell(channel, row + 1, column + 1);
  }
  // Where point `i` of bin `bin` lies on an axis of `cells` cells.
  double PointAt(double low, double high, int bin, int i, int64_t cells) const {
    const int points = crop_size / bins;
    const double from = low + (high - low) * bin / bins;
    const double to = low + (high - low) * (bin + 1) / bins;
    const double share = points > 1 ? static_cast<double>(i) / (points - 1) : 0.5;
    return (from + (to - from) * share) * static_cast<double>(cells - 1);
  }
  double Mean(const Box& box, int number) const {
    const Shape& shape = map.view().shape;
    const int points = crop_size / bins;
    double sum = 0;
    for (int bin = 0; bin < bins * bins; ++bin) {
      for (int i = 0; i < points; ++i) {
        for (int k = 0; k < points; ++k) {
          sum += At(
              int64_t{bin} * numbers + number,
              PointAt(static_cast<double>(box.top), static_cast<double>(box.bottom), bin / bins, i, shape[2]),
              PointAt(static_cast<double>(box.left), static_cast<double>(box.right), bin % bins, k,
                      shape[3]));
        }
      }
    }
    return sum / (bins * bins * points * points);
  }
};

// 2 x 2 bins of one point each, in the middle of its bin: rows 1 and 3, columns 1 and 3 of five.
TEST(PositionSensitivePool, EachBinReadsItsOwnChannels) {
  const Tensor map = Ramp(4, 5, 5);
  // Channels 0, 1, 2, 3 at (1, 1), (1, 3), (3, 1), (3, 3): 11, 113, 231, 333.
  EXPECT_THAT(Pooled(map, 2, 2, 1, {{0, 0, 1, 1}}),
              ElementsAre(FloatNear((11 + 113 + 231 + 333) / 4.0F, 1e-3F)));
}

// 2 x 2 bins of 2 x 2 points on the left upper quarter of nine rows and columns, 0 to 4: the bins' points are
// rows (and columns) 0 and 2, and 2 and 4, so that their means lie at 1 and at 3 on each axis.
TEST(PositionSensitivePool, NumbersOfAProposalStandTogetherInABin) {
  const Tensor map = Ramp(8, 9, 9);
  // Number 0: channels 0, 2, 4, 6 at (1, 1), (1, 3), (3, 1), (3, 3): 11, 213, 431, 633. Number 1: 100 more.
  EXPECT_THAT(Pooled(map, 2, 4, 2, {{0, 0, 0.5F, 0.5F}}),
              ElementsAre(FloatNear(322, 1e-2F), FloatNear(422, 1e-2F)));
}

// A box of no width has all its points in one column, here between two.
TEST(PositionSensitivePool, ABoxWithoutWidthIsReadWhereItStands) {
  const Tensor map = Ramp(1, 5, 5);
  EXPECT_THAT(Pooled(map, 1, 2, 1, {{0.375F, 0, 0.375F, 1}}), ElementsAre(FloatNear(21.5F, 1e-4F)));
}

std::vector<Box> RandomBoxes(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> side(0, 1);
  std::vector<Box> boxes = {{0, 0, 1, 1}, {0.5F, 0.5F, 0.5F, 0.5F}, {0.9F, 0.95F, 1, 1}};
  while (boxes.size() < count) {
    const auto [left, right] = std::minmax({side(random), side(random)});
    const auto [top, bottom] = std::minmax({side(random), side(random)});
    boxes.push_back({left, top, right, bottom});
  }
  return boxes;
}

// With points closer than cells and farther, widths that fill vectors and that don't, in both layouts.
TEST(PositionSensitivePool, AgreesWithTheDefinition) {
  struct Case {
    int bins, crop_size, numbers, rows, columns;
  };
  for (const Case& c : {Case{3, 18, 91, 38, 38}, Case{3, 18, 7, 38, 64}, Case{2, 2, 16, 5, 9},
                        Case{1, 6, 3, 90, 2}, Case{4, 8, 1, 1, 1}}) {
    const Tensor map = Noise(c.bins * c.bins * c.numbers, c.rows, c.columns, 7);
    const std::vector<Box> boxes = RandomBoxes(25, 3);
    const std::vector<float> pooled = Pooled(map, c.bins, c.crop_size, c.numbers, boxes);
    const Naive naive{map, c.bins, c.crop_size, c.numbers};
    for (size_t i = 0; i < boxes.size(); ++i) {
      for (int n = 0; n < c.numbers; ++n) {
        ASSERT_NEAR(static_cast<double>(pooled[i * static_cast<size_t>(c.numbers) + static_cast<size_t>(n)]),
                    naive.Mean(boxes[i], n), 1e-4)
            << c.bins << " bins, " << c.rows << "x" << c.columns << ", box " << i << ", number " << n;
      }
    }
    EXPECT_EQ(Pooled(ChannelsLast(map), c.bins, c.crop_size, c.numbers, boxes), pooled);
  }
}

// Figures of TensorFlow 2.21.0: Split of the channels by bins, CropAndResize of each part to 2x2 points, the
// sum divided by the bins, Mean over the points.
TEST(PositionSensitivePool, GivesWhatTensorFlowGives) {
  Tensor map(SL_F32, SL_LAYOUT_NCHW, {1, 18, 5, 7});
  for (int64_t i = 0; i < map.view().shape.elements(); ++i)
    map.view().f32()[i] = static_cast<float>(i * i % 23);
  const std::vector<Box> boxes = {{0.15F, 0.1F, 0.8F, 0.95F}, {0.25F, 0, 0.375F, 1}};
  EXPECT_THAT(Pooled(map, 3, 6, 2, boxes),
              Pointwise(FloatNear(1e-5F), {8.121111F, 7.789999F, 8.886574F, 8.300926F}));
}

TEST(PositionSensitivePool, ForgetsThePictureBefore) {
  const Tensor map = Noise(9 * 4, 6, 6, 1);
  auto pool = PositionSensitivePool::Create(SpecOf(3, 6), InfoOf(map), 4, "numbers");
  ASSERT_TRUE(pool.ok());
  const Detection boxes[] = {{{0.1F, 0.2F, 0.8F, 0.9F}, 1, 1}, {{0, 0, 1, 1}, 1, 1}};
  std::vector<float> first(8);
  std::vector<float> again(8, 99);
  pool->Run(map.view(), boxes, first.data());
  pool->Run(Noise(9 * 4, 6, 6, 2).view(), boxes, again.data());
  pool->Run(map.view(), boxes, again.data());
  EXPECT_EQ(again, first);
  pool->Run(map.view(), {}, again.data());
  EXPECT_EQ(again, first) << "no box, no row";
}

TEST(PositionSensitivePool, SaysWhatDoesNotFit) {
  const auto refusal = [](const TwoStageSpec& spec, const TensorInfo& map) {
    const auto made = PositionSensitivePool::Create(spec, map, 8, "4 numbers of 2 classes");
    return made.ok() ? "no error" : made.error().message();
  };
  const TensorInfo map{"box_map", SL_F32, SL_LAYOUT_NCHW, {-1, 72, 5, 6}};
  EXPECT_EQ(refusal(SpecOf(3, 18), map), "no error");
  TensorInfo other = map;
  other.shape = {-1, 71, 5, 6};
  EXPECT_EQ(
      refusal(SpecOf(3, 18), other),
      "output 'box_map' has shape ?x71x5x6; position-sensitive maps are of 72 channels here, 3x3 bins of "
      "4 numbers of 2 classes");
  other.shape = {-1, 72, 30};
  EXPECT_THAT(refusal(SpecOf(3, 18), other), HasSubstr("has shape ?x72x30; position-sensitive maps"));
  other = map;
  other.layout = SL_LAYOUT_NHWC;
  EXPECT_THAT(refusal(SpecOf(3, 18), other), HasSubstr("has shape ?x72x5x6; position-sensitive maps"));
  other.shape = {-1, 5, 6, 72};
  EXPECT_EQ(refusal(SpecOf(3, 18), other), "no error");
  other.type = SL_F16;
  EXPECT_THAT(refusal(SpecOf(3, 18), other), HasSubstr("output 'box_map' is fp16; detections are read from"));
  for (const auto& [bins, crop_size] :
       {std::pair{4, 18}, std::pair{0, 18}, std::pair{3, 0}, std::pair{1, 65}}) {
    EXPECT_THAT(
        refusal(SpecOf(bins, crop_size), map),
        HasSubstr("points a side into " + std::to_string(bins) + " bins a side; each must hold as many"));
  }
}

}  // namespace
}  // namespace sightline::postprocess
