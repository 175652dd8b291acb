// Files in other frameworks' formats, opened by the OpenCV backend as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "backends/conformance/harness.h"
#include "backends/conformance/test_network.h"

namespace sightline::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class OpenCvFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    auto backend = backend::Backend::Load("opencv");
    ASSERT_TRUE(backend.ok()) << backend.error().message();
    backend_ = *backend;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path Write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  Result<std::shared_ptr<backend::Engine>> Open(const fs::path& file, const std::string& input_shape = "") {
    backend::EngineOptions options;
    options.max_batch = 2;
    if (!input_shape.empty()) options.options["input_shape"] = input_shape;
    return backend_->CreateEngine({"file", nullptr, file}, options);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / "sightline_opencv_files";
  std::shared_ptr<backend::Backend> backend_;
};

// Runs batch 1 of what `values` says and gives the only output.
std::vector<float> RunOnce(backend::Engine& engine, const std::vector<double>& values) {
  GuardedTensor input(engine.info().inputs[0], 1);
  const GuardedTensor output(engine.info().outputs[0], 1);
  const Shape& shape = input.view().shape;
  input.Fill({{shape.dims.begin(), shape.dims.begin() + shape.rank}, values});
  const Status status = engine.CreateInstance().value()->Run({&input.view(), 1}, {&output.view(), 1});
  EXPECT_TRUE(status.ok()) << status.error().message();
  return output.Values();
}

template <typename T>
std::string Bytes(std::initializer_list<T> values) {
  std::string bytes;
  for (const T& value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

constexpr const char* kDarknet =
    "[net]\nbatch=1\nwidth=2\nheight=2\nchannels=3\n\n"
    "[convolutional]\nfilters=1\nsize=1\nstride=1\npad=0\nactivation=linear\n";

// Version 0.2.0 and pictures seen, then one bias and three weights.
std::string DarknetWeights() {
  return Bytes<int32_t>({0, 2, 0}) + Bytes<int64_t>({0}) + Bytes<float>({0.5F, 1.0F, 10.0F, 100.0F});
}

TEST_F(OpenCvFilesTest, DarknetNetworksRun) {
  Write("tiny.weights", DarknetWeights());
  auto engine = Open(Write("tiny.cfg", kDarknet));
  ASSERT_TRUE(engine.ok()) << engine.error().message();
  EXPECT_EQ((*engine)->info().inputs[0].shape, (Shape{-1, 3, 2, 2}));
  EXPECT_EQ((*engine)->info().outputs[0].shape, (Shape{-1, 1, 2, 2}));
  EXPECT_THAT(RunOnce(**engine, {1, 2, 3, 4, 1, 1, 1, 1, 0, 0, 1, 2}),
              ElementsAre(11.5F, 12.5F, 113.5F, 214.5F));
}

TEST_F(OpenCvFilesTest, TheCompanionMustLieBeside) {
  const fs::path cfg = Write("alone.cfg", kDarknet);
  const Error error = Open(cfg).error();
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_THAT(error.message(), HasSubstr("alone.cfg needs"));
  EXPECT_THAT(error.message(), HasSubstr("alone.weights beside it, which does not exist"));
}

TEST_F(OpenCvFilesTest, FrozenTensorFlowGraphsRunOnceTheirInputShapeIsKnown) {
  const fs::path file = Write("frozen.graph.pb", FrozenRelu());
  EXPECT_THAT(Open(file).error().message(), HasSubstr("--option input_shape=CxHxW"));
  auto engine = Open(file, "1x2x2");
  ASSERT_TRUE(engine.ok()) << engine.error().message();
  EXPECT_EQ((*engine)->info().outputs[0].shape, (Shape{-1, 1, 2, 2}));
  EXPECT_THAT(RunOnce(**engine, {-1, 2, -3, 4}), ElementsAre(0, 2, 0, 4));
}

TEST_F(OpenCvFilesTest, InputShapesThatAreNoneAreRefused) {
  const fs::path file = Write("frozen.pb", FrozenRelu());
  for (const char* shape : {"3x", "x3", "3,2,2", "0x2x2", "big"}) {
    EXPECT_THAT(Open(file, shape).error().message(), HasSubstr("channels x height x width, like 3x224x224"))
        << shape;
  }
}

TEST_F(OpenCvFilesTest, ABrokenTextFileIsOneSentenceAndNothingOnStderr) {
  Write("net.prototxt", "layer { name: \"x\" typo }\n");
  testing::internal::CaptureStderr();
  const Error error = Open(Write("net.caffemodel", "not a model")).error();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(error.message(), HasSubstr("it said: "));
  EXPECT_THAT(error.message(), HasSubstr("typo"));
  EXPECT_THAT(error.message(), testing::Not(HasSubstr(".cpp:")));
  EXPECT_EQ(error.message().find('\n'), std::string::npos);
}

TEST_F(OpenCvFilesTest, BuildAndVersionAreOpenCvsOwn) {
  EXPECT_THAT(backend_->info().framework_version, testing::StartsWith("4."));
  EXPECT_THAT(backend_->info().framework_build, HasSubstr("configuration "));
}

TEST_F(OpenCvFilesTest, MoreInstancesThanPlannedAreRefused) {
  Write("tiny.weights", DarknetWeights());
  auto engine = Open(Write("tiny.cfg", kDarknet));
  ASSERT_TRUE(engine.ok()) << engine.error().message();
  auto first = (*engine)->CreateInstance();
  ASSERT_TRUE(first.ok());
  EXPECT_THAT((*engine)->CreateInstance().error().message(),
              HasSubstr("made for 1 instances and all of them exist"));
}

}  // namespace
}  // namespace sightline::conformance
