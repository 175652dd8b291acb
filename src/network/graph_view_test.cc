#include "src/network/graph_view.h"

#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::ElementsAre;

std::vector<int64_t> DimsOf(const SlValue& value) {
  return {value.dims, value.dims + value.rank};
}

const SlAttribute* FindAttribute(const SlNode& node, const std::string& name) {
  for (int32_t i = 0; i < node.attribute_count; ++i) {
    if (node.attributes[i].name == name) return &node.attributes[i];
  }
  return nullptr;
}

Network ConvAndClip() {
  auto model = ParseModel(R"(g (float[N,3,8,8] x) => (float[N,4,8,8] y) <float high = {6.0}> {
      a = Conv<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(x, w)  y = Clip(a, , high) })");
  AddWeight(*model, "w", {4, 3, 3, 3});
  return Load(std::move(model));
}

TEST(GraphViewTest, ShowsValuesNodesInputsAndOutputs) {
  const Network network = ConvAndClip();
  const SlGraph& graph = network.Graph();
  EXPECT_EQ(graph.struct_size, sizeof(SlGraph));
  EXPECT_EQ(graph.opset, 13);
  ASSERT_EQ(graph.input_count, 1);
  ASSERT_EQ(graph.output_count, 1);
  const SlValue& x = graph.values[graph.inputs[0]];
  EXPECT_STREQ(x.name, "x");
  EXPECT_EQ(x.data_type, SL_F32);
  EXPECT_THAT(DimsOf(x), ElementsAre(-1, 3, 8, 8));
  EXPECT_EQ(x.data, nullptr);
  EXPECT_STREQ(graph.values[graph.outputs[0]].name, "y");

  ASSERT_EQ(graph.node_count, 2);
  const SlNode& conv = graph.nodes[0];
  EXPECT_STREQ(conv.name, "Conv_0");
  EXPECT_STREQ(conv.op_type, "Conv");
  EXPECT_EQ(conv.inputs[0], graph.inputs[0]);
  const SlValue& w = graph.values[conv.inputs[1]];
  EXPECT_THAT(DimsOf(w), ElementsAre(4, 3, 3, 3));
  ASSERT_EQ(w.bytes, 4u * 108);
  float second = 0;
  std::memcpy(&second, static_cast<const char*>(w.data) + 4, 4);
  EXPECT_FLOAT_EQ(second, 0.11F);

  const SlNode& clip = graph.nodes[1];
  ASSERT_EQ(clip.input_count, 3);
  EXPECT_EQ(clip.inputs[0], conv.outputs[0]);
  EXPECT_EQ(clip.inputs[1], -1);  // left out
  EXPECT_EQ(graph.values[clip.inputs[2]].rank, 0);
  EXPECT_EQ(clip.outputs[0], graph.outputs[0]);
}

TEST(GraphViewTest, ShowsAttributesOfEveryKind) {
  auto model =
      ParseModel(R"(g (float[N,3,8,8] x) => (float[N,3,16,16] y) <float[4] s = {1.0, 1.0, 2.0, 2.0}> {
      a = LeakyRelu<alpha = 0.25>(x)  b = Concat<axis = 1>(a)
      y = custom.Odd<mode = "near", sizes = [1, -2], factors = [0.5, 1.5], table = float[1] {1.0}>(b, s) })");
  const Network network = Load(std::move(model));
  const SlGraph& graph = network.Graph();
  const SlAttribute* alpha = FindAttribute(graph.nodes[0], "alpha");
  EXPECT_EQ(alpha->kind, SL_ATTRIBUTE_FLOAT);
  EXPECT_EQ(alpha->float_value, 0.25F);
  EXPECT_EQ(FindAttribute(graph.nodes[1], "axis")->kind, SL_ATTRIBUTE_INT);
  EXPECT_EQ(FindAttribute(graph.nodes[1], "axis")->int_value, 1);
  const SlNode& odd = graph.nodes[2];
  EXPECT_STREQ(FindAttribute(odd, "mode")->string_value, "near");
  const SlAttribute* sizes = FindAttribute(odd, "sizes");
  EXPECT_EQ(sizes->kind, SL_ATTRIBUTE_INTS);
  ASSERT_EQ(sizes->count, 2);
  EXPECT_EQ(sizes->ints[1], -2);
  const SlAttribute* factors = FindAttribute(odd, "factors");
  EXPECT_EQ(factors->kind, SL_ATTRIBUTE_FLOATS);
  ASSERT_EQ(factors->count, 2);
  EXPECT_EQ(factors->floats[1], 1.5F);
  EXPECT_EQ(FindAttribute(odd, "table")->kind, SL_ATTRIBUTE_OTHER);
}

TEST(GraphViewTest, EveryIndexIsInRangeAndEveryNameOnce) {
  const Network network = ConvAndClip();
  const SlGraph& graph = network.Graph();
  std::set<std::string> names;
  for (int32_t i = 0; i < graph.value_count; ++i) EXPECT_TRUE(names.insert(graph.values[i].name).second);
  for (int32_t n = 0; n < graph.node_count; ++n) {
    for (int32_t i = 0; i < graph.nodes[n].input_count; ++i)
      EXPECT_LT(graph.nodes[n].inputs[i], graph.value_count);
    for (int32_t i = 0; i < graph.nodes[n].output_count; ++i)
      EXPECT_LT(graph.nodes[n].outputs[i], graph.value_count);
  }
}

TEST(GraphViewTest, IsBuiltOnceWhoeverAsksFirst) {
  const Network network = ConvAndClip();
  std::vector<const SlGraph*> seen(8);
  {
    std::vector<std::jthread> threads;
    for (const SlGraph*& mine : seen) threads.emplace_back([&network, &mine] { mine = &network.Graph(); });
  }
  EXPECT_THAT(seen, testing::Each(&network.Graph()));
}

TEST(GraphViewTest, StaysWhenTheNetworkMoves) {
  Network network = ConvAndClip();
  const SlGraph* graph = &network.Graph();
  const Network moved = std::move(network);
  EXPECT_EQ(&moved.Graph(), graph);
  EXPECT_STREQ(moved.Graph().name, "test");
}

}  // namespace
}  // namespace sightline::network
