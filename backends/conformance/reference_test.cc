// The reference itself, on values worked out by hand.
#include "backends/conformance/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace sightline::conformance {
namespace {

using ::testing::ElementsAre;

// A model of one node with attributes of whole numbers; its inputs are named a, b, ...
struct OneNode {
  OneNode(const std::string& type, int inputs) {
    node = model.mutable_graph()->add_node();
    node->set_op_type(type);
    for (int i = 0; i < inputs; ++i) node->add_input(std::string(1, static_cast<char>('a' + i)));
    node->add_output("y");
  }
  OneNode& Ints(const char* name, std::initializer_list<int64_t> values) {
    auto* attribute = node->add_attribute();
    attribute->set_name(name);
    for (const int64_t value : values) attribute->add_ints(value);
    return *this;
  }
  OneNode& Int(const char* name, int64_t value) {
    auto* attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_i(value);
    return *this;
  }
  Array Run(std::map<std::string, Array> inputs) const { return Evaluate(model, std::move(inputs)).at("y"); }

  onnx::ModelProto model;
  onnx::NodeProto* node;
};

const Array kNine{{1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};

TEST(Reference, ConvWithOneSidedPads) {
  const Array y = OneNode("Conv", 2)
                      .Ints("pads", {0, 0, 1, 1})
                      .Ints("strides", {2, 2})
                      .Run({{"a", kNine}, {"b", {{1, 1, 2, 2}, {1, 10, 100, 1000}}}});
  EXPECT_THAT(y.dims, ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(y.values, ElementsAre(1 + 20 + 400 + 5000, 3 + 600, 7 + 80, 9));
}

TEST(Reference, ConvInGroups) {
  const Array y =
      OneNode("Conv", 3)
          .Int("group", 2)
          .Run({{"a", {{1, 2, 1, 1}, {3, 5}}}, {"b", {{2, 1, 1, 1}, {2, 4}}}, {"c", {{2}, {0.5, 0.25}}}});
  EXPECT_THAT(y.values, ElementsAre(6.5, 20.25));
}

TEST(Reference, PoolsIgnorePads) {
  const Array max = OneNode("MaxPool", 1)
                        .Ints("kernel_shape", {2, 2})
                        .Ints("pads", {1, 1, 0, 0})
                        .Run({{"a", {{1, 1, 2, 2}, {-1, -2, -3, -4}}}});
  EXPECT_THAT(max.values, ElementsAre(-1, -1, -1, -1));
  const Array average = OneNode("AveragePool", 1)
                            .Ints("kernel_shape", {2, 2})
                            .Ints("pads", {1, 1, 0, 0})
                            .Run({{"a", {{1, 1, 2, 2}, {4, 8, 12, 16}}}});
  EXPECT_THAT(average.values, ElementsAre(4, 6, 8, 10));
}

TEST(Reference, BatchNormalization) {
  OneNode node("BatchNormalization", 5);
  auto* epsilon = node.node->add_attribute();
  epsilon->set_name("epsilon");
  epsilon->set_f(0.25F);
  const Array y = node.Run({{"a", {{1, 1, 1, 2}, {3, 5}}},
                            {"b", {{1}, {2}}},
                            {"c", {{1}, {10}}},
                            {"d", {{1}, {1}}},
                            {"e", {{1}, {3.75}}}});
  EXPECT_THAT(y.values, ElementsAre(12, 14));  // (x - 1) / 2 * 2 + 10
}

TEST(Reference, ConcatJoinsChannelsOfEachItem) {
  const Array y = OneNode("Concat", 2)
                      .Int("axis", 1)
                      .Run({{"a", {{2, 1, 1, 1}, {1, 2}}}, {"b", {{2, 2, 1, 1}, {3, 4, 5, 6}}}});
  EXPECT_THAT(y.values, ElementsAre(1, 3, 4, 2, 5, 6));
}

TEST(Reference, GemmAndSoftmax) {
  const Array y = OneNode("Gemm", 3)
                      .Int("transB", 1)
                      .Run({{"a", {{1, 2}, {1, 2}}}, {"b", {{2, 2}, {3, 4, 5, 6}}}, {"c", {{2}, {0, 1}}}});
  EXPECT_THAT(y.values, ElementsAre(11, 18));
  const Array p = OneNode("Softmax", 1).Run({{"a", {{1, 2}, {0, std::log(3.0)}}}});
  EXPECT_NEAR(p.values[0], 0.25, 1e-12);
  EXPECT_NEAR(p.values[1], 0.75, 1e-12);
}

TEST(Reference, GlobalAverageAndClip) {
  EXPECT_NEAR(OneNode("GlobalAveragePool", 1).Run({{"a", kNine}}).values[0], 5, 1e-12);
  EXPECT_THAT(OneNode("Relu", 1).Run({{"a", {{3}, {-1, 0, 2}}}}).values, ElementsAre(0, 0, 2));
}

}  // namespace
}  // namespace sightline::conformance
