// TorchScript files, opened as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "backends/conformance/operators/runner.h"
#include "backends/torch/tests/file_maker.h"

namespace sightline::conformance {
namespace {

using testing::HasSubstr;

// Sum over 3 channels of 0.1 times a 3x3 neighbourhood.
constexpr const char* kConvolution =
    "def forward(self, x):\n  return torch.relu(torch.conv2d(x, self.weights, None, [1, 1], [1, 1]))\n";

class FilesTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string File(const std::string& name) const { return (folder_ / name).string(); }
  std::string Script(const std::string& source) const {
    torch_backend::WriteTorchScript(File("net.pt"), source);
    return File("net.pt");
  }
  static Result<Loaded> Open(const std::string& file, const std::string& input_shape) {
    backend::EngineOptions options;
    options.max_batch = 2;
    if (!input_shape.empty()) options.options["input_shape"] = input_shape;
    return LoadFile(file, options);
  }
  static std::string ErrorOf(const std::string& file, const std::string& input_shape = "3x4x4") {
    const Result<Loaded> loaded = Open(file, input_shape);
    return loaded.ok() ? "" : loaded.error().message();
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("sightline_torch_files_" + std::to_string(getpid()));
};

TEST_F(FilesTest, RunAsTheyAre) {
  const Result<Loaded> loaded = Open(Script(kConvolution), "3x4x4");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const backend::EngineInfo& info = loaded->engine->info();
  EXPECT_EQ(info.inputs[0].shape, (Shape{-1, 3, 4, 4}));
  EXPECT_EQ(info.inputs[0].layout, SL_LAYOUT_NCHW);
  EXPECT_EQ(info.outputs[0].shape, (Shape{-1, 4, 4, 4}));
  EXPECT_EQ(info.outputs[0].name, "output");
  EXPECT_THAT(info.precision_note, HasSubstr("optimize_for_inference"));
  const auto result = Infer(*loaded, ToBlob({{2, 3, 4, 4}, std::vector<double>(96, 1.0)}));
  ASSERT_TRUE(result.ok()) << result.error().message();
  const std::vector<float> values = Floats((*result)[0]);
  EXPECT_NEAR(values[0], 1.2, 1e-5);       // a corner: 4 of 9 neighbours
  EXPECT_NEAR(values[5], 2.7, 1e-5);       // all of them
  EXPECT_NEAR(values[64 + 5], 2.7, 1e-5);  // of the second picture
}

TEST_F(FilesTest, SeveralInputsAndNamedOutputs) {
  const Result<Loaded> loaded =
      Open(Script("def forward(self, x, y):\n  return {\"sum\": x + y, \"shape\": torch.flatten(y, 1)}\n"),
           "2x3,2x3");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const backend::EngineInfo& info = loaded->engine->info();
  ASSERT_EQ(info.inputs.size(), 2u);
  EXPECT_EQ(info.inputs[1].name, "input_1");
  ASSERT_EQ(info.outputs.size(), 2u);
  EXPECT_EQ(info.outputs[0].name, "sum");
  EXPECT_EQ(info.outputs[1].name, "shape");
  EXPECT_EQ(info.outputs[1].shape, (Shape{-1, 6}));
}

TEST_F(FilesTest, ABatchThatOutputsDoNotFollowIsOne) {
  const Result<Loaded> loaded = Open(Script("def forward(self, x):\n  return torch.sum(x, [0])\n"), "3");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_EQ(loaded->engine->info().inputs[0].shape, (Shape{1, 3}));
  EXPECT_EQ(loaded->engine->info().outputs[0].shape, (Shape{3}));
}

TEST_F(FilesTest, NeedTheShapeOfTheirInput) {
  const std::string file = Script(kConvolution);
  EXPECT_THAT(ErrorOf(file, ""), HasSubstr("give it with --option input_shape=CxHxW"));
  EXPECT_THAT(ErrorOf(file, "3x4xfour"), HasSubstr("like 3x224x224, not '3x4xfour'"));
  EXPECT_THAT(ErrorOf(file, "3x4x4,5"), HasSubstr("option input_shape names 2 inputs; forward of"));
  EXPECT_THAT(ErrorOf(file, "7x4x4"), HasSubstr("can't be run with input_shape as given"));
}

TEST_F(FilesTest, WeightsAreNoNetwork) {
  torch_backend::WriteWeights(File("weights.pt"));
  EXPECT_THAT(ErrorOf(File("weights.pt")), HasSubstr("is a pickle of weights"));
}

TEST_F(FilesTest, AnotherFrameworksFile) {
  std::ofstream(File("other.pt"), std::ios::binary) << "\x08\x07\x12\x0bsomebody";
  EXPECT_THAT(ErrorOf(File("other.pt")), HasSubstr("is not a TorchScript file"));
}

TEST_F(FilesTest, ADamagedFile) {
  const std::string file = Script(kConvolution);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  std::ofstream(file, std::ios::binary | std::ios::app) << "/constants.pkl";
  EXPECT_THAT(ErrorOf(file), HasSubstr("can't read " + file));
}

TEST_F(FilesTest, ResultsThatAreNoTensors) {
  EXPECT_THAT(ErrorOf(Script("def forward(self, x):\n  return 3\n")), HasSubstr("forward returns a Int"));
}

TEST_F(FilesTest, ComputeInTheirOwnTypes) {
  if ((Plugin()->info().precisions & (1u << SL_BF16)) == 0) return;  // then the kit refuses it
  const std::string file = Script(kConvolution);
  backend::EngineOptions options;
  options.precision = SL_BF16;
  const Result<Loaded> loaded = LoadFile(file, options);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message(), HasSubstr("a TorchScript file computes in its own types"));
}

}  // namespace
}  // namespace sightline::conformance
