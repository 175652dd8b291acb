#include "backends/kit/kit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <new>
#include <stdexcept>

namespace sightline::kit {
namespace {

using ::testing::HasSubstr;

// Called by TestInstance::Run; what a test wants to happen inside a backend.
std::function<Status(Inputs, Outputs, SpanRecorder&)>& RunBody() {
  static std::function<Status(Inputs, Outputs, SpanRecorder&)> body;
  return body;
}

class TestInstance final : public Instance {
 public:
  void Cancel() override { ++cancels; }
  inline static int cancels = 0;

  Status Run(Inputs inputs, Outputs outputs, SpanRecorder& spans) override {
    return RunBody()(inputs, outputs, spans);
  }
  Status RunAsync(Inputs inputs, Outputs outputs, RunCompletion done) override {
    SlRunReport report{};
    report.struct_size = sizeof report;
    SpanRecorder spans(&report);
    done(RunBody()(inputs, outputs, spans), report);
    return Ok();
  }
  Status Profile(Inputs, Outputs, const LayerSink& sink) override {
    sink({"conv1", "Conv", 70, 5, 2});
    sink({"relu1", "Relu", 7});
    return Ok();
  }
};

class TestEngine final : public Engine {
 public:
  EngineInfo Info() const override {
    EngineInfo info;
    info.inputs = {{"in", SL_F32, SL_LAYOUT_PLAIN, {-1, 4}}};
    info.outputs = {{"out", SL_F32, SL_LAYOUT_PLAIN, {-1, 2}}};
    info.precision_note = "as asked";
    return info;
  }
  Result<std::unique_ptr<Instance>> CreateInstance(const InstanceOptions& options) override {
    index = options.index;
    return std::unique_ptr<Instance>(std::make_unique<TestInstance>());
  }
  inline static int index = -1;
};

class TestBackend final : public Backend {
 public:
  BackendInfo Info() const override {
    BackendInfo info;
    info.name = "test";
    info.framework = "Test";
    info.framework_version = "3.1";
    info.features = SL_FEATURE_ASYNC | SL_FEATURE_CANCEL | SL_FEATURE_PROFILE | SL_FEATURE_SPANS;
    info.model_kinds = SL_MODEL_FILE;
    info.file_formats = {".test", ".other"};
    info.options = {{"mode", {"fast", "slow"}, {}, "fast", "How."}};
    return info;
  }
  Result<std::unique_ptr<Engine>> CreateEngine(const Model& model, const EngineOptions& options) override {
    if (model.path == "broken.test") return InvalidArgument(model.name, " is broken");
    mode = options.values.Word("mode");
    return std::unique_ptr<Engine>(std::make_unique<TestEngine>());
  }
  inline static std::string mode;
};

class AbsentBackend final : public Backend {
 public:
  Status Available() const override { return Unavailable("this machine has no test unit"); }
  BackendInfo Info() const override { return {}; }
  Result<std::unique_ptr<Engine>> CreateEngine(const Model&, const EngineOptions&) override {
    return Internal("");
  }
};

class ThrowingBackend final : public Backend {
 public:
  ThrowingBackend() { throw std::runtime_error("no licence file"); }
  BackendInfo Info() const override { return {}; }
  Result<std::unique_ptr<Engine>> CreateEngine(const Model&, const EngineOptions&) override {
    return Internal("");
  }
};

const SlBackend& Table() {
  SlError error{};
  const SlBackend* table = PluginOf<TestBackend>::Enter(SL_ABI_VERSION, &error);
  EXPECT_NE(table, nullptr) << error.message;
  return *table;
}

SlModel FileModel(const char* path) {
  SlModel model{};
  model.struct_size = sizeof model;
  model.kind = SL_MODEL_FILE;
  model.name = "m";
  model.path = path;
  return model;
}

SlEngineOptions DefaultOptions() {
  SlEngineOptions options{};
  options.struct_size = sizeof options;
  options.device = "cpu";
  options.precision = SL_F32;
  options.max_batch = 3;
  options.instance_count = 1;
  return options;
}

// An instance of the test backend with tensors that fit it.
class KitTest : public testing::Test {
 protected:
  void SetUp() override {
    const SlModel model = FileModel("good.test");
    const SlEngineOptions options = DefaultOptions();
    ASSERT_EQ(table_.engine_create(&model, &options, &engine_, &error_), SL_OK) << error_.message;
    ASSERT_EQ(table_.instance_create(engine_, &third_, &instance_, &error_), SL_OK) << error_.message;
    RunBody() = [](Inputs, Outputs, SpanRecorder&) { return Ok(); };
  }
  void TearDown() override {
    table_.instance_destroy(instance_);
    table_.engine_destroy(engine_);
    RunBody() = nullptr;
  }
  SlStatusCode Run(SlRunReport* report = nullptr) {
    ++run_.run_id;
    return table_.run(instance_, &run_, &input_, 1, &output_, 1, report, &error_);
  }

  const SlBackend& table_ = Table();
  SlEngine* engine_ = nullptr;
  SlInstance* instance_ = nullptr;
  SlError error_{};
  SlInstanceOptions third_{sizeof(SlInstanceOptions), 2, nullptr, 0};
  SlRunOptions run_{sizeof(SlRunOptions), 0};
  alignas(64) std::array<float, 8> in_{};
  alignas(64) std::array<float, 4> out_{};
  SlTensor input_{in_.data(), sizeof in_, SL_F32, SL_MEMORY_HOST, 2, {2, 4}};
  SlTensor output_{out_.data(), sizeof out_, SL_F32, SL_MEMORY_HOST, 2, {2, 2}};
};

TEST(EntryPoint, RefusesAnotherAbiVersion) {
  SlError error{};
  EXPECT_EQ(PluginOf<TestBackend>::Enter(SL_ABI_VERSION + 1, &error), nullptr);
  EXPECT_THAT(error.message, HasSubstr("built for version 1 of the backend ABI and the host has 2"));
}

TEST(EntryPoint, SaysWhyTheFrameworkIsNotAvailable) {
  SlError error{};
  EXPECT_EQ(PluginOf<AbsentBackend>::Enter(SL_ABI_VERSION, &error), nullptr);
  EXPECT_STREQ(error.message, "this machine has no test unit");
}

TEST(EntryPoint, CatchesAThrowingConstructor) {
  SlError error{};
  EXPECT_EQ(PluginOf<ThrowingBackend>::Enter(SL_ABI_VERSION, &error), nullptr);
  EXPECT_STREQ(error.message, "no licence file");
}

TEST(EntryPoint, TableHoldsTheDeclaredFunctionsOnly) {
  const SlBackend& table = Table();
  EXPECT_EQ(table.struct_size, sizeof(SlBackend));
  EXPECT_NE(table.run_async, nullptr);
  EXPECT_NE(table.profile, nullptr);
  EXPECT_NE(table.cancel, nullptr);
  EXPECT_EQ(table.buffer_create, nullptr);
}

TEST(EntryPoint, InfoIsSeenThroughTheAbi) {
  const SlBackendInfo& info = *Table().info();
  EXPECT_STREQ(info.name, "test");
  EXPECT_STREQ(info.framework_version, "3.1");
  ASSERT_EQ(info.file_format_count, 2);
  EXPECT_STREQ(info.file_formats[1], ".other");
  ASSERT_EQ(info.option_count, 1);
  EXPECT_STREQ(info.options[0].values, "fast|slow");
  ASSERT_EQ(info.device_count, 1);
  EXPECT_STREQ(info.devices[0].id, "cpu");
}

TEST(EngineCreate, PassesTheAuthorsErrorOn) {
  const SlModel model = FileModel("broken.test");
  const SlEngineOptions options = DefaultOptions();
  SlEngine* engine = nullptr;
  SlError error{};
  EXPECT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "m is broken");
  EXPECT_EQ(engine, nullptr);
}

TEST(EngineCreate, FillsInDefaultOptionsAndTakesGivenOnes) {
  const SlModel model = FileModel("good.test");
  SlEngineOptions options = DefaultOptions();
  SlEngine* engine = nullptr;
  SlError error{};
  ASSERT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_OK) << error.message;
  EXPECT_EQ(TestBackend::mode, "fast");
  Table().engine_destroy(engine);
  const SlKeyValue slow{"mode", "slow"};
  options.options = &slow;
  options.option_count = 1;
  ASSERT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_OK) << error.message;
  EXPECT_EQ(TestBackend::mode, "slow");
  Table().engine_destroy(engine);
}

TEST(EngineCreate, RefusesKindsOfModelItDoesNotTake) {
  SlModel model = FileModel("x");
  const SlEngineOptions options = DefaultOptions();
  SlEngine* engine = nullptr;
  SlError error{};
  model.kind = SL_MODEL_ONNX;
  EXPECT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_UNSUPPORTED);
  EXPECT_STREQ(error.message, "backend test can't open 'm' as ONNX bytes");
  model.kind = SL_MODEL_FILE;
  model.path = nullptr;
  EXPECT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "model 'm' was given as a file, but there is none");
  model.kind = static_cast<SlModelKind>(3);
  EXPECT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "model 'm' is of unknown kind 3");
}

TEST(EngineCreate, RefusesNullAndTruncatedStructs) {
  SlModel model = FileModel("good.test");
  SlEngineOptions options = DefaultOptions();
  SlEngine* engine = nullptr;
  SlError error{};
  EXPECT_EQ(Table().engine_create(nullptr, &options, &engine, &error), SL_INVALID_ARGUMENT);
  EXPECT_EQ(Table().engine_create(&model, nullptr, &engine, &error), SL_INVALID_ARGUMENT);
  EXPECT_EQ(Table().engine_create(&model, &options, nullptr, &error), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "model, options or engine is null");
  model.struct_size = 8;
  EXPECT_EQ(Table().engine_create(&model, &options, &engine, &error), SL_INVALID_ARGUMENT);
  EXPECT_THAT(error.message, HasSubstr("SlModel.struct_size is 8"));
}

TEST_F(KitTest, EngineInfoIsSeenThroughTheAbi) {
  const SlEngineInfo& info = *table_.engine_info(engine_);
  ASSERT_EQ(info.input_count, 1);
  EXPECT_STREQ(info.inputs[0].name, "in");
  EXPECT_EQ(info.inputs[0].rank, 2);
  EXPECT_EQ(info.inputs[0].dims[0], -1);
  EXPECT_EQ(info.inputs[0].dims[1], 4);
  EXPECT_STREQ(info.precision_note, "as asked");
}

TEST_F(KitTest, RunReachesTheInstanceWithTheCallersMemory) {
  RunBody() = [&](Inputs inputs, Outputs outputs, SpanRecorder&) {
    EXPECT_EQ(inputs[0].data, in_.data());
    static_cast<float*>(outputs[0].data)[3] = 5;
    return Ok();
  };
  EXPECT_EQ(Run(), SL_OK) << error_.message;
  EXPECT_EQ(out_[3], 5);
}

TEST_F(KitTest, ExceptionsBecomeCodes) {
  RunBody() = [](Inputs, Outputs, SpanRecorder&) -> Status { throw std::bad_alloc(); };
  EXPECT_EQ(Run(), SL_RESOURCE_EXHAUSTED);
  EXPECT_THAT(error_.message, HasSubstr("out of memory"));
  RunBody() = [](Inputs, Outputs, SpanRecorder&) -> Status { throw std::runtime_error("boom"); };
  EXPECT_EQ(Run(), SL_INTERNAL);
  EXPECT_STREQ(error_.message, "boom");
  RunBody() = [](Inputs, Outputs, SpanRecorder&) -> Status { throw 7; };
  EXPECT_EQ(Run(), SL_INTERNAL);
  EXPECT_THAT(error_.message, HasSubstr("not a std::exception"));
}

TEST_F(KitTest, LongSentencesAreCutAndMarked) {
  RunBody() = [](Inputs, Outputs, SpanRecorder&) { return Internal(std::string(5000, 'x')); };
  EXPECT_EQ(Run(), SL_INTERNAL);
  EXPECT_EQ(std::strlen(error_.message), SL_ERROR_CAPACITY - 1u);
  EXPECT_THAT(error_.message, testing::EndsWith("x..."));
}

TEST_F(KitTest, NullArgumentsAreErrors) {
  run_.run_id = 1;
  EXPECT_EQ(table_.run(nullptr, &run_, &input_, 1, &output_, 1, nullptr, &error_), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "instance is null");
  EXPECT_EQ(table_.run(instance_, &run_, nullptr, 1, &output_, 1, nullptr, &error_), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "inputs is null but their count is 1");
  EXPECT_EQ(table_.run(instance_, &run_, &input_, -1, &output_, 1, nullptr, &error_), SL_INVALID_ARGUMENT);
  EXPECT_EQ(table_.run(instance_, nullptr, &input_, 1, &output_, 1, nullptr, &error_), SL_INVALID_ARGUMENT);
  EXPECT_THAT(error_.message, HasSubstr("options of the run are null"));
  EXPECT_EQ(table_.run_async(instance_, &run_, &input_, 1, &output_, 1, nullptr, nullptr, &error_),
            SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "done is null");
  EXPECT_EQ(table_.profile(instance_, &run_, &input_, 1, &output_, 1, nullptr, nullptr, &error_),
            SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "sink is null");
  EXPECT_EQ(table_.engine_info(nullptr), nullptr);
}

TEST_F(KitTest, RunIdsAreHeldToTheContract) {
  EXPECT_EQ(table_.run(instance_, &run_, &input_, 1, &output_, 1, nullptr, &error_), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "run_id is 0, which is the id of no run");
  EXPECT_EQ(Run(), SL_OK) << error_.message;
  EXPECT_EQ(table_.run(instance_, &run_, &input_, 1, &output_, 1, nullptr, &error_), SL_INVALID_ARGUMENT);
  EXPECT_THAT(error_.message, HasSubstr("run_id is 1; it must be larger"));
}

TEST_F(KitTest, InstancesKnowWhichTheyAreAndCoresNeedTheFeature) {
  EXPECT_EQ(TestEngine::index, 2);
  const int32_t core = 0;
  const SlInstanceOptions pinned{sizeof(SlInstanceOptions), 0, &core, 1};
  SlInstance* other = nullptr;
  EXPECT_EQ(table_.instance_create(engine_, &pinned, &other, &error_), SL_UNSUPPORTED);
  EXPECT_THAT(error_.message, HasSubstr("can't keep the threads of an instance on chosen cores"));
  EXPECT_EQ(table_.instance_create(engine_, nullptr, &other, &error_), SL_INVALID_ARGUMENT);
  EXPECT_EQ(other, nullptr);
}

TEST_F(KitTest, CancelHitsTheRunItNamesAndNoOther) {
  TestInstance::cancels = 0;
  RunBody() = [&](Inputs, Outputs, SpanRecorder&) {
    table_.cancel(instance_, run_.run_id + 7);
    EXPECT_EQ(TestInstance::cancels, 0);
    table_.cancel(instance_, run_.run_id);
    EXPECT_EQ(TestInstance::cancels, 1);
    return Ok();
  };
  EXPECT_EQ(Run(), SL_OK) << error_.message;  // it did not look
  RunBody() = [](Inputs, Outputs, SpanRecorder&) { return Ok(); };
  table_.cancel(instance_, run_.run_id);  // over
  EXPECT_EQ(Run(), SL_OK) << error_.message;
  run_.run_id = 7;
  EXPECT_EQ(Run(), SL_CANCELLED);  // 8, cancelled by the first run, before it began
  EXPECT_EQ(Run(), SL_OK) << error_.message;
  EXPECT_EQ(TestInstance::cancels, 1);
}

TEST_F(KitTest, OneRunAtATime) {
  RunBody() = [&](Inputs, Outputs, SpanRecorder&) {
    const SlRunOptions next{sizeof(SlRunOptions), run_.run_id + 1};
    SlError error{};
    EXPECT_EQ(table_.run(instance_, &next, &input_, 1, &output_, 1, nullptr, &error), SL_INVALID_ARGUMENT);
    EXPECT_THAT(error.message, HasSubstr("still in flight"));
    return Internal("on purpose");
  };
  EXPECT_EQ(Run(), SL_INTERNAL);
  RunBody() = [](Inputs, Outputs, SpanRecorder&) -> Status { throw 7; };
  EXPECT_EQ(Run(), SL_INTERNAL);
  EXPECT_STRNE(error_.message, "on purpose");  // neither a failure nor an exception leaves a run behind
}

TEST_F(KitTest, AuthorsWriteTheDimsTheDataDecides) {
  RunBody() = [](Inputs, Outputs outputs, SpanRecorder&) {
    outputs[0].dims[1] = 1;
    return Ok();
  };
  EXPECT_EQ(Run(), SL_OK) << error_.message;
  EXPECT_EQ(output_.dims[1], 1);
}

TEST_F(KitTest, WrongTensorsDoNotReachTheInstance) {
  RunBody() = [](Inputs, Outputs, SpanRecorder&) -> Status { return Internal("reached"); };
  input_.dims[1] = 5;
  EXPECT_EQ(Run(), SL_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "input 'in' has shape 2x5; the model takes ?x4");
}

TEST_F(KitTest, SpansAreKeptAsFarAsTheReportHasRoom) {
  RunBody() = [](Inputs, Outputs, SpanRecorder& spans) {
    for (int i = 0; i < SL_MAX_SPANS + 2; ++i) spans.Add(SL_SUB_STAGE_COMPUTE, i, i + 1);
    return Ok();
  };
  SlRunReport report{};
  report.struct_size = sizeof report;
  ASSERT_EQ(Run(&report), SL_OK);
  EXPECT_EQ(report.span_count, SL_MAX_SPANS);
  EXPECT_EQ(report.spans[7].begin_ns, 7);
  SlRunReport older{};
  older.struct_size = offsetof(SlRunReport, spans) + 2 * sizeof(SlSpan);
  ASSERT_EQ(Run(&older), SL_OK);
  EXPECT_EQ(older.span_count, 2);
  EXPECT_EQ(older.spans[2].end_ns, 0);
}

TEST_F(KitTest, ScopedSpanStampsItsScope) {
  SlRunReport report{};
  report.struct_size = sizeof report;
  SpanRecorder recorder(&report);
  const int64_t before = NowNs();
  {
    const ScopedSpan span(recorder, SL_SUB_STAGE_BIND);
  }
  const int64_t after = NowNs();
  ASSERT_EQ(report.span_count, 1);
  EXPECT_EQ(report.spans[0].sub_stage, SL_SUB_STAGE_BIND);
  EXPECT_LE(before, report.spans[0].begin_ns);
  EXPECT_LE(report.spans[0].begin_ns, report.spans[0].end_ns);
  EXPECT_LE(report.spans[0].end_ns, after);
}

struct Finished {
  int calls = 0;
  SlStatusCode status = SL_OK;
  std::string message;
  int32_t span_count = 0;
};

TEST_F(KitTest, AsyncRunsReportTheirEnd) {
  RunBody() = [](Inputs, Outputs, SpanRecorder& spans) {
    spans.Add(SL_SUB_STAGE_COMPUTE, 1, 2);
    return Cancelled();
  };
  Finished finished;
  const SlRunDone done = [](void* user, SlStatusCode status, const SlError* error,
                            const SlRunReport* report) {
    auto& end = *static_cast<Finished*>(user);
    end = {end.calls + 1, status, error->message, report->span_count};
  };
  run_.run_id = 1;
  ASSERT_EQ(table_.run_async(instance_, &run_, &input_, 1, &output_, 1, done, &finished, &error_), SL_OK);
  EXPECT_EQ(finished.calls, 1);
  EXPECT_EQ(finished.status, SL_CANCELLED);
  EXPECT_EQ(finished.message, "cancelled on request");
  EXPECT_EQ(finished.span_count, 1);
  EXPECT_EQ(Run(), SL_CANCELLED);  // the author's word again: the run before is over
}

TEST_F(KitTest, ARunThatCouldNotBeginIsNotInFlight) {
  RunBody() = nullptr;  // throws when called
  const SlRunDone done = [](void*, SlStatusCode, const SlError*, const SlRunReport*) { FAIL(); };
  run_.run_id = 1;
  EXPECT_EQ(table_.run_async(instance_, &run_, &input_, 1, &output_, 1, done, nullptr, &error_), SL_INTERNAL);
  RunBody() = [](Inputs, Outputs, SpanRecorder&) { return Ok(); };
  EXPECT_EQ(Run(), SL_OK) << error_.message;
}

TEST_F(KitTest, ProfileGivesLayersToTheSink) {
  std::vector<std::string> layers;
  const SlLayerSink sink = [](void* user, const SlLayerTime* layer) {
    static_cast<std::vector<std::string>*>(user)->push_back(Text(layer->name, " ", layer->type, " ",
                                                                 layer->duration_ns, " ", layer->begin_ns,
                                                                 " ", layer->call_count));
    EXPECT_EQ(layer->struct_size, sizeof *layer);
  };
  run_.run_id = 1;
  ASSERT_EQ(table_.profile(instance_, &run_, &input_, 1, &output_, 1, sink, &layers, &error_), SL_OK);
  EXPECT_THAT(layers, testing::ElementsAre("conv1 Conv 70 5 2", "relu1 Relu 7 0 0"));
}

TEST(DataTypeTest, NumbersAreFloatsOrWholeAndBooleansNeither) {
  for (const SlDataType type : {SL_F64, SL_F32, SL_F16, SL_BF16})
    EXPECT_TRUE(IsFloat(type) && !IsWhole(type));
  for (const SlDataType type : {SL_I64, SL_I32, SL_I8, SL_U8}) EXPECT_TRUE(IsWhole(type) && !IsFloat(type));
  EXPECT_FALSE(IsFloat(SL_BOOL) || IsWhole(SL_BOOL));
}

}  // namespace
}  // namespace sightline::kit
