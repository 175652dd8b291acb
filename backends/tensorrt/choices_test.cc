#include "backends/tensorrt/choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace sightline::tensorrt {
namespace {

using testing::HasSubstr;

constexpr Version kTen = {10, 13, 0};
constexpr Version kEleven = {11, 1, 0};

// A graph of one node on a value of one type.
struct OneNode {
  explicit OneNode(const char* op_type, SlDataType type) {
    value = {.name = "v", .data_type = type};
    node = {.name = "n", .op_type = op_type, .inputs = &index, .input_count = 1};
    graph = {.struct_size = sizeof(SlGraph),
             .name = "g",
             .opset = 13,
             .values = &value,
             .value_count = 1,
             .nodes = &node,
             .node_count = 1};
  }
  OneNode(const OneNode&) = delete;
  OneNode& operator=(const OneNode&) = delete;

  int32_t index = 0;
  SlValue value{};
  SlNode node{};
  SlGraph graph{};
};

kit::EngineOptions Asked(SlDataType precision, std::map<std::string, std::string, std::less<>> values = {}) {
  kit::EngineOptions options;
  options.device = "cuda:1";
  options.precision = precision;
  options.max_batch = 8;
  for (const kit::OptionInfo& option : Options()) values.try_emplace(option.key, option.default_value);
  options.values = kit::OptionValues(std::move(values));
  return options;
}

TEST(Choose, TakesWhatTheUserAskedFor) {
  const Choices choices = Choose(
      Asked(SL_F16, {{"cuda_graph", "on"}, {"optimization", "5"}, {"workspace_mb", "64"}, {"cache", "/c"}}),
      nullptr, kTen);
  EXPECT_EQ(choices.gpu, 1);
  EXPECT_TRUE(choices.fp16);
  EXPECT_FALSE(choices.int8);
  EXPECT_TRUE(choices.cuda_graph);
  EXPECT_EQ(choices.optimization, 5);
  EXPECT_EQ(choices.workspace_mb, 64);
  EXPECT_EQ(choices.max_batch, 8);
  EXPECT_EQ(choices.cache, "/c");
  EXPECT_EQ(choices.precision_run, SL_F16);
}

TEST(Choose, FullPrecisionIsTheDefaultAndWithoutTf32) {
  const OneNode conv("Conv", SL_F32);
  const Choices choices = Choose(Asked(SL_F32), &conv.graph, kTen);
  EXPECT_FALSE(choices.fp16 || choices.int8 || choices.cuda_graph);
  EXPECT_EQ(choices.precision_run, SL_F32);
  EXPECT_THAT(choices.precision_note, HasSubstr("TF32 is turned off"));
}

TEST(Choose, AQuantizedModelNeedsTheInt8FlagWhereThereIsOne) {
  const OneNode quantized("DequantizeLinear", SL_I8);
  EXPECT_TRUE(Choose(Asked(SL_F32), &quantized.graph, kTen).int8);
  EXPECT_FALSE(Choose(Asked(SL_F32), &quantized.graph, kEleven).int8);
  EXPECT_EQ(Choose(Asked(SL_F32), &quantized.graph, kTen).precision_run, SL_I8);
  EXPECT_EQ(Choose(Asked(SL_F32), &quantized.graph, kEleven).precision_run, SL_I8);
}

TEST(Choose, AHalfModelComputesInHalf) {
  const OneNode half("Conv", SL_F16);
  EXPECT_TRUE(Choose(Asked(SL_F32), &half.graph, kTen).fp16);
  EXPECT_FALSE(Choose(Asked(SL_F32), &half.graph, kEleven).fp16);
  EXPECT_EQ(Choose(Asked(SL_F32), &half.graph, kEleven).precision_run, SL_F16);
}

TEST(Precisions, HalfIsOfferedWhereTheBuilderHasAFlag) {
  EXPECT_EQ(Precisions(kTen), 1u << SL_F32 | 1u << SL_F16);
  EXPECT_EQ(Precisions(kEleven), 1u << SL_F32);
}

// Two engines that are not the same may not find each other in the cache.
TEST(FactsOf, TellsApartWhateverChangesTheEngine) {
  const std::vector<std::byte> model(3, std::byte{7});
  std::vector<Choices> all(7);
  all[1].fp16 = true;
  all[2].int8 = true;
  all[3].optimization = 4;
  all[4].workspace_mb = 1;
  all[5].max_batch = 2;
  all[6].profile = true;
  std::set<std::string> headers = {Header(FactsOf(Choices(), std::span(model).first(2)))};
  for (const Choices& choices : all) headers.insert(Header(FactsOf(choices, model)));
  EXPECT_EQ(headers.size(), all.size() + 1);
  Choices graph;
  graph.cuda_graph = true;  // made when it runs
  EXPECT_EQ(FactsOf(graph, model), FactsOf(Choices(), model));
}

}  // namespace
}  // namespace sightline::tensorrt
