// Files in formats other than ONNX, as the host has the OpenVINO plugin open them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "backends/openvino/tests/relu_tflite.h"
#include "backends/tensorflow/tests/file_maker.h"
#include "src/backend/backend.h"

namespace sightline::openvino_backend {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OpenVinoFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto backend = backend::Backend::Load("openvino");
    ASSERT_TRUE(backend.ok()) << backend.error().message();
    backend_ = *backend;
  }
  fs::path Write(const std::string& name, const std::string& bytes) {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  Result<std::shared_ptr<backend::Engine>> Open(const fs::path& file, const std::string& input_shape = "") {
    backend::EngineOptions options;
    options.max_batch = 2;
    if (!input_shape.empty()) options.options["input_shape"] = input_shape;
    return backend_->CreateEngine({.name = "file", .network = nullptr, .file = file}, options);
  }
  std::shared_ptr<backend::Engine> MustOpen(const fs::path& file, const std::string& input_shape = "") {
    auto engine = Open(file, input_shape);
    if (!engine.ok()) throw std::runtime_error(std::string(engine.error().message()));
    return *engine;
  }
  std::string ErrorOf(const fs::path& file, const std::string& input_shape = "") {
    const auto engine = Open(file, input_shape);
    return engine.ok() ? "" : std::string(engine.error().message());
  }

  tensorflow::TemporaryFolder folder_;
  std::shared_ptr<backend::Backend> backend_;
};

// -2, -1, 0, ... in a batch of `batch` through the one input; the outputs by name.
std::map<std::string, std::vector<float>> RunOnce(backend::Engine& engine, int64_t batch = 1) {
  const auto make = [&](const TensorInfo& info) {
    Shape shape = info.shape;
    if (shape[0] < 0) shape[0] = batch;
    return Tensor(info.type, info.layout, shape);
  };
  const Tensor input = make(engine.info().inputs[0]);
  for (int64_t i = 0; i < input.view().shape.elements(); ++i)
    input.view().f32()[i] = static_cast<float>(i - 2);
  std::vector<Tensor> outputs;
  std::vector<TensorView> views;
  for (const TensorInfo& info : engine.info().outputs) {
    outputs.push_back(make(info));
    views.push_back(outputs.back().view());
  }
  const Status status = engine.CreateInstance().value()->Run({&input.view(), 1}, views);
  EXPECT_TRUE(status.ok()) << status.error().message();
  std::map<std::string, std::vector<float>> values;
  for (size_t i = 0; i < views.size(); ++i) {
    const float* const data = views[i].f32();
    values[std::string(engine.info().outputs[i].name)] = {data, data + views[i].shape.elements()};
  }
  return values;
}

// OpenVINO's own format: Relu on pictures of the shape and layout given; "" for no layout.
std::string ReluXml(const std::string& shape, const std::string& layout) {
  std::string dims;
  std::istringstream sizes(shape);
  for (std::string size; std::getline(sizes, size, ',');)
    dims += "<dim>" + (size == "?" ? "-1" : size) + "</dim>";
  const auto port = [&](int id, const std::string& name, const std::string& inside) {
    const std::string names = name.empty() ? "" : " names=\"" + name + "\"";
    return "<port id=\"" + std::to_string(id) + "\" precision=\"FP32\"" + names + ">" + dims + inside +
           "</port>";
  };
  const std::string said = layout.empty() ? ""
                                          : "<rt_info><attribute name=\"layout\" version=\"0\" layout=\"" +
                                                layout + "\"/></rt_info>";
  return "<?xml version=\"1.0\"?><net name=\"relu\" version=\"11\"><layers>"
         "<layer id=\"0\" name=\"picture\" type=\"Parameter\" version=\"opset1\"><data shape=\"" +
         shape + "\" element_type=\"f32\"/><output>" + port(0, "picture", said) +
         "</output></layer><layer id=\"1\" name=\"relu\" type=\"ReLU\" version=\"opset1\"><input>" +
         port(0, "", "") + "</input><output>" + port(1, "rectified", "") +
         "</output></layer><layer id=\"2\" name=\"result\" type=\"Result\" version=\"opset1\"><input>" +
         port(0, "", "") +
         "</input></layer></layers><edges><edge from-layer=\"0\" from-port=\"0\" to-layer=\"1\" "
         "to-port=\"0\"/>"
         "<edge from-layer=\"1\" from-port=\"1\" to-layer=\"2\" to-port=\"0\"/></edges></net>\n";
}

TEST_F(OpenVinoFilesTest, ItsOwnFormatRunsInTheLayoutItSays) {
  Write("relu.bin", "");
  const auto engine = MustOpen(Write("relu.xml", ReluXml("?,2,2,3", "[N,C,H,W]")));
  EXPECT_EQ(engine->info().inputs[0].name, "picture");
  EXPECT_EQ(engine->info().inputs[0].layout, SL_LAYOUT_NCHW);
  EXPECT_EQ(engine->info().inputs[0].shape, (Shape{SL_DIM_BATCH, 2, 2, 3}));
  EXPECT_EQ(engine->info().outputs[0].name, "rectified");
  EXPECT_EQ(engine->info().outputs[0].shape, (Shape{SL_DIM_BATCH, 2, 2, 3}));
  const std::vector<float> values = RunOnce(*engine, 2).at("rectified");
  ASSERT_EQ(values.size(), 24U);
  EXPECT_EQ(values[1], 0);
  EXPECT_EQ(values[23], 21);
}

TEST_F(OpenVinoFilesTest, WithoutAWordOnItTheChannelsTellTheLayout) {
  Write("a.bin", "");
  Write("b.bin", "");
  EXPECT_EQ(MustOpen(Write("a.xml", ReluXml("1,2,2,3", "")))->info().inputs[0].layout, SL_LAYOUT_NHWC);
  EXPECT_EQ(MustOpen(Write("b.xml", ReluXml("1,3,2,2", "")))->info().inputs[0].layout, SL_LAYOUT_NCHW);
}

TEST_F(OpenVinoFilesTest, WeightsMustLieBeside) {
  const fs::path file = Write("alone.xml", ReluXml("1,2,2,3", ""));
  EXPECT_THAT(ErrorOf(file), AllOf(HasSubstr("alone.xml needs its weights"),
                                   HasSubstr("alone.bin, beside it, which does not exist")));
}

TEST_F(OpenVinoFilesTest, FrozenTensorFlowGraphsRun) {
  const auto engine = MustOpen(Write("frozen.pb", tensorflow::MakeGraphDef()));
  EXPECT_EQ(engine->info().inputs[0].layout, SL_LAYOUT_NHWC);
  EXPECT_EQ(engine->info().inputs[0].shape, (Shape{SL_DIM_BATCH, 2, 2, 3}));
  EXPECT_EQ(engine->info().outputs[0].shape, (Shape{SL_DIM_BATCH, 2, 2, 3}));
  const auto outputs = RunOnce(*engine, 2);  // every node that none reads is one
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs.at("rectified:0").at(23), 21);
  EXPECT_EQ(outputs.at("negated:0").at(23), -21);
}

TEST_F(OpenVinoFilesTest, SavedModelsRun) {
  Write("saved/saved_model.pb", tensorflow::MakeSavedModel());
  const auto engine = MustOpen(folder_.path() / "saved");
  EXPECT_EQ(engine->info().inputs[0].shape, (Shape{SL_DIM_BATCH, 2, 2, 3}));
  EXPECT_THAT(RunOnce(*engine).begin()->second, ElementsAre(0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(OpenVinoFilesTest, TensorFlowLiteFilesRun) {
  std::string bytes;
  for (size_t i = 0; i < kReluTfliteHex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(kReluTfliteHex.substr(i, 2)), nullptr, 16));
  }
  const auto engine = MustOpen(Write("relu.tflite", bytes));
  EXPECT_EQ(engine->info().inputs[0].layout, SL_LAYOUT_NHWC);
  EXPECT_EQ(engine->info().inputs[0].shape, (Shape{1, 2, 2, 3}));
  EXPECT_THAT(RunOnce(*engine).begin()->second, ElementsAre(0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(OpenVinoFilesTest, InputShapeIsHeldToItsForm) {
  const fs::path file = Write("frozen.pb", tensorflow::MakeGraphDef());
  for (const char* shape : {"2x", "x2", "2,2,3", "0x2x3", "big"}) {
    EXPECT_THAT(ErrorOf(file, shape), HasSubstr("in the file's own order, like 224x224x3")) << shape;
  }
  EXPECT_THAT(ErrorOf(file, "9x2x3"),
              AllOf(HasSubstr("input_shape=9x2x3 does not fit this file"), Not(HasSubstr("\n"))));
  EXPECT_EQ(ErrorOf(file, "2x2x3"), "");
}

TEST_F(OpenVinoFilesTest, FilesOfOtherFrameworksAreRefusedByName) {
  EXPECT_THAT(ErrorOf(Write("tiny.cfg", "[net]\n")),
              AllOf(HasSubstr("backend openvino can't open"), HasSubstr(".xml, .pb, saved_model, .tflite")));
  EXPECT_THAT(ErrorOf(folder_.path()), HasSubstr("is a folder without a saved_model.pb in it"));
  EXPECT_THAT(ErrorOf("/nowhere/model.xml"), HasSubstr("/nowhere/model.xml does not exist"));
}

TEST_F(OpenVinoFilesTest, NamesTheOperatorOfATensorFlowGraphItLacks) {
  const std::string error = ErrorOf(Write("odd.pb", tensorflow::MakeUnknownOpGraphDef()));
  EXPECT_THAT(error, AllOf(HasSubstr("odd.pb"), HasSubstr("Frobnicate"), Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace sightline::openvino_backend
