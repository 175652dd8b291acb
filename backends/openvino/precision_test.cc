#include "backends/openvino/precision.h"

#include <gtest/gtest.h>

namespace sightline::openvino_backend {
namespace {

TEST(PrecisionOf, IsTheLowestOfTheConvolutionsAndProducts) {
  const Precision mixed = PrecisionOf({{"Input", "f32"},
                                       {"Convolution", "u8"},
                                       {"Convolution", "i8"},
                                       {"FullyConnected", "f32"},
                                       {"Reorder", "bf16"}},
                                      SL_F32);
  EXPECT_EQ(mixed.run, SL_I8);
  EXPECT_EQ(mixed.note, "the compiled model says so: 2 of 3 convolutions and matrix products in int8");
  EXPECT_EQ(PrecisionOf({{"Convolution", "bf16"}, {"MatMul", "f32"}}, SL_F32).run, SL_BF16);
  EXPECT_EQ(PrecisionOf({{"Deconvolution", "f32"}}, SL_BF16).run, SL_F32);
}

TEST(PrecisionOf, IsWhatWasAskedForWhereThereAreNone) {
  EXPECT_EQ(PrecisionOf({{"Eltwise", "f32"}}, SL_BF16).run, SL_BF16);
  EXPECT_EQ(PrecisionOf({}, SL_I8).run, SL_F32);  // int8 comes from quantized layers only
}

TEST(PrecisionOf, IsSaidToBeAskedForWhereTheModelKeepsItToItself) {
  const Precision unknown = PrecisionOf({{"Convolution", "f8e4m3"}, {"Eltwise", "f32"}}, SL_BF16);
  EXPECT_EQ(unknown.run, SL_BF16);
  EXPECT_EQ(
      unknown.note,
      "as asked for: the compiled model does not say what its 1 convolutions and matrix products compute in");
}

}  // namespace
}  // namespace sightline::openvino_backend
