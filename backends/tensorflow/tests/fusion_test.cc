// Which TensorFlow operations a convolution really runs as.
#include <gtest/gtest.h>

#include <string>

#include "backends/conformance/operators/windows.h"
#include "backends/tensorflow/tests/runner.h"

namespace sightline::tensorflow {
namespace {

using conformance::ConvModel;

// SAME leaves the kernel to pad by itself: nothing is copied around it. Any other padding is a part of the
// operation as well.
TEST(PaddingTest, NeedsNoPadOperation) {
  for (const Dims& pads : {Dims{1, 1, 1, 1}, Dims{0, 0, 1, 1}}) {
    for (const std::string& type : ExecutedTypes(ConvModel({8, 3, 2, 1, pads}, 3, 4, 1))) {
      EXPECT_EQ(type.find("Pad"), std::string::npos) << type;
    }
  }
}

TEST(FusionTest, ConvolutionBatchNormAndReluBecomeOne) {
  for (const Dims& pads : {Dims{1, 1, 1, 1}, Dims{0, 0, 1, 1}, Dims{0, 0, 0, 0}}) {
    bool fused = false;
    for (const std::string& type : ExecutedTypes(ConvModel({8, 3, 2, 1, pads}, 3, 4, 1))) {
      fused = fused || type.find("FusedConv2D") != std::string::npos;
      EXPECT_NE(type, "FusedBatchNormV3");
      EXPECT_NE(type, "Relu");
      EXPECT_NE(type, "Relu6");
      EXPECT_NE(type, "BiasAdd");
    }
    EXPECT_TRUE(fused);
  }
}

}  // namespace
}  // namespace sightline::tensorflow
