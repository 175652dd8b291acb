// The operator tests that ONNX itself publishes (Debian's libonnx-testdata): every one whose operator has a
// handler gives the published result, or is on the backend's own list of those that are refused, with the
// reason. All inputs but the first become constants, as they are in a network.
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backends/conformance/operators/onnx_exceptions.h"
#include "backends/conformance/operators/runner.h"

namespace sightline::conformance {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "/usr/share/libonnx-testdata/data/node";

// What recognition and detection networks are made of.
const std::set<std::string> kOperators = {"Abs",
                                          "Add",
                                          "And",
                                          "ArgMax",
                                          "ArgMin",
                                          "AveragePool",
                                          "BatchNormalization",
                                          "Cast",
                                          "Ceil",
                                          "Clip",
                                          "Concat",
                                          "Conv",
                                          "ConvTranspose",
                                          "DepthToSpace",
                                          "Div",
                                          "Dropout",
                                          "Elu",
                                          "Equal",
                                          "Erf",
                                          "Exp",
                                          "Expand",
                                          "Flatten",
                                          "Floor",
                                          "Gather",
                                          "Gemm",
                                          "GlobalAveragePool",
                                          "GlobalMaxPool",
                                          "Greater",
                                          "HardSigmoid",
                                          "HardSwish",
                                          "Identity",
                                          "InstanceNormalization",
                                          "LRN",
                                          "LeakyRelu",
                                          "Less",
                                          "Log",
                                          "LogSoftmax",
                                          "MatMul",
                                          "Max",
                                          "MaxPool",
                                          "Mean",
                                          "Min",
                                          "Mul",
                                          "Neg",
                                          "Not",
                                          "Or",
                                          "PRelu",
                                          "Pad",
                                          "Pow",
                                          "Reciprocal",
                                          "ReduceL2",
                                          "ReduceMax",
                                          "ReduceMean",
                                          "ReduceMin",
                                          "ReduceProd",
                                          "ReduceSum",
                                          "Relu",
                                          "Reshape",
                                          "Resize",
                                          "Round",
                                          "Sigmoid",
                                          "Slice",
                                          "Softmax",
                                          "Softplus",
                                          "Softsign",
                                          "SpaceToDepth",
                                          "Split",
                                          "Sqrt",
                                          "Squeeze",
                                          "Sub",
                                          "Sum",
                                          "Tanh",
                                          "Tile",
                                          "Transpose",
                                          "Unsqueeze",
                                          "Upsample",
                                          "Where"};

std::string ReadBytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

SlDataType TypeOf(const onnx::TensorProto& tensor) {
  static const std::map<int, SlDataType> types = {
      {onnx::TensorProto::FLOAT, SL_F32}, {onnx::TensorProto::INT64, SL_I64},
      {onnx::TensorProto::INT32, SL_I32}, {onnx::TensorProto::UINT8, SL_U8},
      {onnx::TensorProto::INT8, SL_I8},   {onnx::TensorProto::DOUBLE, SL_F64},
      {onnx::TensorProto::BOOL, SL_BOOL}, {onnx::TensorProto::FLOAT16, SL_F16}};
  const auto found = types.find(tensor.data_type());
  return found == types.end() ? SL_BF16 : found->second;
}

struct NodeTest {
  onnx::ModelProto model;
  Blob input;
  std::vector<Blob> outputs;
};

Blob ToBlob(const onnx::TensorProto& tensor) {
  Blob blob{TypeOf(tensor), {tensor.dims().begin(), tensor.dims().end()}, {}};
  blob.bytes.resize(tensor.raw_data().size());
  std::memcpy(blob.bytes.data(), tensor.raw_data().data(), blob.bytes.size());
  return blob;
}

onnx::TensorProto ReadTensor(const fs::path& path) {
  onnx::TensorProto tensor;
  EXPECT_TRUE(tensor.ParseFromString(ReadBytes(path))) << path;
  return tensor;
}

// The first input is fed, the others become initializers.
NodeTest ReadNodeTest(const fs::path& folder) {
  NodeTest test;
  EXPECT_TRUE(test.model.ParseFromString(ReadBytes(folder / "model.onnx"))) << folder;
  auto* graph = test.model.mutable_graph();
  const fs::path data = folder / "test_data_set_0";
  test.input = ToBlob(ReadTensor(data / "input_0.pb"));
  for (int i = 1; i < graph->input_size(); ++i) {
    auto* constant = graph->add_initializer();
    *constant = ReadTensor(data / ("input_" + std::to_string(i) + ".pb"));
    constant->set_name(graph->input(i).name());
  }
  while (graph->input_size() > 1) graph->mutable_input()->RemoveLast();
  for (int i = 0; i < graph->output_size(); ++i) {
    test.outputs.push_back(ToBlob(ReadTensor(data / ("output_" + std::to_string(i) + ".pb"))));
  }
  return test;
}

bool Same(const Blob& made, const Blob& wanted) {
  if (made.type != wanted.type || made.dims != wanted.dims) return false;
  if (made.type != SL_F32) return made.bytes == wanted.bytes;
  const std::vector<float> a = Floats(made);
  const std::vector<float> b = Floats(wanted);
  for (size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = std::isnan(a[i]) && std::isnan(b[i]);
    const bool near = a[i] == b[i] || std::abs(a[i] - b[i]) <= 1e-4f * std::max(1.0f, std::abs(b[i]));
    if (!both_nan && !near) return false;
  }
  return true;
}

// "right", "wrong", or the sentence of the refusal.
std::string Verdict(const NodeTest& test) {
  auto network = network::Network::FromModel(std::make_unique<onnx::ModelProto>(test.model), "test");
  if (!network.ok()) return "host: " + network.error().message();
  const Result<Loaded> loaded = Load(*network);
  if (!loaded.ok()) return loaded.error().message();
  const Result<std::vector<Blob>> outputs = Infer(*loaded, test.input);
  if (!outputs.ok()) return outputs.error().message();
  for (size_t i = 0; i < test.outputs.size(); ++i) {
    if (!Same(outputs->at(i), test.outputs[i])) return "wrong";
  }
  return "right";
}

std::vector<fs::path> NodeTests() {
  std::vector<fs::path> folders;
  if (!fs::exists(kFolder)) return folders;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    onnx::ModelProto model;
    if (!model.ParseFromString(ReadBytes(entry.path() / "model.onnx"))) continue;
    if (model.graph().node_size() == 1 && kOperators.contains(model.graph().node(0).op_type())) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

const Exception* FindException(const std::string& test, const std::string& verdict) {
  for (const Exception& exception : OperatorExceptions()) {
    const bool said = verdict.find(exception.verdict) != std::string::npos;
    if (test.starts_with(exception.test) && said) return &exception;
  }
  return nullptr;
}

TEST(OnnxTestDataTest, EveryOperatorTestIsRightOrRefused) {
  const std::vector<fs::path> folders = NodeTests();
  ASSERT_GT(folders.size(), 250u) << "install libonnx-testdata";
  std::set<const Exception*> seen;
  int right = 0;
  for (const fs::path& folder : folders) {
    const std::string test = folder.filename();
    const std::string verdict = Verdict(ReadNodeTest(folder));
    if (verdict.starts_with("host: ")) continue;  // refused by the one reader of ONNX, before any backend
    const Exception* exception = FindException(test, verdict);
    EXPECT_TRUE(verdict == "right" || exception != nullptr) << test << ": " << verdict;
    right += verdict == "right" ? 1 : 0;
    seen.insert(exception);
  }
  EXPECT_GE(right, 220);
  for (const Exception& exception : OperatorExceptions()) {
    EXPECT_TRUE(seen.contains(&exception)) << exception.test << " is not an exception any more";
  }
}

}  // namespace
}  // namespace sightline::conformance
