// The ONNX Runtime plugin as the host loads it: what the conformance suite does not ask of every backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "backends/conformance/test_tools.h"
#include "src/backend/backend.h"

namespace sightline::onnxruntime {
namespace {

namespace fs = std::filesystem;
using conformance::Floats;
using conformance::LongNetwork;
using conformance::Must;
using conformance::ValuesOf;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OrtTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    auto backend = backend::Backend::Load("onnxruntime");
    ASSERT_TRUE(backend.ok()) << backend.error().message();
    backend_ = *backend;
  }
  void TearDown() override { fs::remove_all(folder_); }

  Result<std::shared_ptr<backend::Engine>> Open(const network::Network& network,
                                                const backend::EngineOptions& options = {}) {
    return backend_->CreateEngine({.name = "test", .network = &network, .file = {}}, options);
  }
  Result<std::shared_ptr<backend::Engine>> OpenFile(const fs::path& file,
                                                    const backend::EngineOptions& options = {}) {
    return backend_->CreateEngine({.name = "file", .network = nullptr, .file = file}, options);
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "sightline_ort_test";
  std::shared_ptr<backend::Backend> backend_;
};

// One run of the first instance of `engine` on one input and one output of fixed shapes.
std::vector<float> RunOnce(backend::Engine& engine, const Tensor& input, const Shape& output_shape) {
  const Tensor output(SL_F32, SL_LAYOUT_PLAIN, output_shape);
  const Status status = Must(engine.CreateInstance())->Run({&input.view(), 1}, {&output.view(), 1});
  EXPECT_TRUE(status.ok()) << status.error().message();
  return ValuesOf(output);
}

// The operators of one profiled run.
std::set<std::string> ExecutedTypes(backend::Engine& engine, const Tensor& input, const Shape& output_shape) {
  const Tensor output(SL_F32, SL_LAYOUT_PLAIN, output_shape);
  std::set<std::string> types;
  const Status status = Must(engine.CreateInstance())
                            ->Profile({&input.view(), 1}, {&output.view(), 1},
                                      [&](const backend::LayerTime& layer) { types.emplace(layer.type); });
  EXPECT_TRUE(status.ok()) << status.error().message();
  return types;
}

TEST_F(OrtTest, ShapesTheDataDecidesComeBackAndAreHeldToTheRoomThereIs) {
  const auto network = network::Load("g (float[N,3] x) => (int64[2,M] where) { where = NonZero(x) }");
  backend::EngineOptions options;
  options.max_batch = 2;
  const auto engine = Must(Open(network, options));
  EXPECT_EQ(engine->info().outputs[0].type, SL_I64);
  EXPECT_EQ(engine->info().outputs[0].shape, (Shape{2, SL_DIM_DYNAMIC}));
  const auto instance = Must(engine->CreateInstance());
  const Tensor output(SL_I64, SL_LAYOUT_PLAIN, {2, 3});
  Shape shape;
  const Tensor three = Floats({2, 3}, {0, 5, 0, 7, 0, 1});
  Status status = instance->Run({&three.view(), 1}, {&output.view(), 1}, nullptr, {&shape, 1});
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(shape, (Shape{2, 3}));
  const auto* const found = static_cast<const int64_t*>(output.view().data);
  EXPECT_THAT(std::vector<int64_t>(found, found + 6), ElementsAre(0, 1, 1, 1, 0, 2));
  const Tensor none = Floats({2, 3}, {0, 0, 0, 0, 0, 0});
  status = instance->Run({&none.view(), 1}, {&output.view(), 1}, nullptr, {&shape, 1});
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(shape, (Shape{2, 0}));
  const Tensor all = Floats({2, 3}, {1, 1, 1, 1, 1, 1});
  status = instance->Run({&all.view(), 1}, {&output.view(), 1}, nullptr, {&shape, 1});
  EXPECT_EQ(status.error().kind(), ErrorKind::kResourceExhausted);
  EXPECT_THAT(status.error().message(), HasSubstr("output 'where' needs 96 bytes of memory and has 48"));
}

// The network of the tests below: y = 2 * relu(x).
network::Network DoubledRelu() {
  return network::Load(
      "g (float[N,4] x) => (float[N,4] y) { two = Constant <value = float[1] {2.0}> () r = Relu(x) "
      "y = Mul(r, two) }");
}

TEST_F(OrtTest, AnOptimizedModelCanBeWrittenAndOpenedAgain) {
  const fs::path file = folder_ / "saved.ort";
  backend::EngineOptions options;
  options.options["save"] = file.string();
  Must(Open(DoubledRelu(), options));
  ASSERT_TRUE(fs::exists(file));
  options = {};
  options.max_batch = 2;
  options.instance_count = 2;
  options.profile = true;
  const auto engine = Must(OpenFile(file, options));
  EXPECT_EQ(engine->info().inputs[0].name, "x");
  EXPECT_EQ(engine->info().inputs[0].shape, (Shape{SL_DIM_BATCH, 4}));
  EXPECT_EQ(engine->info().outputs[0].shape, (Shape{SL_DIM_BATCH, 4}));  // the output's N is the input's
  const Tensor input = Floats({1, 4}, {-1, 0, 1, 2.5F});
  for (int instance = 0; instance < 2; ++instance) {
    EXPECT_THAT(RunOnce(*engine, input, {1, 4}), ElementsAre(0, 0, 2, 5));
  }
  EXPECT_THAT(ExecutedTypes(*engine, input, {1, 4}), Contains("Mul"));
}

TEST_F(OrtTest, FilesThatCantBeOpenedSayWhy) {
  std::ofstream(folder_ / "broken.ort") << "ORTM is not at byte 4";
  const Error broken = OpenFile(folder_ / "broken.ort").error();
  EXPECT_THAT(broken.message(), AllOf(HasSubstr("broken.ort"), Not(HasSubstr("\n")), Not(HasSubstr(".cc:"))));
  EXPECT_THAT(OpenFile(folder_ / "missing.ort").error().message(), HasSubstr("missing.ort does not exist"));
  backend::EngineOptions options;
  options.options["save"] = (folder_ / "no" / "such" / "folder.onnx").string();
  EXPECT_FALSE(Open(DoubledRelu(), options).ok());
}

// A quantized convolution as QDQ: 8-bit if and only if the optimizer fuses it, and said so.
network::Network QuantizedConvolution() {
  std::string weights = "-120, 60, 100";
  return network::Load(
      "g (float[N,1,1,8] x) => (float[N,1,1,6] y) {\n"
      "  xs = Constant <value = float {0.01}> ()\n"
      "  xz = Constant <value = uint8 {128}> ()\n"
      "  ws = Constant <value = float {0.005}> ()\n"
      "  wz = Constant <value = int8 {0}> ()\n"
      "  w = Constant <value = int8[1,1,1,3] {" +
      weights +
      "}> ()\n"
      "  ys = Constant <value = float {0.02}> ()\n"
      "  xq = QuantizeLinear(x, xs, xz)\n"
      "  xd = DequantizeLinear(xq, xs, xz)\n"
      "  wd = DequantizeLinear(w, ws, wz)\n"
      "  c = Conv(xd, wd)\n"
      "  cq = QuantizeLinear(c, ys, xz)\n"
      "  y = DequantizeLinear(cq, ys, xz)\n"
      "}");
}

TEST_F(OrtTest, QuantizedModelsComputeInInt8WhereTheyAreFused) {
  const Tensor input = Floats({1, 1, 1, 8}, {0.5F, -0.5F, 1, 0, -1, 0.25F, 0.75F, 0.1F});
  for (const auto& [level, fused] : {std::pair("all", true), std::pair("basic", false)}) {
    backend::EngineOptions options;
    options.profile = true;
    options.options["optimization"] = level;
    const auto engine = Must(Open(QuantizedConvolution(), options));
    EXPECT_EQ(engine->info().precision_run, fused ? SL_I8 : SL_F32) << level;
    const std::set<std::string> types = ExecutedTypes(*engine, input, {1, 1, 1, 6});
    EXPECT_EQ(types.contains("QLinearConv"), fused) << level;
    const std::vector<float> values = RunOnce(*engine, input, {1, 1, 1, 6});
    // -0.6 * 0.5 + 0.3 * -0.5 + 0.5 * 1 = 0.05, and so on, to half a step of 0.02.
    const std::vector<float> wanted = {0.05F, 0.6F, -1.1F, -0.175F, 1.05F, 0.125F};
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(values[i], wanted[i], 0.0151F) << level << i;
  }
}

// 2,000 layers, half a teraflop on one core, take seconds; the cancelled run ends after the layer it is in.
TEST_F(OrtTest, ARunInProgressIsCancelledAndTheNextOneIsNot) {
  backend::EngineOptions options;
  options.intra_threads = 1;
  const auto slow = Must(Open(LongNetwork(2000), options));
  const auto instance = Must(slow->CreateInstance());
  const Tensor input(SL_F32, SL_LAYOUT_PLAIN, {512, 512});
  const Tensor output(SL_F32, SL_LAYOUT_PLAIN, {512, 512});
  const uint64_t run = instance->next_run();
  auto end =
      std::async(std::launch::async, [&] { return instance->Run({&input.view(), 1}, {&output.view(), 1}); });
  EXPECT_EQ(end.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  instance->Cancel(run);
  const Status status = end.get();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled);
  const uint64_t next = instance->next_run();
  end =
      std::async(std::launch::async, [&] { return instance->Run({&input.view(), 1}, {&output.view(), 1}); });
  EXPECT_EQ(end.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);  // it runs again
  instance->Cancel(next);
  EXPECT_FALSE(end.get().ok());
}

int ThreadsOfThisProcess() {
  const fs::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

TEST_F(OrtTest, InstancesOfSeveralThreadsHaveThemForThemselves) {
  backend::EngineOptions options;
  options.intra_threads = 3;
  options.instance_count = 2;
  const int before = ThreadsOfThisProcess();
  const auto engine = Must(Open(DoubledRelu(), options));
  EXPECT_EQ(engine->info().intra_threads, 3);
  const auto first = Must(engine->CreateInstance());
  EXPECT_EQ(ThreadsOfThisProcess() - before, 2);  // the caller is the third
  const auto second = Must(engine->CreateInstance());
  EXPECT_EQ(ThreadsOfThisProcess() - before, 4);
}

TEST_F(OrtTest, InstancesOfOneThreadShareASession) {
  backend::EngineOptions options;
  options.intra_threads = 1;
  options.instance_count = 2;
  const int before = ThreadsOfThisProcess();
  const auto engine = Must(Open(DoubledRelu(), options));
  EXPECT_EQ(engine->info().intra_threads, 1);
  const auto first = Must(engine->CreateInstance());
  const auto second = Must(engine->CreateInstance());
  EXPECT_EQ(ThreadsOfThisProcess(), before);
}

TEST_F(OrtTest, InstancesThatShareASessionComputeSideBySide) {
  backend::EngineOptions options;
  options.instance_count = 3;
  options.options["session"] = "shared";
  const auto engine = Must(Open(DoubledRelu(), options));
  std::vector<std::thread> threads;
  for (int lane = 0; lane < options.instance_count; ++lane) {
    threads.emplace_back(
        [lane, instance = std::shared_ptr<backend::Instance>(Must(engine->CreateInstance()))] {
          const Tensor output(SL_F32, SL_LAYOUT_PLAIN, {1, 4});
          for (int run = 0; run < 200; ++run) {
            const auto value = static_cast<float>(1000 * lane + run);
            const Tensor input = Floats({1, 4}, {value, -value, 1, -1});
            const Status status = instance->Run({&input.view(), 1}, {&output.view(), 1});
            ASSERT_TRUE(status.ok()) << status.error().message();
            ASSERT_THAT(ValuesOf(output), ElementsAre(2 * value, 0, 2, 0));
          }
        });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(OrtTest, ThreadsThatInstancesShareAreNobodysNumber) {
  backend::EngineOptions options;
  options.intra_threads = 2;
  options.instance_count = 2;
  options.options["session"] = "shared";
  EXPECT_EQ(Must(Open(DoubledRelu(), options))->info().intra_threads, 0);
}

TEST_F(OrtTest, OptionsThatDontGoTogetherAreRefused) {
  backend::EngineOptions options;
  options.options["tensorrt"] = "fp16";
  const Error error = Open(DoubledRelu(), options).error();
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.message(), HasSubstr("option tensorrt=fp16 needs a GPU; device is cpu"));
  options.options = {{"optimization", "most"}};
  EXPECT_THAT(Open(DoubledRelu(), options).error().message(),
              HasSubstr("all|extended|basic|off, not 'most'"));
}

TEST_F(OrtTest, EveryOptimizationLevelComputesTheSame) {
  const Tensor input = Floats({1, 4}, {-1, 0, 1, 2.5F});
  for (const char* level : {"all", "extended", "basic", "off"}) {
    backend::EngineOptions options;
    options.options = {{"optimization", level}, {"spinning", "off"}};
    options.intra_threads = 2;
    options.inter_threads = 2;
    const auto engine = Must(Open(DoubledRelu(), options));
    EXPECT_EQ(engine->info().inter_threads, 2);
    EXPECT_THAT(RunOnce(*engine, input, {1, 4}), ElementsAre(0, 0, 2, 5)) << level;
  }
}

TEST_F(OrtTest, ProfilesLeaveNoFilesBehind) {
  const auto files = [] {
    std::set<fs::path> found;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path())) found.insert(entry.path());
    return found;
  };
  backend::EngineOptions options;
  options.profile = true;
  const auto engine = Must(Open(DoubledRelu(), options));
  const std::set<fs::path> before = files();
  ExecutedTypes(*engine, Floats({1, 4}, {1, 2, 3, 4}), {1, 4});
  for (const fs::path& file : files()) {
    EXPECT_TRUE(before.contains(file) ||
                file.filename().string().find("sightline_profile") == std::string::npos)
        << file;
  }
}

}  // namespace
}  // namespace sightline::onnxruntime
