#include "src/network/padding.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

using testing::ElementsAre;

struct Case {
  const char* what;
  const char* graph;
  std::vector<int64_t> weight;
  std::vector<int64_t> pads;
  std::vector<int64_t> output;
};

// Worked by hand: output = ceil(input / stride), total = (output - 1) * stride + (kernel - 1) * dilation + 1
// - input.
TEST(PaddingTest, SamePadsBecomeExplicit) {
  const Case cases[] = {
      {"even size, stride 2: 3 * 2 + 3 - 8 = 1, at the end",
       "g (float[N,3,8,8] x) => (float[N,4,4,4] y) { y = Conv<auto_pad = \"SAME_UPPER\", strides = [2, "
       "2]>(x, w) }",
       {4, 3, 3, 3},
       {0, 0, 1, 1},
       {-1, 4, 4, 4}},
      {"the same, at the beginning",
       "g (float[N,3,8,8] x) => (float[N,4,4,4] y) { y = Conv<auto_pad = \"SAME_LOWER\", strides = [2, "
       "2]>(x, w) }",
       {4, 3, 3, 3},
       {1, 1, 0, 0},
       {-1, 4, 4, 4}},
      {"odd height, stride 2: 4 * 2 + 3 - 9 = 2; width 1 + 3 * 2 - 8",
       "g (float[N,3,9,8] x) => (float[N,4,5,4] y) { y = Conv<auto_pad = \"SAME_UPPER\", strides = [2, "
       "2]>(x, w) }",
       {4, 3, 3, 3},
       {1, 0, 1, 1},
       {-1, 4, 5, 4}},
      {"dilation 2 makes 3 reach 5: 7 + 5 - 8 = 4",
       "g (float[N,3,8,8] x) => (float[N,4,8,8] y) { y = Conv<auto_pad = \"SAME_UPPER\", dilations = [2, "
       "2]>(x, w) }",
       {4, 3, 3, 3},
       {2, 2, 2, 2},
       {-1, 4, 8, 8}},
      {"a stride beyond the kernel needs none",
       "g (float[N,3,8,8] x) => (float[N,4,2,2] y) { y = Conv<auto_pad = \"SAME_UPPER\", strides = [4, "
       "4]>(x, w) }",
       {4, 3, 1, 1},
       {0, 0, 0, 0},
       {-1, 4, 2, 2}},
      {"pooling",
       "g (float[N,3,7,7] x) => (float[N,3,4,4] y) {"
       " y = MaxPool<auto_pad = \"SAME_UPPER\", kernel_shape = [2, 2], strides = [2, 2]>(x) }",
       {},
       {0, 0, 1, 1},
       {-1, 3, 4, 4}},
      // total = stride * (input - 1) + kernel - output = 2 * 3 + 3 - 8 = 1
      {"transposed convolution",
       "g (float[N,3,4,4] x) => (float[N,5,8,8] y) {"
       " y = ConvTranspose<auto_pad = \"SAME_UPPER\", strides = [2, 2], kernel_shape = [3, 3]>(x, w) }",
       {3, 5, 3, 3},
       {0, 0, 1, 1},
       {-1, 5, 8, 8}},
      {"transposed convolution to a given size: 2 * 3 + 3 - 7 = 2",
       "g (float[N,3,4,4] x) => (float[N,5,7,7] y) {"
       " y = ConvTranspose<output_shape = [7, 7], strides = [2, 2], kernel_shape = [3, 3]>(x, w) }",
       {3, 5, 3, 3},
       {1, 1, 1, 1},
       {-1, 5, 7, 7}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    auto model = ParseModel(c.graph);
    if (!c.weight.empty()) AddWeight(*model, "w", c.weight);
    const Network network = Load(std::move(model));
    const onnx::NodeProto& node = network.model().graph().node(0);
    EXPECT_EQ(IntsOf(node, "pads"), c.pads);
    EXPECT_FALSE(HasAttribute(node, "auto_pad"));
    EXPECT_FALSE(HasAttribute(node, "output_shape"));
    EXPECT_EQ(DimsOf(network, "y"), c.output);
    // The explicit form infers to the same shape again.
    EXPECT_EQ(DimsOf(network.WithBatch(2).value(), "y")[2], c.output[2]);
  }
}

TEST(PaddingTest, ValidAndNotsetNeedNoSize) {
  auto model = ParseModel(
      "g (float[N,3,H,W] x) => (float[N,4,A,B] y) {"
      " a = Conv<auto_pad = \"VALID\">(x, w)  y = MaxPool<auto_pad = \"NOTSET\", kernel_shape = [2, 2], pads "
      "= [1, 1, 0, 0]>(a) }");
  AddWeight(*model, "w", {4, 3, 3, 3});
  const Network network = Load(std::move(model));
  for (const auto& node : network.model().graph().node()) EXPECT_FALSE(HasAttribute(node, "auto_pad"));
  EXPECT_THAT(IntsOf(*FindNode(network, "MaxPool"), "pads"), ElementsAre(1, 1, 0, 0));
}

TEST(PaddingTest, SameStaysWhereTheSizeIsOpen) {
  auto model = ParseModel(
      "g (float[N,3,H,W] x) => (float[N,4,A,B] y) {"
      " y = Conv<auto_pad = \"SAME_UPPER\", strides = [2, 2]>(x, w) }");
  AddWeight(*model, "w", {4, 3, 3, 3});
  EXPECT_TRUE(HasAttribute(*FindNode(Load(std::move(model)), "Conv"), "auto_pad"));
}

TEST(PaddingTest, AKernelLeftToTheWeightsIsWrittenDown) {
  auto model = ParseModel("g (float[N,3,8,8] x) => (float[N,4,6,4] y) { y = Conv(x, w) }");
  AddWeight(*model, "w", {4, 3, 3, 5});
  EXPECT_THAT(IntsOf(*FindNode(Load(std::move(model)), "Conv"), "kernel_shape"), testing::ElementsAre(3, 5));
}

}  // namespace
}  // namespace sightline::network
