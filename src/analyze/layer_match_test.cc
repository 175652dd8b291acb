#include "src/analyze/layer_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::analyze {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A graph of these nodes, each making a tensor "NAME_out".
LayerGraph Named(const std::vector<std::string>& names) {
  LayerGraph graph;
  for (const std::string& name : names) {
    graph.nodes.push_back(
        {.name = name, .op_type = "Conv", .outputs = {static_cast<int>(graph.tensors.size())}});
    graph.tensors.push_back({.name = name + "_out"});
  }
  return graph;
}

struct Case {
  const char* layer;
  const char* type;
  std::vector<int> nodes;
};

class Matching : public ::testing::TestWithParam<Case> {};

TEST_P(Matching, FindsTheNodes) {
  const LayerGraph graph =
      Named({"conv0", "conv0/bn", "conv0/act", "Conv_1", "Conv_10", "/layer1/conv2/Conv", "fc:1", "pool"});
  EXPECT_EQ(LayerMatcher(graph).Match(GetParam().layer, GetParam().type), GetParam().nodes);
}

INSTANTIATE_TEST_SUITE_P(
    Names, Matching,
    ::testing::Values(Case{"conv0", "Conv2D", {0}},               // exact
                      Case{"conv0/bn", "FusedBatchNormV3", {1}},  // not its prefix
                      Case{"conv0/Conv2D", "Conv2D", {0}},        // TensorFlow's own suffix
                      Case{"conv0/bn/scale", "Mul", {1}},         // the longest prefix
                      Case{"conv0:0", "Conv", {0}},               // a tensor of TensorFlow
                      Case{"Conv_1", "Convolution", {3}}, Case{"Conv_10", "Convolution", {4}},  // not Conv_1
                      Case{"Conv_100", "Convolution", {}},
                      Case{"Conv_1_out", "Convolution", {3}},   // named after its tensor
                      Case{"Conv_1_kernel_time", "Conv", {3}},  // ONNX Runtime
                      Case{"Conv_10_nchwc", "Conv", {4}},
                      Case{"onnx_node!Conv_1", "Convolution", {3}},  // OpenCV
                      Case{"model/Conv_1", "Conv", {3}},             // a scope around it
                      Case{"model/conv0/bn", "Mul", {1}},
                      Case{"layer_layer1/conv2/Conv", "Conv2D", {5}},  // TensorFlow takes no leading '/'
                      Case{"/layer1/conv2/Conv", "Convolution", {5}},
                      Case{"fc_1", "MatMul", {6}},                           // TensorFlow takes no ':'
                      Case{"conv0 + conv0/act", "CaskConvolution", {0, 2}},  // TensorRT
                      Case{"conv0/act,conv0", "Convolution", {0, 2}},        // OpenVINO
                      Case{"Conv_1||Conv_10", "CaskConvolution", {3, 4}},
                      Case{"fused Conv_1", "FusedConv", {3}},
                      Case{"Reformatting CopyNode for Input Tensor 0 to Conv_1", "Reformat", {}},
                      Case{"ReorderInput", "ReorderInput", {}}, Case{"Conv_1/reorder", "Reorder", {}},
                      Case{"conv0-0-TransposeNHWCToNCHW-LayoutOptimizer", "Transpose", {}},
                      Case{"_SOURCE", "NoOp", {}}, Case{"", "", {}}, Case{"///", "", {}}));

TEST(LayerMatch, ANameThatTwoNodesShareIsNeither) {
  const LayerMatcher matcher(Named({"a:b", "a_b", "c"}));
  EXPECT_THAT(matcher.Match("a_b", "Conv"), IsEmpty());
  EXPECT_THAT(matcher.Match("c", "Conv"), ElementsAre(2));
}

TEST(LayerMatch, ANodesNameGoesBeforeATensors) {
  LayerGraph graph = Named({"a", "b"});
  graph.tensors[0].name = "b";  // node a makes a tensor called like node b
  EXPECT_THAT(LayerMatcher(graph).Match("b", "Conv"), ElementsAre(1));
}

}  // namespace
}  // namespace sightline::analyze
