// Engines, instances and profiles of the LibTorch plugin.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "backends/conformance/operators/model_maker.h"
#include "backends/conformance/operators/runner.h"

namespace sightline::conformance {
namespace {

using testing::Contains;
using testing::HasSubstr;

// A residual unit: what profiles and precisions are about.
onnx::ModelProto UnitModel() {
  ModelMaker maker;
  maker.Input("x", {-1, 16, 12, 12})
      .Weights("w1", {16, 16, 3, 3})
      .Weights("w2", {16, 16, 3, 3})
      .Weights("scale", {16})
      .Weights("shift", {16})
      .Weights("mean", {16})
      .PositiveWeights("variance", {16})
      .Node("Conv", {"x", "w1"}, "a", {MakeInts("pads", {1, 1, 1, 1})})
      .Node("BatchNormalization", {"a", "scale", "shift", "mean", "variance"}, "n")
      .Node("Relu", {"n"}, "r")
      .Node("Conv", {"r", "w2"}, "b", {MakeInts("pads", {1, 1, 1, 1})})
      .Node("Add", {"b", "x"}, "s")
      .Node("GlobalAveragePool", {"s"}, "y")
      .Output("y");
  return *maker.Make();
}

network::Network ToNetwork(const onnx::ModelProto& model) {
  auto network = network::Network::FromModel(std::make_unique<onnx::ModelProto>(model), "test");
  if (!network.ok()) throw std::runtime_error(network.error().message());
  return std::move(network).value();
}

Result<Loaded> LoadUnit(const backend::EngineOptions& options) {
  return Load(ToNetwork(UnitModel()), options);
}

// Times of layers by the names they have in ONNX, from the very module that runs.
TEST(ProfileTest, LayersHaveTheirOnnxNames) {
  for (const char* optimize : {"on", "freeze", "off"}) {
    SCOPED_TRACE(optimize);
    backend::EngineOptions options;
    options.profile = true;
    options.options["optimize"] = optimize;
    const auto loaded = LoadUnit(options);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message();
    const Array input = InputOf(UnitModel(), 1);
    const backend::EngineInfo& info = loaded->engine->info();
    const Tensor x(SL_F32, info.inputs[0].layout, {1, 16, 12, 12});
    std::copy(input.values.begin(), input.values.end(), x.view().f32());
    const Tensor y(SL_F32, info.outputs[0].layout, {1, 16, 1, 1});
    std::vector<std::string> names;
    std::vector<std::string> types;
    int64_t sum_ns = 0;
    const Status status =
        loaded->instance->Profile({&x.view(), 1}, {&y.view(), 1}, [&](const backend::LayerTime& layer) {
          names.emplace_back(layer.name);
          types.emplace_back(layer.type);
          sum_ns += layer.duration_ns;
        });
    ASSERT_TRUE(status.ok()) << status.error().message();
    EXPECT_THAT(names, Contains("a_node"));
    EXPECT_THAT(names, Contains("b_node"));
    EXPECT_THAT(types, Contains("Conv+BatchNormalization"));
    EXPECT_GT(sum_ns, 0);
  }
}

TEST(EngineTest, TellsHowPrecise) {
  const auto loaded = LoadUnit({});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  EXPECT_EQ(loaded->engine->info().precision_run, SL_F32);
  EXPECT_THAT(loaded->engine->info().precision_note, HasSubstr("LibTorch keeps fp32"));
}

TEST(EngineTest, Fp16IsForCudaOnly) {
  if ((Plugin()->info().precisions & (1u << SL_F16)) == 0)
    return;  // refused by the kit, for lack of a device
  backend::EngineOptions options;
  options.precision = SL_F16;
  EXPECT_THAT(LoadUnit(options).error().message(), HasSubstr("computes fp16 on CUDA devices only"));
}

// Each calling thread has OpenMP threads of its own, so every instance can have what it was promised,
// whatever another engine was made with.
TEST(ThreadsTest, EachEngineHasItsOwnNumber) {
  backend::EngineOptions one;
  one.intra_threads = 1;
  backend::EngineOptions two;
  two.intra_threads = 2;
  two.instance_count = 2;
  const auto first = LoadUnit(two);
  const auto second = LoadUnit(one);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->engine->info().intra_threads, 2);
  EXPECT_EQ(second->engine->info().intra_threads, 1);
}

// ---- One module, many threads ----

TEST(InstancesTest, ShareAModule) {
  backend::EngineOptions options;
  options.instance_count = 4;
  const auto loaded = LoadUnit(options);
  ASSERT_TRUE(loaded.ok());
  const Blob input = ToBlob(InputOf(UnitModel(), 1));
  const auto alone = Infer(*loaded, input);
  ASSERT_TRUE(alone.ok());
  std::vector<std::thread> threads;
  for (int lane = 0; lane < 3; ++lane) {
    threads.emplace_back([&] {
      const Loaded other{loaded->engine, loaded->engine->CreateInstance().value()};
      for (int run = 0; run < 10; ++run) {
        const auto result = Infer(other, input);
        ASSERT_TRUE(result.ok());
        EXPECT_EQ((*result)[0].bytes, (*alone)[0].bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sightline::conformance
