#include "src/analyze/layer_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/analyze/test_layers.h"
#include "src/base/text.h"

namespace sightline::analyze {
namespace {

using ::testing::ElementsAre;
using testing::GraphMaker;
using ::testing::IsEmpty;
using testing::Residual;

FrameworkLayer Timed(const std::string& name, const std::string& type = "Op") {
  return {.name = name, .type = type, .has_time = true};
}
FrameworkLayer Silent(const std::string& name) {
  return {.name = name, .type = "Op", .has_time = false};
}

// "layer+layer: node node" of each group.
std::vector<std::string> Described(const LayerGraph& graph, const std::vector<FrameworkLayer>& layers) {
  std::vector<std::string> texts;
  for (const LayerGroup& group : GroupLayers(graph, layers).groups) {
    std::vector<std::string> names;
    std::vector<std::string> nodes;
    for (const int l : group.layers) names.push_back(layers[static_cast<size_t>(l)].name);
    for (const int n : group.nodes) nodes.push_back(graph.nodes[static_cast<size_t>(n)].name);
    texts.push_back(Join(names, "+") + ": " + Join(nodes, " "));
  }
  return texts;
}

TEST(LayerGroups, FusedUnderTheNameOfTheFirstAsOpenCvDoes) {
  EXPECT_THAT(
      Described(Residual(), {Timed("conv1"), Silent("bn1"), Silent("act1"), Timed("conv2"), Silent("bn2"),
                             Timed("add"), Silent("act2"), Timed("pool"), Silent("flatten"), Timed("fc")}),
      ElementsAre("conv1+bn1+act1: conv1 bn1 act1", "conv2+bn2: conv2 bn2", "add+act2: add act2",
                  "pool: pool", "fc: fc"));
}

TEST(LayerGroups, FusedUnderTheNameOfTheLastAsTensorFlowDoes) {
  EXPECT_THAT(Described(Residual(), {Timed("act1", "_FusedConv2D"), Timed("act2", "_FusedConv2D"),
                                     Timed("pool"), Timed("fc")}),
              ElementsAre("act1: conv1 bn1 act1", "act2: conv2 bn2 add act2", "pool: pool", "fc: fc"));
}

TEST(LayerGroups, EveryNodeOfItsOwnWhereNothingIsFused) {
  EXPECT_THAT(
      Described(Residual(), {Timed("conv1"), Timed("bn1"), Timed("act1"), Timed("conv2"), Timed("bn2"),
                             Timed("add"), Timed("act2"), Timed("pool"), Timed("flatten"), Timed("fc")}),
      ElementsAre("conv1: conv1", "bn1: bn1", "act1: act1", "conv2: conv2", "bn2: bn2", "add: add",
                  "act2: act2", "pool: pool", "flatten: flatten", "fc: fc"));
}

TEST(LayerGroups, SeveralLayersOfOneNodeAddUp) {
  const LayerGraph graph = GraphMaker().Node("conv", "Conv", {"x"}, 9).Output("conv").Made();
  EXPECT_THAT(Described(graph, {Timed("conv/weights", "Const"), Timed("conv/conv", "Conv2D"),
                                Timed("conv", "BiasAdd")}),
              ElementsAre("conv/weights+conv/conv+conv: conv"));
}

// A constant belongs to its node and yet is no sign that the node runs under its own name.
TEST(LayerGroups, AConstantGoesWhereItsNodeRuns) {
  EXPECT_THAT(Described(Residual(), {Timed("conv1/weights", "Const"), Timed("act1", "_FusedConv2D")}),
              ElementsAre("conv1/weights+act1: conv1 bn1 act1"));
}

TEST(LayerGroups, GroupsStandWhereTheyComputeNotWhereTheirConstantsAreMade) {
  EXPECT_THAT(Described(Residual(), {Timed("conv2/weights", "Const"), Timed("conv1"), Timed("conv2")}),
              ElementsAre("conv1: conv1 bn1 act1", "conv2/weights+conv2: conv2 bn2 add act2"));
}

TEST(LayerGroups, NamesJoinedByTheFrameworkAreOneGroup) {
  EXPECT_THAT(Described(Residual(), {Timed("conv1 + act1"), Timed("conv2 + add + act2")}),
              ElementsAre("conv1 + act1: conv1 bn1 act1", "conv2 + add + act2: conv2 bn2 add act2"));
}

TEST(LayerGroups, ALayerOfTheFrameworksOwnStaysAlone) {
  const LayerGraph graph = Residual();
  const std::vector<FrameworkLayer> layers = {Timed("ReorderInput", "ReorderInput"), Silent("nothing"),
                                              Timed("conv1")};
  EXPECT_THAT(Described(graph, layers), ElementsAre("ReorderInput: ", "conv1: conv1 bn1 act1"));
}

TEST(LayerGroups, WhatTwoReadIsNotFusedIntoEither) {
  const LayerGraph graph = GraphMaker()
                               .Node("conv", "Conv", {"x"}, 9)
                               .Node("left", "Relu", {"conv"})
                               .Node("right", "Sigmoid", {"conv"})
                               .Output("left")
                               .Output("right")
                               .Made();
  const LayerGroups groups = GroupLayers(graph, std::vector{Timed("left"), Timed("right")});
  EXPECT_THAT(groups.nodes_without_time, ElementsAre(0)) << "the convolution runs somewhere, but where?";
}

TEST(LayerGroups, AConvolutionIsNotFusedIntoTheNextOne) {
  const LayerGraph graph = GraphMaker()
                               .Node("a", "Conv", {"x"}, 9)
                               .Node("b", "Conv", {"a"}, 9)
                               .Node("relu", "Relu", {"b"})
                               .Output("relu")
                               .Made();
  const LayerGroups groups = GroupLayers(graph, std::vector{Timed("b"), Timed("relu")});
  EXPECT_THAT(groups.nodes_without_time, ElementsAre(0));
}

TEST(LayerGroups, WhatComesBeforeAConvolutionIsFusedIntoItWhereNothingElseFits) {
  const LayerGraph graph =
      GraphMaker().Node("pad", "Pad", {"x"}).Node("conv", "Conv", {"pad"}, 9).Output("conv").Made();
  EXPECT_THAT(Described(graph, {Timed("conv")}), ElementsAre("conv: pad conv"));
}

TEST(LayerGroups, WhatTheWorldReadsIsMade) {
  const LayerGraph graph = GraphMaker()
                               .Node("conv", "Conv", {"x"}, 9)
                               .Node("relu", "Relu", {"conv"})
                               .Output("conv")
                               .Output("relu")
                               .Made();
  const LayerGroups groups = GroupLayers(graph, std::vector{Timed("relu")});
  EXPECT_THAT(groups.nodes_without_time, ElementsAre(0));
}

// OpenCV writes what is joined where it belongs, so that Concat has nothing to do.
TEST(LayerGroups, WhatFrameworksDoNotFuseHasNoTime) {
  const LayerGraph graph = GraphMaker()
                               .Node("a", "Conv", {"x"}, 9)
                               .Node("b", "Conv", {"x"}, 9)
                               .Node("concat", "Concat", {"a", "b"})
                               .Node("pool", "MaxPool", {"concat"})
                               .Output("pool")
                               .Made();
  EXPECT_THAT(GroupLayers(graph, std::vector{Timed("a"), Timed("b")}).nodes_without_time, ElementsAre(2, 3));
}

TEST(LayerGroups, NoLayersNoGroups) {
  const LayerGroups groups = GroupLayers(Residual(), {});
  EXPECT_THAT(groups.groups, IsEmpty());
  EXPECT_EQ(groups.nodes_without_time.size(), Residual().nodes.size());
}

}  // namespace
}  // namespace sightline::analyze
