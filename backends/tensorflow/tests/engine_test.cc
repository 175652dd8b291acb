#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "backends/tensorflow/tests/runner.h"
#include "src/base/clock.h"

namespace sightline::tensorflow {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

onnx::ModelProto SmallModel() {
  ModelMaker maker;
  maker.Input("x", {-1, 3, 16, 16})
      .Weights("w", {8, 3, 3, 3})
      .Weights("b", {8})
      .Node("Conv", {"x", "w", "b"}, "y", {MakeInts("pads", {1, 1, 1, 1})})
      .Output("y");
  return *maker.Make();
}

// Enough work in one layer to be worth dividing among threads.
onnx::ModelProto HeavyModel() {
  ModelMaker maker;
  maker.Input("x", {-1, 64, 56, 56})
      .Weights("w", {64, 64, 3, 3})
      .Node("Conv", {"x", "w"}, "a", {MakeInts("pads", {1, 1, 1, 1})})
      .Weights("w2", {64, 64, 3, 3})
      .Node("Conv", {"x", "w2"}, "b", {MakeInts("pads", {1, 1, 1, 1})})
      .Node("Add", {"a", "b"}, "y")
      .Output("y");
  return *maker.Make();
}

network::Network ToNetwork(const onnx::ModelProto& model) {
  auto network = network::Network::FromModel(std::make_unique<onnx::ModelProto>(model), "small");
  EXPECT_TRUE(network.ok());
  return std::move(network).value();
}

std::string ErrorOf(const backend::EngineOptions& options) {
  const network::Network network = ToNetwork(SmallModel());
  const auto loaded = Load(network, options);
  return loaded.ok() ? "" : loaded.error().message();
}

TEST(BackendTest, IntroducesItself) {
  const backend::BackendInfo& info = Plugin()->info();
  EXPECT_EQ(info.name, "tensorflow");
  EXPECT_THAT(info.framework_version, testing::MatchesRegex("2\\.[0-9]+\\.[0-9]+.*"));
  EXPECT_THAT(info.framework_build, HasSubstr("oneDNN"));
  EXPECT_TRUE(info.features & SL_FEATURE_ZERO_COPY_INPUT);
  EXPECT_FALSE(info.features & SL_FEATURE_ZERO_COPY_OUTPUT);
  EXPECT_THAT(info.file_formats, Contains("saved_model"));
}

// The wheel that is tested with is for the CPU: kernels for GPUs, and so devices, are none.
TEST(EngineTest, ADeviceThatIsNotThereIsOneSentence) {
  EXPECT_EQ(Plugin()->info().devices.size(), 1u);
  backend::EngineOptions options;
  options.device = "cuda:0";
  EXPECT_THAT(ErrorOf(options), HasSubstr("backend tensorflow has no device 'cuda:0' here; it has: cpu"));
}

TEST(EngineTest, WantsPicturesChannelsLast) {
  const network::Network network = ToNetwork(SmallModel());
  const auto loaded = Load(network, {.intra_threads = 2, .max_batch = 4});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const backend::EngineInfo& info = loaded->engine->info();
  EXPECT_EQ(info.inputs[0].layout, SL_LAYOUT_NHWC);
  EXPECT_EQ(info.inputs[0].shape, (Shape{-1, 16, 16, 3}));
  EXPECT_EQ(info.outputs[0].shape, (Shape{-1, 8, 16, 16}));
  EXPECT_EQ(info.precision_run, SL_F32);
  EXPECT_EQ(info.intra_threads, 2);
  EXPECT_EQ(info.inter_threads, 1);
}

// The libraries are opened once per process, by the first engine.
TEST(EngineTest, OnlyTheFirstEngineLoadsTheFramework) {
  const network::Network network = ToNetwork(SmallModel());
  const auto first = Load(network);
  const auto second = Load(network);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_GE(first->engine->info().framework_load_ns, 0);
  EXPECT_EQ(second->engine->info().framework_load_ns, 0);
}

TEST(EngineTest, TheBatchMayChangeFromRunToRun) {
  const network::Network network = ToNetwork(SmallModel());
  const auto loaded = Load(network, {.max_batch = 3});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  for (const int64_t batch : {3, 1, 2}) {
    const Array input = RandomArray({batch, 3, 16, 16}, 3);
    const auto outputs = Infer(*loaded, ToBlob(input));
    ASSERT_TRUE(outputs.ok()) << outputs.error().message();
    const Array wanted = conformance::Evaluate(SmallModel(), {{"x", input}}).at("y");
    EXPECT_EQ(outputs->at(0).dims, wanted.dims);
    EXPECT_NEAR(Floats(outputs->at(0)).back(), wanted.values.back(), 1e-5);
  }
}

TEST(EngineTest, EveryOptionComputesTheSame) {
  const Array input = RandomArray({1, 3, 16, 16}, 5);
  const Array wanted = conformance::Evaluate(SmallModel(), {{"x", input}}).at("y");
  const network::Network network = ToNetwork(SmallModel());
  const std::map<std::string, std::string> variants[] = {{{"xla", "on"}}, {{"grappler", "off"}}};
  for (const auto& options : variants) {
    const auto loaded = Load(network, {.intra_threads = 1, .options = options});
    ASSERT_TRUE(loaded.ok()) << loaded.error().message();
    const auto outputs = Infer(*loaded, ToBlob(input));
    ASSERT_TRUE(outputs.ok()) << outputs.error().message();
    const std::vector<float> values = Floats(outputs->at(0));
    for (size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i], wanted.values[i], 1e-5);
  }
}

// XLA does nothing at all, silently, unless it is told in just the right way.
TEST(EngineTest, XlaReallyCompiles) {
  const network::Network network = ToNetwork(HeavyModel());
  const auto loaded = Load(network, {.intra_threads = 1, .profile = true, .options = {{"xla", "on"}}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const Tensor input(SL_F32, SL_LAYOUT_NHWC, {1, 56, 56, 64});
  const Tensor output(SL_F32, SL_LAYOUT_NCHW, {1, 64, 56, 56});
  std::vector<std::string> types;
  const Status status =
      loaded->instance->Profile({&input.view(), 1}, {&output.view(), 1},
                                [&](const backend::LayerTime& layer) { types.emplace_back(layer.type); });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_THAT(types, Contains(HasSubstr("_XlaRun")));
}

TEST(EngineTest, ProfileNamesLayersAsTheNetworkDoes) {
  const network::Network network = ToNetwork(SmallModel());
  const auto loaded = Load(network, {.profile = true});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const Tensor input(SL_F32, SL_LAYOUT_NHWC, {1, 16, 16, 3});
  const Tensor output(SL_F32, SL_LAYOUT_NCHW, {1, 8, 16, 16});
  std::vector<std::string> names;
  int64_t total_ns = 0;
  const Status status = loaded->instance->Profile({&input.view(), 1}, {&output.view(), 1},
                                                  [&](const backend::LayerTime& layer) {
                                                    names.emplace_back(layer.name);
                                                    total_ns += layer.duration_ns;
                                                  });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_THAT(names, Contains("y_node"));
  EXPECT_GT(total_ns, 0);
}

TEST(EngineTest, RunReportsItsSpansInOrder) {
  const network::Network network = ToNetwork(SmallModel());
  const auto loaded = Load(network);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const Tensor input(SL_F32, SL_LAYOUT_NHWC, {1, 16, 16, 3});
  const Tensor output(SL_F32, SL_LAYOUT_NCHW, {1, 8, 16, 16});
  SlRunReport report{};
  report.struct_size = sizeof report;
  ASSERT_TRUE(loaded->instance->Run({&input.view(), 1}, {&output.view(), 1}, &report).ok());
  ASSERT_EQ(report.span_count, 3);
  EXPECT_EQ(report.spans[0].sub_stage, SL_SUB_STAGE_BIND);
  EXPECT_EQ(report.spans[1].sub_stage, SL_SUB_STAGE_COMPUTE);
  EXPECT_EQ(report.spans[2].sub_stage, SL_SUB_STAGE_COLLECT);
  EXPECT_LE(report.spans[0].end_ns, report.spans[1].begin_ns);
  EXPECT_LE(report.spans[1].begin_ns, report.spans[1].end_ns);
  EXPECT_LE(report.spans[1].end_ns, report.spans[2].begin_ns);
}

int64_t ProcessCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

int64_t WallNs() {
  return SteadyClock().NowNs();
}

// Cores kept busy by runs of one instance, after a first run has set everything up.
double CoresBusy(const backend::EngineOptions& options) {
  const network::Network network = ToNetwork(HeavyModel());
  const auto loaded = Load(network, options);
  EXPECT_TRUE(loaded.ok());
  const Blob input = ToBlob(RandomArray({1, 64, 56, 56}, 1));
  EXPECT_TRUE(Infer(*loaded, input).ok());
  const int64_t wall_begin = WallNs();
  const int64_t cpu_begin = ProcessCpuNs();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Infer(*loaded, input).ok());
  return static_cast<double>(ProcessCpuNs() - cpu_begin) / static_cast<double>(WallNs() - wall_begin);
}

// However loaded the machine is, one thread can't use more than one core.
TEST(ThreadsTest, OneThreadUsesOneCore) {
  EXPECT_LT(CoresBusy({.intra_threads = 1}), 1.2);
  EXPECT_LT(CoresBusy({.intra_threads = 1, .inter_threads = 1}), 1.2);
}

int ThreadsOfProcess() {
  int count = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

// Threads that one instance brings along.
int ThreadsAdded(int intra_threads) {
  const network::Network network = ToNetwork(SmallModel());
  const int before = ThreadsOfProcess();
  const auto loaded = Load(network, {.intra_threads = intra_threads});
  EXPECT_TRUE(loaded.ok());
  return ThreadsOfProcess() - before;
}

// TensorFlow by itself gives all sessions of a process the threads that the first one asked for.
TEST(ThreadsTest, EachEngineHasTheThreadsItAskedFor) {
  ThreadsAdded(1);  // whatever is started once per process
  const int one = ThreadsAdded(1);
  EXPECT_EQ(ThreadsAdded(5) - one, 4);
  EXPECT_EQ(ThreadsAdded(1), one);
}

TEST(ThreadsTest, InstancesRunAtTheSameTime) {
  const network::Network network = ToNetwork(SmallModel());
  const auto first = Load(network, {.intra_threads = 1, .instance_count = 4});
  ASSERT_TRUE(first.ok()) << first.error().message();
  const Array input = RandomArray({1, 3, 16, 16}, 9);
  const double wanted = conformance::Evaluate(SmallModel(), {{"x", input}}).at("y").values.back();
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  threads.reserve(right.size());
  for (int& count : right) {
    threads.emplace_back([&] {
      auto instance = first->engine->CreateInstance();
      if (!instance.ok()) return;
      const Loaded own{first->engine, std::move(*instance)};
      for (int i = 0; i < 20; ++i) {
        const auto outputs = Infer(own, ToBlob(input));
        count += outputs.ok() && std::abs(Floats(outputs->at(0)).back() - wanted) < 1e-5 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(right, testing::Each(20));
}

TEST(RefusalTest, OneDnnIsDecidedOncePerProcess) {
  ASSERT_EQ(ErrorOf({}), "");
  EXPECT_THAT(ErrorOf({.options = {{"onednn", "on"}}}),
              AllOf(HasSubstr("option onednn=on comes too late"), HasSubstr("onednn=auto")));
}

TEST(RefusalTest, Bf16NeedsTheInstructions) {
  if (__builtin_cpu_supports("avx512bf16") != 0) {
    EXPECT_TRUE(Plugin()->info().precisions & (1u << SL_BF16));
    return;
  }
  EXPECT_FALSE(Plugin()->info().precisions & (1u << SL_BF16));
  EXPECT_THAT(ErrorOf({.precision = SL_BF16}), HasSubstr("bf16"));
}

// Each of these would leave fp32 running under the name of bf16.
TEST(RefusalTest, Bf16WithoutWhatMakesIt) {
  if (__builtin_cpu_supports("avx512bf16") == 0) {
    EXPECT_THAT(Plugin()->info().framework_build, HasSubstr("no bf16: the CPU lacks AVX512_BF16"));
    return;
  }
  EXPECT_THAT(ErrorOf({.precision = SL_BF16, .options = {{"grappler", "off"}}}), HasSubstr("grappler=off"));
  EXPECT_THAT(ErrorOf({.precision = SL_BF16, .options = {{"onednn", "off"}}}), HasSubstr("onednn=off"));
  setenv("TF_ENABLE_ONEDNN_OPTS", "0", 1);
  const std::string error = ErrorOf({.precision = SL_BF16});
  unsetenv("TF_ENABLE_ONEDNN_OPTS");
  EXPECT_THAT(error, HasSubstr("TF_ENABLE_ONEDNN_OPTS"));
}

TEST(RefusalTest, Fp32WhileTheEnvironmentLowersIt) {
  setenv("ONEDNN_DEFAULT_FPMATH_MODE", "BF16", 1);
  const std::string error = ErrorOf({});
  unsetenv("ONEDNN_DEFAULT_FPMATH_MODE");
  EXPECT_THAT(error, AllOf(HasSubstr("ONEDNN_DEFAULT_FPMATH_MODE is 'BF16'"), HasSubstr("unset it")));
}

TEST(RefusalTest, UnknownOption) {
  EXPECT_THAT(ErrorOf({.options = {{"xlaa", "on"}}}), HasSubstr("xla"));
}

}  // namespace
}  // namespace sightline::tensorflow
