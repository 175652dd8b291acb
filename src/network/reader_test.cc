#include "src/network/reader.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "src/network/test_models.h"

namespace sightline::network {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() : folder_(fs::path(testing::TempDir()) / fmt::format("sightline_reader_test_{}", getpid())) {
    fs::create_directories(folder_);
  }
  ~ReaderTest() override { fs::remove_all(folder_); }

  fs::path Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  static std::string MessageOf(const fs::path& path) {
    const Result<Network> network = Network::FromFile(path);
    return network.ok() ? "loaded" : network.error().message();
  }

  const fs::path folder_;
};

std::string RefusalOf(std::unique_ptr<onnx::ModelProto> model) {
  const Result<Network> network = Network::FromModel(std::move(model), "test");
  return network.ok() ? "loaded" : network.error().message();
}

std::string RefusalOf(const std::string& graph, int opset = 13) {
  return RefusalOf(ParseModel(graph, opset));
}

constexpr char kRelu[] = "g (float[N,3] x) => (float[N,3] y) { y = Relu(x) }";

TEST_F(ReaderTest, ReadsAFile) {
  const fs::path path = Write("relu.onnx", ParseModel(kRelu)->SerializeAsString());
  Result<Network> network = Network::FromFile(path);
  ASSERT_TRUE(network.ok()) << network.error().message();
  EXPECT_EQ(network->name(), path.string());
  EXPECT_EQ(network->opset(), 13);
  EXPECT_EQ(OpTypes(*network), "Relu");
}

TEST_F(ReaderTest, SaysWhatIsWrongWithAFile) {
  const std::string bytes = ParseModel(kRelu)->SerializeAsString();
  EXPECT_THAT(MessageOf(folder_ / "none.onnx"), HasSubstr("none.onnx' does not exist: check the path"));
  EXPECT_THAT(MessageOf(folder_), HasSubstr("is a folder, not an ONNX file"));
  EXPECT_THAT(MessageOf(Write("empty.onnx", "")), HasSubstr("empty.onnx' is empty"));
  EXPECT_THAT(MessageOf(Write("cut.onnx", bytes.substr(0, bytes.size() - 3))),
              HasSubstr("is truncated or damaged"));
  EXPECT_THAT(MessageOf(Write("cat.jpg", "\xff\xd8\xff\xe0 not a model at all")),
              HasSubstr("cat.jpg' is not an ONNX model: give a .onnx file"));
  EXPECT_THAT(MessageOf(Write("notes.txt", "hello")), HasSubstr("is not an ONNX model"));
}

TEST_F(ReaderTest, SaysSoWhenTheOperatorSetIsMissing) {
  auto model = ParseModel(kRelu);
  model->clear_opset_import();
  EXPECT_THAT(MessageOf(Write("no_opset.onnx", model->SerializeAsString())),
              AllOf(HasSubstr("no_opset.onnx"), HasSubstr("does not say which ONNX operator set it uses")));
}

TEST_F(ReaderTest, RefusesEveryTruncation) {
  auto model = ParseModel(kRelu);
  model->mutable_opset_import()->RemoveLast();  // the last field is one the model can't do without
  const std::string bytes = model->SerializeAsString();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THAT(MessageOf(Write("cut.onnx", bytes.substr(0, length))), HasSubstr("cut.onnx'")) << length;
  }
}

TEST_F(ReaderTest, RefusesFilesBeyondTwoGigabytesUnread) {
  const fs::path path = Write("huge.onnx", "\x08\x07");
  fs::resize_file(path, uintmax_t{3} << 30);  // sparse: takes no room
  EXPECT_THAT(MessageOf(path), AllOf(HasSubstr("has 3.2 GB"), HasSubstr("at most 2")));
}

TEST_F(ReaderTest, NamesTheVersionsItCanNotRead) {
  EXPECT_THAT(RefusalOf(ParseModel(kRelu, 18)),
              HasSubstr("it uses ONNX opset 18, and this build reads 7 to 17"));
  EXPECT_THAT(RefusalOf(ParseModel(kRelu, 6)), HasSubstr("it uses ONNX opset 6"));
  EXPECT_THAT(RefusalOf(ParseModel(kRelu, 13, 10)),
              HasSubstr("it has ONNX IR version 10, and this build reads up to 8"));
  auto model = ParseModel(kRelu);
  model->clear_opset_import();
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("does not say which ONNX operator set"));
}

TEST_F(ReaderTest, RefusesWeightsInOtherFiles) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,3] y) { y = Add(x, w) }");
  AddWeight(*model, "w", {3});
  model->mutable_graph()->mutable_initializer(0)->set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_THAT(RefusalOf(std::move(model)), AllOf(HasSubstr("constant 'w'"), HasSubstr("external data")));
}

TEST_F(ReaderTest, RefusesSparseWeights) {
  auto model = ParseModel(kRelu);
  model->mutable_graph()->add_sparse_initializer()->mutable_values()->set_name("w");
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("constant 'w' is stored as a sparse tensor"));
}

TEST_F(ReaderTest, RefusesWeightsThatAreNotAsLongAsTheySay) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,3] y) { y = Add(x, w) }");
  AddWeight(*model, "w", {3});
  model->mutable_graph()->mutable_initializer(0)->mutable_raw_data()->resize(8);
  EXPECT_THAT(RefusalOf(std::move(model)),
              HasSubstr("constant 'w' should hold 3 values of type FLOAT and has 8 bytes"));

  model = ParseModel("g (float[N,3] x) => (float[N,3] y) { y = Add(x, w) }");
  AddWeight(*model, "w", {3});
  model->mutable_graph()->mutable_initializer(0)->set_dims(0, -3);
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("constant 'w' has an impossible shape"));
}

TEST_F(ReaderTest, ReadsWeightsFromEveryField) {
  auto model = ParseModel(R"(g (float[N,2] x) => (float[N,2] y) <float[2] w = {1.5, -2.0}> {
      a = Add(x, w)  h = Cast<to = 10>(a)  b = Add(h, half)  c = Cast<to = 1>(b)  d = Add(c, e)  y = Cast<to = 1>(d) })");
  onnx::TensorProto& half = *model->mutable_graph()->add_initializer();
  half.set_name("half");
  half.set_data_type(onnx::TensorProto::FLOAT16);
  half.add_dims(2);
  half.add_int32_data(0x3C00);  // 1.0
  half.add_int32_data(0xC000);  // -2.0
  onnx::TensorProto& empty = *model->mutable_graph()->add_initializer();
  empty.set_name("e");
  empty.set_data_type(onnx::TensorProto::FLOAT);
  empty.add_dims(1);
  empty.add_float_data(4);
  const Network network = Load(std::move(model));
  const onnx::TensorProto* w = FindConstant(network, "w");
  EXPECT_EQ(w->float_data_size(), 0);
  EXPECT_EQ(w->raw_data(), std::string("\x00\x00\xC0\x3F\x00\x00\x00\xC0", 8));
  EXPECT_EQ(FindConstant(network, "half")->raw_data(), std::string("\x00\x3C\x00\xC0", 4));
}

TEST_F(ReaderTest, PutsNodesInOrder) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,3] y) { a = Relu(x)  b = Sigmoid(a)  y = Tanh(b) }");
  model->mutable_graph()->mutable_node()->SwapElements(0, 2);
  EXPECT_EQ(OpTypes(Load(std::move(model))), "Relu Sigmoid Tanh");
}

TEST_F(ReaderTest, NamesTheNodeThatReadsWhatNobodyMakes) {
  EXPECT_THAT(RefusalOf("g (float[N,3] x) => (float[N,3] y) { y = Add(x, z) }"),
              HasSubstr("an unnamed Add node reads 'z', which nothing in the file produces"));
}

TEST_F(ReaderTest, NamesTheOutputNobodyMakes) {
  EXPECT_THAT(RefusalOf("g (float[N,3] x) => (float[N,3] z) { y = Relu(x) }"),
              HasSubstr("output 'z' is produced by no node"));
  EXPECT_THAT(RefusalOf("g (float[N,3] x) => (float[N,3] x) { y = Relu(x) }"),
              HasSubstr("none of its outputs is computed"));
}

TEST_F(ReaderTest, NamesANodeOfACycle) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,3] y) { a = Add(x, y)  y = Relu(a) }");
  model->mutable_graph()->mutable_node(0)->set_name("first");
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("node 'first' (Add) depends on its own output"));
}

TEST_F(ReaderTest, TurnsTheCheckersWordsIntoASentence) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,3] y) { y = Relu(x, x) }");
  model->mutable_graph()->mutable_node(0)->set_name("act");
  const std::string message = RefusalOf(std::move(model));
  EXPECT_THAT(message, HasSubstr("model 'test': it is not valid ONNX: node 'act' (Relu): "));
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_THAT(RefusalOf("g (float[N,3] x) => (float[N,3] y) { y = Rellu(x) }"), HasSubstr("Rellu"));
}

TEST_F(ReaderTest, RefusesGraphsWithoutNodesOrOutputs) {
  auto model = ParseModel(kRelu);
  model->mutable_graph()->clear_node();
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("it has no operators"));
  model = ParseModel(kRelu);
  model->mutable_graph()->clear_output();
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("it has no outputs"));
}

TEST_F(ReaderTest, NamesTheNodeWhoseInputsDoNotFit) {
  auto model = ParseModel("g (float[N,3] x) => (float[N,3] y) { y = Add(x, w) }");
  AddWeight(*model, "w", {4});
  EXPECT_THAT(RefusalOf(std::move(model)), HasSubstr("node 'Add_0' (Add): its inputs do not fit together"));
}

TEST_F(ReaderTest, RefusesTypesNoBackendHas) {
  EXPECT_THAT(RefusalOf("g (string[N] x) => (string[N] y) { y = Identity(x) }"),
              HasSubstr("value 'y' has type STRING, which no backend computes with"));
  EXPECT_THAT(RefusalOf("g (float[N,1,1,1,1,1,1,1,1] x) => (float[N,1,1,1,1,1,1,1,1] y) { y = Relu(x) }"),
              HasSubstr("value 'y' has 9 dimensions"));
}

TEST_F(ReaderTest, TakesOldFilesThatListWeightsAsInputs) {
  const Network network =
      Load(ParseModel("g (float[N,3] x, float[3] w = {1, 2, 3}) => (float[N,3] y) { y = Add(x, w) }", 9, 3));
  EXPECT_EQ(network.Graph().input_count, 1);
  EXPECT_EQ(network.model().graph().input_size(), 1);
  EXPECT_GE(network.model().ir_version(), 4);
}

}  // namespace
}  // namespace sightline::network
