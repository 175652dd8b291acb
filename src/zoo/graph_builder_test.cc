#include "src/zoo/graph_builder.h"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace sightline::zoo {
namespace {

using testing::ElementsAre;

PreprocessSpec Picture(int width, int height) {
  PreprocessSpec spec;
  spec.width = width;
  spec.height = height;
  return spec;
}

const onnx::NodeProto& NodeOf(const onnx::ModelProto& model, const std::string& name) {
  for (const onnx::NodeProto& node : model.graph().node())
    if (node.name() == name) return node;
  ADD_FAILURE() << "no node " << name;
  return model.graph().node(0);
}

std::vector<int64_t> Ints(const onnx::NodeProto& node, const std::string& attribute) {
  for (const onnx::AttributeProto& a : node.attribute())
    if (a.name() == attribute) return {a.ints().begin(), a.ints().end()};
  return {};
}

struct PoolCase {
  int size;
  int kernel;
  int stride;
  Padding padding;
  int before;
  int after;
  int outputs;
};

TEST(GraphBuilderTest, PadsAndSizesAreThoseOfTheFrameworks) {
  // TensorFlow: odd padding goes to the end; Caffe: ceil((size - kernel) / stride) + 1 positions.
  constexpr PoolCase kCases[] = {
      {224, 3, 2, Padding::kSame, 0, 1, 112},      {113, 3, 2, Padding::kSame, 1, 1, 57},
      {224, 7, 2, Padding::kSame, 2, 3, 112},      {14, 2, 2, Padding::kSame, 0, 0, 7},
      {35, 3, 1, Padding::kSame, 1, 1, 35},        {56, 1, 2, Padding::kSame, 0, 0, 28},
      {299, 3, 2, Padding::kValid, 0, 0, 149},     {112, 3, 2, Padding::kSymmetric, 1, 1, 56},
      {224, 7, 2, Padding::kSymmetric, 3, 3, 112}, {112, 3, 2, Padding::kCeil, 0, 1, 56},
      {55, 3, 2, Padding::kCeil, 0, 0, 27}};
  for (const PoolCase& c : kCases) {
    GraphBuilder b("test", 1, {});
    const Value x = b.Input(Picture(c.size, c.size));
    const Value y = b.MaxPool("pool", x, Square(c.kernel, c.stride, c.padding));
    EXPECT_EQ(y.height, c.outputs);
    EXPECT_EQ(y.width, c.outputs);
    const auto model = b.Finish(b.Classifier(y, 10, 1));
    EXPECT_THAT(Ints(NodeOf(*model, "pool"), "pads"), ElementsAre(c.before, c.before, c.after, c.after));
  }
}

TEST(GraphBuilderTest, RowsComeBeforeColumns) {
  GraphBuilder b("test", 1, {});
  const Value y = b.Conv("conv", b.Input(Picture(20, 10)), 4, {.height = 1, .width = 7});
  EXPECT_EQ(y.height, 10);
  EXPECT_EQ(y.width, 20);
  const auto model = b.Finish(b.Classifier(y, 10, 1));
  EXPECT_THAT(Ints(NodeOf(*model, "conv"), "kernel_shape"), ElementsAre(1, 7));
  EXPECT_THAT(Ints(NodeOf(*model, "conv"), "pads"), ElementsAre(0, 3, 0, 3));
}

// One network with every operator the builder has.
std::unique_ptr<onnx::ModelProto> Everything(uint64_t seed, const Style& style) {
  GraphBuilder b("everything", seed, style);
  const Window keep = Square(3, 1, Padding::kSame);
  Value x = b.ConvBnAct("conv1", b.Input(Picture(32, 32)), 16, keep);
  x = b.LocalResponseNorm("norm", x);
  x = b.DepthwiseBnAct("depthwise", x, Square(3, 2, Padding::kSame));
  const auto [first, second] = b.SplitChannels("split", x);
  const std::array<Value, 2> parts{b.Scale("half", first, 0.5), b.Add("sum", first, second)};
  x = b.ShuffleChannels("shuffle", b.Concat("concat", parts), 2);
  x = b.AveragePool("average", b.MaxPool("max", x, keep), keep);
  x = b.Act("fc/act", b.Gemm("fc", x, 32));
  return b.Finish(b.Gemm("scores", x, 10));
}

TEST(GraphBuilderTest, WritesWhatTheOldestReaderTakes) {
  for (const Activation activation : {Activation::kRelu, Activation::kRelu6}) {
    const auto model = Everything(1, {.activation = activation});
    EXPECT_NO_THROW(onnx::checker::check_model(*model));
    EXPECT_EQ(model->opset_import(0).version(), 10);
    EXPECT_EQ(model->ir_version(), 7);
  }
}

TEST(GraphBuilderTest, InputAndOutputsAreNamedAndShaped) {
  const auto model = Everything(1, {});
  ASSERT_EQ(model->graph().input_size(), 1);
  EXPECT_EQ(model->graph().input(0).name(), "input");
  EXPECT_EQ(model->graph().input(0).type().tensor_type().shape().dim(0).dim_param(), "N");
  ASSERT_EQ(model->graph().output_size(), 1);
  EXPECT_EQ(model->graph().output(0).name(), "output");
  EXPECT_EQ(model->graph().output(0).type().tensor_type().shape().dim(1).dim_value(), 10);
  EXPECT_EQ(NodeOf(*model, "output").op_type(), "Softmax");
  EXPECT_THAT(NodeOf(*model, "output").input(), ElementsAre("logits"));
  EXPECT_THAT(NodeOf(*model, "scores").output(), ElementsAre("logits"));
}

TEST(GraphBuilderTest, NamesAreUnique) {
  const auto model = Everything(1, {});
  std::set<std::string> names;
  for (const onnx::NodeProto& node : model->graph().node())
    EXPECT_TRUE(names.insert(node.name()).second) << node.name();
  for (const onnx::TensorProto& tensor : model->graph().initializer())
    EXPECT_TRUE(names.insert(tensor.name()).second) << tensor.name();
}

TEST(GraphBuilderTest, TheSeedDecidesTheBytes) {
  EXPECT_EQ(Everything(1, {})->SerializeAsString(), Everything(1, {})->SerializeAsString());
  EXPECT_NE(Everything(1, {})->SerializeAsString(), Everything(2, {})->SerializeAsString());
}

bool CountsPadding(const onnx::NodeProto& pool) {
  for (const onnx::AttributeProto& a : pool.attribute())
    if (a.name() == "count_include_pad") return a.i() != 0;
  return false;
}

TEST(GraphBuilderTest, AverageLeavesPaddingOutUnlessToldToCountIt) {
  EXPECT_FALSE(CountsPadding(NodeOf(*Everything(1, {}), "average")));
  GraphBuilder b("test", 1, {});
  const Value x = b.Input(Picture(8, 8));
  const Value y = b.AveragePool("pool", x, Square(3, 2, Padding::kSymmetric), PaddingInMean::kCounted);
  const auto model = b.Finish(b.Classifier(y, 10, 1));
  EXPECT_TRUE(CountsPadding(NodeOf(*model, "pool")));
}

TEST(GraphBuilderTest, OnlyAStyleThatSaysSoHasBiasBeforeBatchNormalization) {
  EXPECT_EQ(NodeOf(*Everything(1, {}), "conv1").input_size(), 2);
  EXPECT_EQ(NodeOf(*Everything(1, {.bias_before_batch_norm = true}), "conv1").input_size(), 3);
}

TEST(GraphBuilderDeathTest, AWindowLargerThanItsInputIsAFaultOfTheProgram) {
  GraphBuilder b("test", 1, {});
  const Value x = b.Input(Picture(4, 4));
  EXPECT_DEATH(b.MaxPool("pool", x, Square(5, 1, Padding::kValid)), "padded >= kernel");
}

}  // namespace
}  // namespace sightline::zoo
