// The OpenVINO plugin as the host loads it: what the conformance suite does not ask of every backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "backends/conformance/test_tools.h"
#include "src/backend/backend.h"

namespace sightline::openvino_backend {
namespace {

using conformance::Floats;
using conformance::LongNetwork;
using conformance::Must;
using conformance::ValuesOf;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class OpenVinoTest : public testing::Test {
 protected:
  void SetUp() override {
    auto backend = backend::Backend::Load("openvino");
    ASSERT_TRUE(backend.ok()) << backend.error().message();
    backend_ = *backend;
  }
  Result<std::shared_ptr<backend::Engine>> Open(const network::Network& network,
                                                const backend::EngineOptions& options = {}) {
    return backend_->CreateEngine({.name = "test", .network = &network, .file = {}}, options);
  }

  std::shared_ptr<backend::Backend> backend_;
};

// y = 2 * relu(x).
network::Network DoubledRelu() {
  return network::Load(
      "g (float[N,4] x) => (float[N,4] y) { two = Constant <value = float[1] {2.0}> () r = Relu(x) "
      "y = Mul(r, two) }");
}

// One convolution, three wide, of 16 channels in and out, with or without QuantizeLinear and DequantizeLinear
// around it. Every weight is 0.5, every input 1.
network::Network Convolution(bool quantized) {
  std::string weights = "32";
  for (int i = 1; i < 16 * 16 * 3; ++i) weights += ", 32";
  const std::string constants =
      "  xs = Constant <value = float {0.015625}> ()\n"
      "  xz = Constant <value = uint8 {128}> ()\n"
      "  ws = Constant <value = float {0.015625}> ()\n"
      "  wz = Constant <value = int8 {0}> ()\n"
      "  w = Constant <value = int8[16,16,1,3] {" +
      weights + "}> ()\n  wd = DequantizeLinear(w, ws, wz)\n";
  return network::Load("g (float[N,16,1,8] x) => (float[N,16,1,6] y) {\n" + constants +
                       (quantized ? "  ys = Constant <value = float {0.25}> ()\n"
                                    "  xq = QuantizeLinear(x, xs, xz)\n  xd = DequantizeLinear(xq, xs, xz)\n"
                                    "  c = Conv(xd, wd)\n"
                                    "  cq = QuantizeLinear(c, ys, xz)\n  y = DequantizeLinear(cq, ys, xz)\n}"
                                  : "  y = Conv(x, wd)\n}"));
}

TEST_F(OpenVinoTest, QuantizedModelsAreReportedAsTheCompiledModelComputesThem) {
  if ((backend_->info().precisions & (1U << SL_I8)) == 0) {
    backend::EngineOptions options;
    options.precision = SL_I8;
    EXPECT_FALSE(Open(Convolution(true), options).ok());
    return;
  }
  for (const DataType asked : {SL_F32, SL_I8}) {
    backend::EngineOptions options;
    options.precision = asked;
    const auto engine = Must(Open(Convolution(true), options));
    EXPECT_EQ(engine->info().precision_run, SL_I8);
    EXPECT_THAT(engine->info().precision_note, HasSubstr("1 of 1 convolutions and matrix products in int8"));
    const Tensor input(SL_F32, SL_LAYOUT_NCHW, {1, 16, 1, 8});
    std::fill_n(input.view().f32(), input.view().shape.elements(), 1.0F);
    const Tensor output(SL_F32, SL_LAYOUT_NCHW, {1, 16, 1, 6});
    const Status status = Must(engine->CreateInstance())->Run({&input.view(), 1}, {&output.view(), 1});
    ASSERT_TRUE(status.ok()) << status.error().message();
    EXPECT_THAT(ValuesOf(output), testing::Each(24.0F));  // 16 channels x 3 x 0.5, which 8 bits can say
  }
}

TEST_F(OpenVinoTest, Int8IsRefusedWhereTheModelQuantizesNothing) {
  backend::EngineOptions options;
  options.precision = SL_I8;
  const auto engine = Open(Convolution(false), options);
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().kind(), ErrorKind::kUnsupported);
  EXPECT_THAT(engine.error().message(), HasSubstr("int8"));
}

TEST_F(OpenVinoTest, LeftAloneItComputesInFp32) {
  const auto engine = Must(Open(Convolution(false)));
  EXPECT_EQ(engine->info().precision_run, SL_F32);
  EXPECT_THAT(engine->info().precision_note, HasSubstr("1 of 1 convolutions and matrix products in fp32"));
}

TEST_F(OpenVinoTest, NetworksWithoutConvolutionsSayThatNoneIsLeft) {
  EXPECT_THAT(Must(Open(DoubledRelu()))->info().precision_note,
              HasSubstr("no convolution or matrix product"));
}

TEST_F(OpenVinoTest, LayersAreCalledAsTheNodesOfTheNetwork) {
  backend::EngineOptions options;
  options.profile = true;
  const auto network = network::Load(
      "g (float[N,3,8,8] x) => (float[N,3,8,8] s) { r = MaxPool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> "
      "(x)\n"
      "s = Softmax <axis = 1> (r) }");
  std::set<std::string> nodes;
  const SlGraph& graph = network.Graph();
  for (int i = 0; i < graph.node_count; ++i) nodes.emplace(graph.nodes[i].name);
  const auto engine = Must(Open(network, options));
  const Tensor input(SL_F32, SL_LAYOUT_NCHW, {1, 3, 8, 8});
  const Tensor output(SL_F32, SL_LAYOUT_NCHW, {1, 3, 8, 8});
  std::fill_n(input.view().f32(), input.view().shape.elements(), 1.0F);
  std::set<std::string> found;
  const Status status =
      Must(engine->CreateInstance())
          ->Profile({&input.view(), 1}, {&output.view(), 1}, [&](const backend::LayerTime& layer) {
            if (nodes.contains(std::string(layer.name))) found.emplace(layer.name);
          });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(found, nodes);
}

TEST_F(OpenVinoTest, ShapesTheDataDecidesComeBackAndAreHeldToTheRoomThereIs) {
  const auto network = network::Load("g (float[N,3] x) => (int64[2,M] where) { where = NonZero(x) }");
  backend::EngineOptions options;
  options.max_batch = 2;
  const auto engine = Must(Open(network, options));
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
  const Tensor all = Floats({2, 3}, {1, 1, 1, 1, 1, 1});
  status = instance->Run({&all.view(), 1}, {&output.view(), 1}, nullptr, {&shape, 1});
  EXPECT_EQ(status.error().kind(), ErrorKind::kResourceExhausted);
  EXPECT_THAT(status.error().message(), HasSubstr("output 'where' needs 96 bytes of memory and has 48"));
}

// 600 layers, 0.16 teraflop on one core, take about a second; the cancelled run ends after the layer it is
// in.
TEST_F(OpenVinoTest, ARunInProgressIsCancelledAndTheNextOneIsNot) {
  backend::EngineOptions options;
  options.intra_threads = 1;
  const auto engine = Must(Open(LongNetwork(600), options));
  const auto instance = Must(engine->CreateInstance());
  const Tensor input(SL_F32, SL_LAYOUT_PLAIN, {512, 512});
  const Tensor output(SL_F32, SL_LAYOUT_PLAIN, {512, 512});
  for (int round = 0; round < 2; ++round) {
    const uint64_t run = instance->next_run();
    auto end = std::async(std::launch::async,
                          [&] { return instance->Run({&input.view(), 1}, {&output.view(), 1}); });
    EXPECT_EQ(end.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);  // it runs
    instance->Cancel(run);
    const Status status = end.get();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled);
  }
}

TEST_F(OpenVinoTest, InstancesAreStreamsOfOneModelAndComputeSideBySide) {
  backend::EngineOptions options;
  options.instance_count = 2;
  options.intra_threads = 1;
  const auto engine = Must(Open(DoubledRelu(), options));
  EXPECT_EQ(engine->info().intra_threads, 1);
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

TEST_F(OpenVinoTest, EveryOptionComputesTheSame) {
  using Options = std::map<std::string, std::string>;
  for (const Options& chosen :
       {Options{{"performance_hint", "latency"}}, Options{{"performance_hint", "throughput"}},
        Options{{"num_streams", "1"}}, Options{{"cpu_pinning", "off"}}, Options{{"cpu_pinning", "on"}}}) {
    backend::EngineOptions options;
    for (const auto& [key, value] : chosen) options.options[key] = value;
    const auto engine = Must(Open(DoubledRelu(), options));
    const Tensor input = Floats({1, 4}, {-1, 0, 1, 2.5F});
    const Tensor output(SL_F32, SL_LAYOUT_PLAIN, {1, 4});
    const Status status = Must(engine->CreateInstance())->Run({&input.view(), 1}, {&output.view(), 1});
    ASSERT_TRUE(status.ok()) << status.error().message();
    EXPECT_THAT(ValuesOf(output), ElementsAre(0, 0, 2, 5)) << chosen.begin()->first;
  }
}

TEST_F(OpenVinoTest, OptionsThatAreNoneAreRefused) {
  backend::EngineOptions options;
  options.options = {{"performance_hint", "fast"}};
  EXPECT_THAT(Open(DoubledRelu(), options).error().message(),
              HasSubstr("none|latency|throughput, not 'fast'"));
  options.options = {{"num_streams", "many"}};
  EXPECT_THAT(Open(DoubledRelu(), options).error().message(),
              AllOf(HasSubstr("num_streams"), HasSubstr("many")));
  options.options = {{"input_shape", "4"}};
  EXPECT_THAT(Open(DoubledRelu(), options).error().message(),
              HasSubstr("option input_shape is for files; an ONNX network says its shapes"));
}

}  // namespace
}  // namespace sightline::openvino_backend
