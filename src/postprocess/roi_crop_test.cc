#include "src/postprocess/roi_crop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sightline::postprocess {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

// Channel c of cell (row, column): 100 c + 10 row + column, which bilinear sampling carries over exactly.
Tensor Ramp(int channels, int rows, int columns) {
  Tensor map(SL_F32, SL_LAYOUT_PLAIN, {1, channels, rows, columns});
  float* value = map.view().f32();
  for (int c = 0; c < channels; ++c) {
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column)
        *value++ = static_cast<float>(100 * c + 10 * row + column);
    }
  }
  return map;
}

std::vector<float> Values(const Tensor& tensor) {
  const float* begin = tensor.view().f32();
  return {begin, begin + tensor.view().shape.elements()};
}

TEST(CropRegions, SamplesFromEdgeToEdgeOfTheBox) {
  const Tensor map = Ramp(1, 5, 5);
  Tensor crops(SL_F32, SL_LAYOUT_NCHW, {1, 1, 3, 3});
  // Rows 1 to 3, columns 0 to 4 of the map.
  const Detection box[] = {{{0, 0.25F, 1, 0.75F}, 1, 1}};
  CropRegions(map.view(), box, crops.view());
  EXPECT_THAT(Values(crops), ElementsAre(10, 12, 14, 20, 22, 24, 30, 32, 34));
}

TEST(CropRegions, MeetsBetweenCells) {
  const Tensor map = Ramp(2, 3, 3);
  Tensor crops(SL_F32, SL_LAYOUT_NCHW, {1, 2, 2, 2});
  const Detection box[] = {{{0.25F, 0.125F, 0.5F, 1}, 1, 1}};  // columns 0.5 to 1, rows 0.25 to 2
  CropRegions(map.view(), box, crops.view());
  EXPECT_THAT(Values(crops), ElementsAre(3, 3.5F, 20.5F, 21, 103, 103.5F, 120.5F, 121));
}

TEST(CropRegions, WritesChannelsLastWhereTheNetworkWantsThem) {
  const Tensor map = Ramp(3, 4, 6);
  const Detection boxes[] = {{{0.1F, 0.2F, 0.9F, 0.7F}, 1, 1}, {{0, 0, 1, 1}, 1, 1}};
  Tensor first(SL_F32, SL_LAYOUT_NCHW, {2, 3, 4, 4});
  Tensor last(SL_F32, SL_LAYOUT_NHWC, {2, 4, 4, 3});
  CropRegions(map.view(), boxes, first.view());
  CropRegions(map.view(), boxes, last.view());
  std::vector<float> turned;
  const std::vector<float> values = Values(first);
  for (size_t box = 0; box < 2; ++box) {
    for (size_t at = 0; at < 16; ++at) {
      for (size_t c = 0; c < 3; ++c) turned.push_back(values[(box * 3 + c) * 16 + at]);
    }
  }
  EXPECT_EQ(Values(last), turned);
}

TEST(CropRegions, ClearsWhatNoBoxIsFor) {
  const Tensor map = Ramp(1, 2, 2);
  Tensor crops(SL_F32, SL_LAYOUT_NCHW, {2, 1, 2, 2});
  const Detection boxes[] = {{{0, 0, 1, 1}, 1, 1}, {{0, 0, 1, 1}, 1, 1}};
  CropRegions(map.view(), boxes, crops.view());
  CropRegions(map.view(), {boxes, 1}, crops.view());
  EXPECT_THAT(Values(crops), ElementsAre(0, 1, 10, 11, 0, 0, 0, 0));
}

// tf.image.crop_and_resize of TensorFlow 2.21 (CPU) on the map i * i % 23 of 5 rows and 7 columns.
TEST(CropRegions, AgreesWithTensorFlow) {
  Tensor map(SL_F32, SL_LAYOUT_PLAIN, {1, 1, 5, 7});
  for (int i = 0; i < 35; ++i) map.view().f32()[i] = static_cast<float>(i * i % 23);
  Tensor crops(SL_F32, SL_LAYOUT_NCHW, {1, 1, 3, 3});
  const Detection box[] = {{{0.15F, 0.1F, 0.8F, 0.95F}, 1, 1}};
  CropRegions(map.view(), box, crops.view());
  EXPECT_THAT(Values(crops),
              Pointwise(FloatNear(1e-4F), std::vector<float>{7.14F, 8.39F, 5.28F, 15.79F, 10.435F, 12.68F,
                                                             9.78F, 12.77F, 8.64F}));
}

}  // namespace
}  // namespace sightline::postprocess
