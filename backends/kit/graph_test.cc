#include "backends/kit/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace sightline::kit {
namespace {

// in -> Conv(weights, no bias) "conv1" -> Relu "relu1" -> out
class GraphTest : public testing::Test {
 protected:
  std::array<float, 4> weights_ = {1, 2, 3, 4};
  std::array<int64_t, 2> strides_ = {2, 1};
  std::array<SlValue, 4> values_ = {{
      {"in", SL_F32, 4, {-1, 1, 5, 5}, nullptr, 0},
      {"w", SL_F32, 4, {1, 1, 2, 2}, weights_.data(), sizeof weights_},
      {"mid", SL_F32, -1, {}, nullptr, 0},
      {"out", SL_F32, 2, {1, 6}, nullptr, 0},
  }};
  std::array<SlAttribute, 3> attributes_ = {{
      {"group", SL_ATTRIBUTE_INT, 3, 0, nullptr, nullptr, nullptr, 0},
      {"strides", SL_ATTRIBUTE_INTS, 0, 0, nullptr, strides_.data(), nullptr, 2},
      {"mode", SL_ATTRIBUTE_STRING, 0, 0, "fast", nullptr, nullptr, 0},
  }};
  std::array<int32_t, 3> conv_in_ = {0, 1, -1};
  std::array<int32_t, 1> conv_out_ = {2};
  std::array<int32_t, 1> relu_out_ = {3};
  std::vector<SlNode> nodes_ = {
      {"conv1", "Conv", conv_in_.data(), 3, conv_out_.data(), 1, attributes_.data(), 3},
      {"relu1", "Relu", conv_out_.data(), 1, relu_out_.data(), 1, nullptr, 0},
  };
  SlGraph graph_ = {sizeof(SlGraph),  "g", 10, values_.data(), 4, nodes_.data(), 2, conv_in_.data(), 1,
                    relu_out_.data(), 1};
  GraphView view_{graph_};
};

TEST_F(GraphTest, ValuesTellTheirShapes) {
  const GraphValue in = view_.inputs().at(0);
  EXPECT_STREQ(in.name(), "in");
  EXPECT_EQ(in.elements(), -1);
  EXPECT_EQ(in.dims()[2], 5);
  EXPECT_FALSE(in.is_constant());
  EXPECT_EQ(view_.value(1).elements(), 4);
  EXPECT_FALSE(view_.value(2).shape_known());
  EXPECT_TRUE(view_.value(2).dims().empty());
  EXPECT_STREQ(view_.outputs().at(0).name(), "out");
}

TEST_F(GraphTest, ConstantsAreSeenInTheirOwnTypeOnly) {
  const GraphValue weights = view_.node(0).input(1);
  EXPECT_THAT(weights.floats(), testing::ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(weights.int64s().empty());
  EXPECT_TRUE(view_.value(0).floats().empty());
}

TEST_F(GraphTest, AttributesFallBackWhenAbsentOrOfAnotherKind) {
  const GraphNode conv = view_.node(0);
  EXPECT_EQ(conv.Int("group", 1), 3);
  EXPECT_EQ(conv.Int("missing", 1), 1);
  EXPECT_EQ(conv.Int("strides", 9), 9);
  EXPECT_THAT(conv.Ints("strides", {1, 1}), testing::ElementsAre(2, 1));
  EXPECT_THAT(conv.Ints("pads", {0, 0}), testing::ElementsAre(0, 0));
  EXPECT_EQ(conv.String("mode", ""), "fast");
  EXPECT_EQ(conv.Float("epsilon", 0.5F), 0.5F);
  EXPECT_TRUE(conv.Floats("scales", {}).empty());
  EXPECT_TRUE(conv.has_attribute("group"));
  EXPECT_FALSE(conv.has_attribute("pads"));
}

TEST_F(GraphTest, OptionalInputsMayBeLeftOut) {
  const GraphNode conv = view_.node(0);
  EXPECT_TRUE(conv.has_input(1));
  EXPECT_FALSE(conv.has_input(2));  // written as left out
  EXPECT_FALSE(conv.has_input(3));  // not written at all
}

TEST_F(GraphTest, WalkCallsHandlersInOrder) {
  std::vector<std::string> built;
  const NodeHandler build = [&](const GraphNode& node) {
    built.emplace_back(node.name());
    return Ok();
  };
  ASSERT_TRUE(Walk(view_, {{"Conv", build}, {"Relu", build}}, "Test").ok());
  EXPECT_THAT(built, testing::ElementsAre("conv1", "relu1"));
}

TEST_F(GraphTest, WalkNamesEveryOperatorWithoutAHandlerBeforeBuildingAnything) {
  int built = 0;
  const NodeHandler build = [&](const GraphNode&) {
    ++built;
    return Ok();
  };
  const Status one = Walk(view_, {{"Conv", build}}, "Test");
  EXPECT_EQ(one.code(), SL_UNSUPPORTED);
  EXPECT_EQ(one.message(), "operator Relu (layer 'relu1') is not supported by Test");
  EXPECT_EQ(Walk(view_, {}, "Test").message(),
            "operators Conv (layer 'conv1'), Relu (layer 'relu1') are not supported by Test");
  EXPECT_EQ(built, 0);
}

TEST_F(GraphTest, ManyLayersOfOneOperatorAreCounted) {
  nodes_.assign(5, nodes_[1]);
  graph_.nodes = nodes_.data();
  graph_.node_count = 5;
  EXPECT_EQ(CheckOperators(view_, {}, "Test").message(),
            "operator Relu (layers 'relu1', 'relu1', 'relu1' and 2 more) is not supported by Test");
}

TEST_F(GraphTest, ErrorsOfHandlersNameTheLayer) {
  const NodeHandlers handlers = {{"Conv", [](const GraphNode&) { return InvalidArgument("no weights"); }},
                                 {"Relu", [](const GraphNode&) { return Ok(); }}};
  const Status status = Walk(view_, handlers, "Test");
  EXPECT_EQ(status.code(), SL_INVALID_ARGUMENT);
  EXPECT_EQ(status.message(), "layer 'conv1' (Conv): no weights");
}

}  // namespace
}  // namespace sightline::kit
