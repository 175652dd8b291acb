#include "backends/kit/tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

namespace sightline::kit {
namespace {

// An engine with a picture of open batch, a fixed side input, and an output that follows the batch.
EngineInfo TestInfo() {
  EngineInfo info;
  info.inputs = {{"picture", SL_F32, SL_LAYOUT_NCHW, {-1, 3, 2, 2}}, {"size", SL_I64, SL_LAYOUT_PLAIN, {2}}};
  info.outputs = {{"scores", SL_F32, SL_LAYOUT_PLAIN, {-1, 5}}};
  return info;
}

class CheckTensorsTest : public testing::Test {
 protected:
  Status Check() const { return CheckTensors(info_, 3, inputs_, {&output_, 1}); }
  std::string Message() const { return std::string(Check().message()); }

  EngineInfo info_ = TestInfo();
  alignas(64) std::array<float, 40> picture_{};
  alignas(64) std::array<int64_t, 2> size_{};
  alignas(64) std::array<float, 10> scores_{};
  std::vector<SlTensor> inputs_ = {
      {picture_.data(), sizeof picture_, SL_F32, SL_MEMORY_HOST, 4, {2, 3, 2, 2}},
      {size_.data(), sizeof size_, SL_I64, SL_MEMORY_HOST, 1, {2}}};
  SlTensor output_ = {scores_.data(), sizeof scores_, SL_F32, SL_MEMORY_HOST, 2, {2, 5}};
};

TEST_F(CheckTensorsTest, RightOnesPass) {
  EXPECT_EQ(Message(), "");
}

TEST_F(CheckTensorsTest, Count) {
  inputs_.pop_back();
  EXPECT_EQ(Message(), "1 inputs were given; the model has 2");
}

TEST_F(CheckTensorsTest, Type) {
  inputs_[0].data_type = SL_U8;
  EXPECT_EQ(Message(), "input 'picture' is uint8; the model takes fp32");
}

TEST_F(CheckTensorsTest, RankAndDims) {
  inputs_[0].rank = 3;
  EXPECT_EQ(Message(), "input 'picture' has shape 2x3x2; the model takes ?x3x2x2");
  inputs_[0].rank = 99;
  EXPECT_EQ(Message(), "input 'picture' has shape of rank 99; the model takes ?x3x2x2");
  inputs_[0].rank = 4;
  inputs_[0].dims[3] = 1;
  EXPECT_EQ(Message(), "input 'picture' has shape 2x3x2x1; the model takes ?x3x2x2");
}

TEST_F(CheckTensorsTest, Batch) {
  inputs_[0].dims[0] = 4;
  EXPECT_EQ(Message(), "batch of input 'picture' is 4; this engine was made for 1 to 3");
  inputs_[0].dims[0] = 0;
  EXPECT_EQ(Message(), "batch of input 'picture' is 0; this engine was made for 1 to 3");
  inputs_[0].dims[0] = 1;
  EXPECT_EQ(Message(), "batch of output 'scores' is 2 where another tensor has 1");
}

TEST_F(CheckTensorsTest, Memory) {
  output_.data = nullptr;
  EXPECT_EQ(Message(), "output 'scores' has no memory (data is null)");
  output_.data = scores_.data();
  output_.bytes = 39;
  EXPECT_EQ(Message(), "output 'scores' has 39 bytes of memory; its shape 2x5 needs 40");
  output_.bytes = 40;
  output_.memory = SL_MEMORY_DEVICE;
  EXPECT_EQ(Message(), "output 'scores' is in device memory; this backend takes host memory");
}

TEST_F(CheckTensorsTest, Capacity) {
  output_.bytes = 39;
  EXPECT_EQ(Check().code(), SL_RESOURCE_EXHAUSTED);
  inputs_[0].bytes = 95;
  EXPECT_EQ(Check().code(), SL_INVALID_ARGUMENT);
  EXPECT_EQ(Message(), "input 'picture' has 95 bytes of memory; its shape 2x3x2x2 needs 96");
}

TEST_F(CheckTensorsTest, Alignment) {
  inputs_[0].data = picture_.data() + 1;
  EXPECT_EQ(Message(), "input 'picture' does not lie at a multiple of 64 bytes, as the ABI promises");
  inputs_[0].data = picture_.data() + 16;
  EXPECT_EQ(Message(), "");
}

TEST_F(CheckTensorsTest, DynamicDimensionsOfInputsTakeAnythingPositiveThatFits) {
  info_.inputs[0].dims[3] = SL_DIM_DYNAMIC;
  inputs_[0].dims[3] = 1;
  EXPECT_EQ(Message(), "");
  inputs_[0].dims[3] = SL_DIM_DYNAMIC;
  EXPECT_EQ(Message(), "input 'picture' has shape 2x3x2x?; the model takes ?x3x2x?");
  inputs_[0].dims[3] = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Message(), testing::HasSubstr("needs more than exist"));
}

TEST_F(CheckTensorsTest, DynamicDimensionsOfOutputsAreTheAuthorsToWrite) {
  info_.outputs[0].dims[1] = SL_DIM_DYNAMIC;
  output_.dims[1] = SL_DIM_DYNAMIC;
  output_.bytes = 0;
  EXPECT_EQ(Message(), "");
  output_.dims[0] = 1;
  EXPECT_EQ(Message(), "batch of output 'scores' is 1 where another tensor has 2");
}

}  // namespace
}  // namespace sightline::kit
