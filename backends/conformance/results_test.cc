// Every backend computes the right thing, where it was asked to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sched.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "backends/conformance/harness.h"
#include "backends/conformance/test_network.h"

namespace sightline::conformance {
namespace {

class Results : public ConformanceTest {};
INSTANTIATE_TEST_SUITE_P(Backends, Results, testing::ValuesIn(BuiltBackends()), TestName);

int CoresAllowed() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

backend::EngineOptions UpToThree() {
  backend::EngineOptions options;
  options.max_batch = 3;
  return options;
}

// CMake says what it built; a plugin that got lost would otherwise pass by not being there.
TEST(Backends, AllThatWereBuiltAreFound) {
  std::set<std::string> found;
  for (const backend::BackendEntry& entry : FoundBackends()) found.insert(entry.name);
  for (const char* name : {SIGHTLINE_BUILT_BACKENDS}) EXPECT_TRUE(found.contains(name)) << name;
}

// A backend is left out of the suite for want of its device only, and says so.
TEST(Backends, ThoseWithoutTheirDeviceSayWhatIsMissing) {
  for (const backend::BackendEntry& entry : FoundBackends()) {
    if (QuirksOf(entry.name).device.empty()) continue;
    const auto loaded = backend::Backend::LoadLibrary(entry.library);
    if (loaded.ok()) continue;
    EXPECT_EQ(loaded.error().kind(), ErrorKind::kUnavailable);
    EXPECT_THAT(loaded.error().message(), testing::ContainsRegex("driver|GPU|CUDA|TensorRT"));
    EXPECT_THAT(loaded.error().message(), testing::Not(testing::HasSubstr("\n")));
  }
}

TEST_P(Results, BackendSaysWhatItIs) {
  const backend::BackendInfo& info = backend_->info();
  EXPECT_EQ(info.name, GetParam().name);
  EXPECT_FALSE(info.framework.empty());
  EXPECT_FALSE(info.framework_version.empty());
  EXPECT_NE(info.precisions & (1u << SL_F32), 0u);
  EXPECT_NE(info.layouts, 0u);
  EXPECT_NE(info.model_kinds & (SL_MODEL_GRAPH | SL_MODEL_ONNX), 0u);
  EXPECT_GE(info.max_onnx_opset, 10);
  EXPECT_EQ((info.model_kinds & SL_MODEL_FILE) != 0, !info.file_formats.empty());
  ASSERT_FALSE(info.devices.empty());
  EXPECT_EQ(info.devices[0].id, quirks_->device.empty() ? "cpu" : quirks_->device);
  for (const auto& option : info.options) {
    EXPECT_FALSE(option.key.empty());
    EXPECT_FALSE(option.values.empty()) << option.key;
    EXPECT_THAT(option.help, testing::EndsWith(".")) << option.key;
  }
}

TEST_P(Results, DeclaredRewritesExist) {
  std::vector<std::string> rewrites = backend_->info().rewrites;
  for (std::string& name : rewrites) name.resize(std::min(name.size(), name.find(":batch")));
  EXPECT_THAT(network::KnownRewrites(), testing::IsSupersetOf(rewrites));
}

TEST_P(Results, EngineDescribesTheNetwork) {
  const auto engine = MakeEngine(Mixed().network, UpToThree());
  const backend::EngineInfo& info = engine->info();
  ASSERT_EQ(info.inputs.size(), 1u);
  EXPECT_EQ(info.inputs[0].name, "image");
  const bool nhwc = info.inputs[0].layout == SL_LAYOUT_NHWC;
  EXPECT_EQ(info.inputs[0].shape, nhwc ? (Shape{-1, 11, 9, 3}) : (Shape{-1, 3, 11, 9}));
  EXPECT_NE(backend_->info().layouts & (1u << info.inputs[0].layout), 0u);
  ASSERT_EQ(info.outputs.size(), 2u);
  EXPECT_EQ(info.outputs[0].name, "features");
  EXPECT_EQ(info.outputs[0].shape, (Shape{-1, 12, 6, 5}));
  EXPECT_EQ(info.outputs[1].name, "probabilities");
  EXPECT_EQ(info.outputs[1].shape, (Shape{-1, 7}));
  EXPECT_EQ(info.precision_run, SL_F32);
  EXPECT_GT(info.load_ns, 0);
}

TEST_P(Results, BatchesOfOneAndThree) {
  const auto engine = MakeEngine(Mixed().network, UpToThree());
  for (const int64_t batch : {1, 3}) {
    SCOPED_TRACE(batch);
    RunAndCheck(*MakeInstance(*engine), engine->info(), Mixed(), *quirks_, batch, 1);
  }
}

TEST_P(Results, BatchMayChangeFromRunToRun) {
  const auto engine = MakeEngine(Mixed().network, UpToThree());
  const auto instance = MakeInstance(*engine);
  if (!Has(SL_FEATURE_DYNAMIC_BATCH)) {
    EXPECT_EQ(engine->info().inputs[0].shape[0], 3);  // then it says what it was made for
    return;
  }
  uint64_t seed = 0;
  for (const int64_t batch : {3, 1, 1, 2, 3, 3, 1}) {
    SCOPED_TRACE(++seed);
    RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, batch, seed);
  }
}

TEST_P(Results, BatchMayBeFixedInTheNetwork) {
  const auto fixed = Mixed().network.WithBatch(2);
  ASSERT_TRUE(fixed.ok()) << fixed.error().message();
  const auto engine = MakeEngine(*fixed, UpToThree());
  EXPECT_EQ(engine->info().inputs[0].shape[0], 2);
  RunAndCheck(*MakeInstance(*engine), engine->info(), Mixed(), *quirks_, 2, 4);
}

TEST_P(Results, InputsAreToldApart) {
  const auto engine = MakeEngine(TwoInputs().network, UpToThree());
  ASSERT_EQ(engine->info().inputs.size(), 2u);
  EXPECT_EQ(engine->info().inputs[0].name, "left");
  EXPECT_EQ(engine->info().inputs[1].name, "right");
  RunAndCheck(*MakeInstance(*engine), engine->info(), TwoInputs(), *quirks_, 2, 5);
}

TEST_P(Results, InstancesRunSideBySide) {
  backend::EngineOptions options = UpToThree();
  options.instance_count = 3;
  const auto engine = MakeEngine(Mixed().network, options);
  std::vector<std::thread> threads;
  for (int lane = 0; lane < options.instance_count; ++lane) {
    threads.emplace_back([&, lane, instance = std::shared_ptr<backend::Instance>(MakeInstance(*engine))] {
      for (int run = 0; run < 8; ++run) {
        const auto seed = static_cast<uint64_t>(100 * lane + run);
        RunAndCheck(*instance, engine->info(), Mixed(), *quirks_, 1 + (lane + run) % 3, seed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(Results, EnginesRunSideBySide) {
  const auto mixed = MakeEngine(Mixed().network, UpToThree());
  const auto two = MakeEngine(TwoInputs().network, UpToThree());
  const auto of_mixed = MakeInstance(*mixed);
  const auto of_two = MakeInstance(*two);
  std::thread other([&] {
    for (uint64_t seed = 0; seed < 8; ++seed)
      RunAndCheck(*of_two, two->info(), TwoInputs(), *quirks_, 1, seed);
  });
  for (uint64_t seed = 0; seed < 8; ++seed) RunAndCheck(*of_mixed, mixed->info(), Mixed(), *quirks_, 1, seed);
  other.join();
}

TEST_P(Results, InstancesCanBeMadeAgain) {
  const auto engine = MakeEngine(Mixed().network, UpToThree());
  for (uint64_t round = 0; round < 3; ++round) {
    RunAndCheck(*MakeInstance(*engine), engine->info(), Mixed(), *quirks_, 1, round);
  }
}

TEST_P(Results, AThreadCountIsTakenOrSaidToBeUnknown) {
  backend::EngineOptions options = UpToThree();
  options.intra_threads = 1;
  const auto engine = MakeEngine(Mixed().network, options);
  const int threads = engine->info().intra_threads;
  EXPECT_GE(threads, 0);
  EXPECT_LE(threads, Has(SL_FEATURE_THREADS_PROCESS_WIDE) ? CoresAllowed() : 1);
  RunAndCheck(*MakeInstance(*engine), engine->info(), Mixed(), *quirks_, 1, 6);
}

// Where instances share the process's threads, none of them has a number of its own.
TEST_P(Results, SeveralInstancesHaveNoThreadCountWhereTheyShareThreads) {
  backend::EngineOptions options = UpToThree();
  options.instance_count = 2;
  const auto engine = MakeEngine(Mixed().network, options);
  if (Has(SL_FEATURE_THREADS_PROCESS_WIDE)) {
    EXPECT_EQ(engine->info().intra_threads, 0);
  } else {
    EXPECT_GE(engine->info().intra_threads, 0);
  }
}

// Each precision offered computes something, and one below fp32 something else than fp32.
TEST_P(Results, EveryPrecisionOfferedIsTheOneThatRuns) {
  if (!quirks_->computes) return;
  const auto outputs_in = [&](DataType precision) {
    backend::EngineOptions options;
    options.precision = precision;
    const auto engine = MakeEngine(Mixed().network, options);
    EXPECT_EQ(engine->info().precision_run, precision);
    const auto arrays = RandomInputs(Mixed().model, 1, 3);
    GuardedTensor input(engine->info().inputs[0], 1);
    input.Fill(arrays.at("image"));
    const GuardedTensor features(engine->info().outputs[0], 1);
    const GuardedTensor probabilities(engine->info().outputs[1], 1);
    const std::array<TensorView, 2> views = {features.view(), probabilities.view()};
    const Status status = MakeInstance(*engine)->Run({&input.view(), 1}, views);
    EXPECT_TRUE(status.ok()) << status.error().message();
    return features.Values();
  };
  const std::vector<float> wanted = outputs_in(SL_F32);
  for (const DataType precision : {SL_F16, SL_BF16, SL_I8, SL_U8}) {
    if ((backend_->info().precisions & (1u << precision)) == 0) continue;
    if (precision == SL_I8 && quirks_->int8_by_model) {
      backend::EngineOptions options;
      options.precision = SL_I8;
      const auto engine = backend_->CreateEngine({"mixed", &Mixed().network, {}}, options);
      ASSERT_FALSE(engine.ok()) << quirks_->reason;
      EXPECT_EQ(engine.error().kind(), ErrorKind::kUnsupported);
      continue;
    }
    EXPECT_NE(outputs_in(precision), wanted) << DataTypeName(precision);
  }
}

// Bytes in, fp32 out.
TEST_P(Results, TypesOtherThanFp32AreTakenAsTheyAre) {
  const TestNetwork network(BytesModel());
  if (quirks_->fp32_only) {
    const auto engine = backend_->CreateEngine({"bytes", &network.network, {}}, OnItsDevice(*quirks_, {}));
    ASSERT_FALSE(engine.ok()) << quirks_->reason;
    EXPECT_EQ(engine.error().kind(), ErrorKind::kUnsupported);
    EXPECT_THAT(engine.error().message(),
                testing::AllOf(testing::HasSubstr("uint8"), testing::HasSubstr("bytes")));
    return;
  }
  const auto engine = MakeEngine(network.network);
  EXPECT_EQ(engine->info().inputs[0].type, SL_U8);
  EXPECT_EQ(engine->info().outputs[0].type, SL_F32);
  const Tensor in(SL_U8, SL_LAYOUT_PLAIN, {1, 6});
  const Tensor out(SL_F32, SL_LAYOUT_PLAIN, {1, 6});
  auto* bytes = static_cast<uint8_t*>(in.view().data);
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(50 * i);
  const Status status = MakeInstance(*engine)->Run({&in.view(), 1}, {&out.view(), 1});
  ASSERT_TRUE(status.ok()) << status.error().message();
  for (int i = 0; i < 6 && quirks_->computes; ++i)
    EXPECT_EQ(out.view().f32()[i], 50.0F * static_cast<float>(i));
}

// A file in a format of the framework's own, where the suite can write one: a frozen TensorFlow graph of one
// Relu on 2x2 pictures with 2 channels, whose Placeholder does not say so.
TEST_P(Results, ItsOwnFilesRun) {
  const auto& formats = backend_->info().file_formats;
  if (std::find(formats.begin(), formats.end(), ".pb") == formats.end()) return;
  const auto file = std::filesystem::path(testing::TempDir()) / ("sightline_" + GetParam().name + ".pb");
  std::ofstream(file, std::ios::binary) << FrozenRelu();
  backend::EngineOptions options;
  options.options["input_shape"] = "2x2x2";
  const auto engine = Must(backend_->CreateEngine({"relu", nullptr, file}, options));
  std::filesystem::remove(file);
  EXPECT_EQ(engine->info().inputs[0].shape, (Shape{-1, 2, 2, 2}));
  const GuardedTensor input(engine->info().inputs[0], 1);
  const GuardedTensor output(engine->info().outputs[0], 1);
  for (int i = 0; i < 8; ++i) input.view().f32()[i] = static_cast<float>(i - 4);
  const Status status = MakeInstance(*engine)->Run({&input.view(), 1}, {&output.view(), 1});
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_THAT(output.Values(), testing::ElementsAre(0, 0, 0, 0, 0, 1, 2, 3));
}

}  // namespace
}  // namespace sightline::conformance
