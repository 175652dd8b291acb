#include "backends/onnxruntime/precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace sightline::onnxruntime {
namespace {

using testing::HasSubstr;

// A graph of one node after another, each on a value of its own type.
class Graph {
 public:
  explicit Graph(std::vector<std::pair<const char*, SlDataType>> nodes) {
    for (size_t i = 0; i < nodes.size(); ++i) {
      values_.push_back({.name = "v", .data_type = nodes[i].second});
      inputs_.push_back(static_cast<int32_t>(i));
    }
    for (size_t i = 0; i < nodes.size(); ++i) {
      nodes_.push_back({.name = "n", .op_type = nodes[i].first, .inputs = &inputs_[i], .input_count = 1});
    }
    c_ = {.struct_size = sizeof(SlGraph),
          .name = "g",
          .opset = 13,
          .values = values_.data(),
          .value_count = static_cast<int32_t>(values_.size()),
          .nodes = nodes_.data(),
          .node_count = static_cast<int32_t>(nodes_.size())};
  }
  const SlGraph* get() const { return &c_; }

 private:
  std::vector<SlValue> values_;
  std::vector<int32_t> inputs_;
  std::vector<SlNode> nodes_;
  SlGraph c_{};
};

TEST(PrecisionOf, FullPrecisionStaysUnlessTensorRtIsAskedForLess) {
  const Graph graph({{"Conv", SL_F32}, {"Relu", SL_F32}});
  EXPECT_EQ(PrecisionOf(graph.get(), {}).run, SL_F32);
  EXPECT_EQ(PrecisionOf(graph.get(), {.gpu = true, .tensorrt = "fp16"}).run, SL_F16);
  EXPECT_EQ(PrecisionOf(graph.get(), {.gpu = true, .tensorrt = "int8"}).run, SL_F32);
  EXPECT_THAT(PrecisionOf(graph.get(), {.gpu = true, .tf32_possible = true}).note, HasSubstr("TF32"));
}

TEST(PrecisionOf, AQuantizedModelIsInt8WhereItIsFused) {
  const Graph graph({{"QuantizeLinear", SL_F32}, {"DequantizeLinear", SL_U8}, {"Conv", SL_F32}});
  EXPECT_EQ(PrecisionOf(graph.get(), {}).run, SL_I8);
  const Precision plain = PrecisionOf(graph.get(), {.fuses_quantization = false});
  EXPECT_EQ(plain.run, SL_F32);
  EXPECT_THAT(plain.note, HasSubstr("without the extended optimizations"));
  EXPECT_EQ(PrecisionOf(graph.get(), {.gpu = true}).run, SL_F32);
  EXPECT_EQ(PrecisionOf(graph.get(), {.gpu = true, .tensorrt = "int8"}).run, SL_I8);
}

TEST(PrecisionOf, IntegerOperatorsAreInt8WhateverTheLevel) {
  const Graph graph({{"QLinearConv", SL_U8}, {"Conv", SL_F32}});
  EXPECT_EQ(PrecisionOf(graph.get(), {.fuses_quantization = false}).run, SL_I8);
}

TEST(PrecisionOf, HalfIsConvertedOnCpusWithoutIt) {
  const Graph half({{"Conv", SL_F16}});
  EXPECT_EQ(PrecisionOf(half.get(), {.gpu = true}).run, SL_F16);
#if !defined(__aarch64__)
  EXPECT_EQ(PrecisionOf(half.get(), {}).run, SL_F32);
  EXPECT_THAT(PrecisionOf(half.get(), {}).note, HasSubstr("converts to fp32"));
#endif
  const Graph mixed({{"Conv", SL_F16}, {"Gemm", SL_F32}});
  EXPECT_THAT(PrecisionOf(mixed.get(), {.gpu = true}).note, HasSubstr("mixed"));
}

TEST(PrecisionOf, OfAFileNobodyReadItSaysSo) {
  EXPECT_EQ(PrecisionOf(nullptr, {}).run, SL_F32);
  EXPECT_THAT(PrecisionOf(nullptr, {}).note, HasSubstr("not known"));
}

}  // namespace
}  // namespace sightline::onnxruntime
