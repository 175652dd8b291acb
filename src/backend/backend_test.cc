#include "src/backend/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "src/backend/abi_values.h"
#include "tests/fakes/fake_backend.h"

namespace sightline::backend {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

void SetTensor(onnx::ValueInfoProto& value, const char* name) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  type.mutable_shape()->add_dim()->set_dim_value(4);
}

// x -> Relu -> y, [N, 4].
network::Network ReluNetwork() {
  auto model = std::make_unique<onnx::ModelProto>();
  model->set_ir_version(7);
  model->add_opset_import()->set_version(10);
  onnx::GraphProto& graph = *model->mutable_graph();
  graph.set_name("relu");
  SetTensor(*graph.add_input(), "x");
  SetTensor(*graph.add_output(), "y");
  onnx::NodeProto& node = *graph.add_node();
  node.set_name("relu1");
  node.set_op_type("Relu");
  node.add_input("x");
  node.add_output("y");
  auto network = network::Network::FromModel(std::move(model), "relu");
  EXPECT_TRUE(network.ok()) << network.error().message();
  return std::move(network).value();
}

// A variable of the environment for the time of a test.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name); old != nullptr) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~ScopedEnvironment() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

class BackendTest : public testing::Test {
 protected:
  void SetUp() override {
    table_ = fakes::FakeTable();
    fakes::ResetFake();
  }
  std::shared_ptr<Backend> Load() {
    auto backend = Backend::FromTable(&table_);
    EXPECT_TRUE(backend.ok()) << backend.error().message();
    return backend.value();
  }
  std::string LoadError() { return Backend::FromTable(&table_).error().message(); }
  std::shared_ptr<Engine> MakeEngine() {
    auto engine = Load()->CreateEngine({"relu", &network_, {}}, {});
    EXPECT_TRUE(engine.ok()) << engine.error().message();
    return engine.value();
  }
  std::string EngineError(const ModelSource& model, const EngineOptions& options = {}) {
    return Load()->CreateEngine(model, options).error().message();
  }

  network::Network network_ = ReluNetwork();
  SlBackend table_{};
  fakes::FakeState& fake_ = fakes::Fake();
};

fs::path FakePlugin(const std::string& fault) {
  return fs::path(FAKE_PLUGIN_FOLDER) / ("libfake_plugin_" + fault + ".so");
}

TEST_F(BackendTest, InfoIsCopied) {
  const auto backend = Load();
  const BackendInfo& info = backend->info();
  EXPECT_EQ(info.name, "fake");
  EXPECT_EQ(info.framework_version, "1.2.3");
  EXPECT_EQ(info.framework_build, "");  // null in the plugin
  EXPECT_THAT(info.file_formats, ElementsAre(".fake", "fake_folder"));
  ASSERT_EQ(info.options.size(), 1u);
  EXPECT_EQ(info.options[0].values, "1..9");
  ASSERT_EQ(info.devices.size(), 2u);
  EXPECT_EQ(info.devices[1].memory_bytes, 4096);
}

TEST_F(BackendTest, FeaturesWithoutTheirFunctionAreNotThere) {
  table_.profile = nullptr;
  table_.run_async = nullptr;
  EXPECT_EQ(Load()->info().features, uint64_t{SL_FEATURE_DYNAMIC_BATCH | SL_FEATURE_CANCEL});
}

TEST_F(BackendTest, BrokenTablesAreRefused) {
  EXPECT_EQ(Backend::FromTable(nullptr).error().message(), "the backend's table is null");
  table_.run = nullptr;
  EXPECT_THAT(LoadError(), HasSubstr("lacks a function"));
  table_ = fakes::FakeTable();
  table_.struct_size = offsetof(SlBackend, run);
  EXPECT_THAT(LoadError(), HasSubstr("lacks a function"));
  table_ = fakes::FakeTable();
  table_.info = []() -> const SlBackendInfo* { return nullptr; };
  EXPECT_THAT(LoadError(), HasSubstr("info is null"));
}

TEST_F(BackendTest, SanitizersMustMatch) {
  fake_.sanitizer = fake_.sanitizer == "thread" ? "address" : "thread";
  EXPECT_THAT(LoadError(), HasSubstr("sanitizer and this program was not; build both alike"));
}

TEST_F(BackendTest, FaultyLibrariesAreRefusedWithASentence) {
  const auto error = [](const fs::path& library) { return Backend::LoadLibrary(library).error().message(); };
  EXPECT_THAT(error(FakePlugin("not_there")), EndsWith("can't be opened: No such file or directory"));
  EXPECT_THAT(error(FakePlugin("no_entry")),
              EndsWith("is not a Sightline backend: it has no symbol SightlineBackend"));
  EXPECT_THAT(error(FakePlugin("refuses")), EndsWith("can't be used: this processor has no abacus unit"));
  EXPECT_THAT(error(FakePlugin("refuses_silently")), EndsWith("can't be used: the plugin gave no reason"));
  EXPECT_THAT(error(FakePlugin("other_version")),
              HasSubstr("version 77 of the backend ABI and this program version 1"));
  EXPECT_THAT(error("CMakeLists.txt"), StartsWith("can't load backend"));
}

TEST_F(BackendTest, AnEarlierTableIsReadAsFarAsItGoes) {
  auto backend = Backend::LoadLibrary(FakePlugin("short_table"));
  ASSERT_TRUE(backend.ok()) << backend.error().message();
  EXPECT_EQ((*backend)->info().features & (SL_FEATURE_CANCEL | SL_FEATURE_PROFILE), 0u);
  auto engine = (*backend)->CreateEngine({"relu", &network_, {}}, {});
  ASSERT_TRUE(engine.ok()) << engine.error().message();
  auto instance = (*engine)->CreateInstance();
  ASSERT_TRUE(instance.ok());
  (*instance)->Cancel();  // no function behind it: does nothing
  EXPECT_THAT((*instance)->Profile({}, {}, nullptr).error().message(),
              EndsWith("can't give times per layer"));
}

TEST_F(BackendTest, LibrariesAreLoadedOnce) {
  auto first = Backend::LoadLibrary(FakePlugin("short_table"));
  auto second = Backend::LoadLibrary(fs::path(FAKE_PLUGIN_FOLDER) / "../fakes/libfake_plugin_short_table.so");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->get(), second->get());
}

TEST_F(BackendTest, FindBackendsListsTheKnownAndWhatLiesThere) {
  const fs::path folder = fs::path(testing::TempDir()) / "sightline_find_backends";
  fs::create_directories(folder);
  for (const char* file : {"libsightline_backend_opencv.so", "libsightline_backend_mine.so", "libother.so"}) {
    std::ofstream(folder / file) << "x";
  }
  const ScopedEnvironment path("SIGHTLINE_BACKEND_PATH", "/nowhere::" + folder.string());
  std::vector<std::string> names;
  for (const BackendEntry& entry : FindBackends()) {
    names.push_back(entry.name);
    EXPECT_EQ(entry.library.empty(), !entry.how_to_get.empty()) << entry.name;
  }
  EXPECT_EQ(FindBackends()[1].library, folder / "libsightline_backend_opencv.so");
  EXPECT_THAT(FindBackends()[5].how_to_get, HasSubstr("to CMake as TENSORRT_ROOT"));
  EXPECT_THAT(names, ElementsAre("tensorflow", "opencv", "openvino", "torch", "onnxruntime", "tensorrt",
                                 "litert", "ncnn", "null", "mine"));
  EXPECT_THAT(Backend::Load("mine").error().message(), StartsWith("can't load backend"));
  fs::remove_all(folder);
}

TEST_F(BackendTest, LoadSaysWhatIsMissingOrMeant) {
  const ScopedEnvironment path("SIGHTLINE_BACKEND_PATH", "/nowhere");
  EXPECT_THAT(Backend::Load("tensorrt").error().message(),
              StartsWith("backend tensorrt is not here: TensorRT with headers was not there when"));
  const Error misspelt = Backend::Load("tensorfow").error();
  EXPECT_EQ(misspelt.kind(), ErrorKind::kNotFound);
  EXPECT_THAT(misspelt.message(),
              StartsWith("there is no backend 'tensorfow'; known are: tensorflow, opencv"));
  EXPECT_THAT(misspelt.message(), EndsWith("did you mean 'tensorflow'?"));
}

TEST_F(BackendTest, NetworksGoAsGraphWhereTheBackendTakesIt) {
  MakeEngine();
  EXPECT_EQ(fake_.model_kind, SL_MODEL_GRAPH);
  EXPECT_TRUE(fake_.had_graph);
  EXPECT_EQ(fake_.onnx_bytes, 0u);
}

TEST_F(BackendTest, NetworksGoAsOnnxWithTheGraphBesideItElse) {
  fake_.model_kinds = SL_MODEL_ONNX;
  MakeEngine();
  EXPECT_EQ(fake_.model_kind, SL_MODEL_ONNX);
  EXPECT_TRUE(fake_.had_graph);
  EXPECT_GT(fake_.onnx_bytes, 0u);
}

TEST_F(BackendTest, NetworksTheBackendCanNotReadAreRefused) {
  fake_.model_kinds = SL_MODEL_FILE;
  EXPECT_EQ(EngineError({"relu", &network_, {}}),
            "model 'relu': backend fake can't open ONNX networks; it opens: .fake, fake_folder");
  fake_.model_kinds = SL_MODEL_ONNX;
  fake_.max_onnx_opset = 9;
  EXPECT_THAT(EngineError({"relu", &network_, {}}), HasSubstr("ONNX opset 10; backend fake reads up to 9"));
}

TEST_F(BackendTest, FilesAreHeldToTheFormatsOfTheBackend) {
  const fs::path folder = testing::TempDir();
  const fs::path right = folder / "sightline_model.fake";
  const fs::path wrong = folder / "sightline_model.other";
  std::ofstream(right) << "x";
  std::ofstream(wrong) << "x";
  auto engine = Load()->CreateEngine({"m", nullptr, right}, {});
  ASSERT_TRUE(engine.ok()) << engine.error().message();
  EXPECT_EQ(fake_.model_kind, SL_MODEL_FILE);
  EXPECT_EQ(fake_.path, right.string());
  EXPECT_TRUE(Load()->CreateEngine({"m", nullptr, folder}, {}).ok());  // it takes a kind of folder, too
  EXPECT_THAT(EngineError({"m", nullptr, wrong}), HasSubstr("besides ONNX it opens: .fake, fake_folder"));
  EXPECT_THAT(EngineError({"m", nullptr, folder / "none.fake"}), EndsWith("none.fake does not exist"));
  fake_.model_kinds = SL_MODEL_GRAPH;
  EXPECT_THAT(EngineError({"m", nullptr, right}), HasSubstr("opens no files of its own"));
  fs::remove(right);
  fs::remove(wrong);
}

TEST_F(BackendTest, OptionsAreHeldToWhatTheBackendOffers) {
  const ModelSource model{"relu", &network_, {}};
  EXPECT_EQ(EngineError(model, {.device = "cuda:0"}),
            "backend fake has no device 'cuda:0' here; it has: cpu, fpga");
  EXPECT_EQ(EngineError(model, {.precision = SL_BF16}),
            "backend fake can't compute in bf16; it offers: fp32, fp16");
  fake_.features = 0;
  EXPECT_EQ(EngineError(model, {.profile = true}), "backend fake can't give times per layer");
}

TEST_F(BackendTest, OptionsReachTheBackend) {
  EngineOptions options;
  options.device = "fpga";
  options.max_batch = 6;
  options.options = {{"speed", "3"}};
  ASSERT_TRUE(Load()->CreateEngine({"relu", &network_, {}}, options).ok());
  EXPECT_EQ(fake_.device, "fpga");
  EXPECT_EQ(fake_.max_batch, 6);
  EXPECT_EQ(fake_.options.at("speed"), "3");
}

TEST_F(BackendTest, EngineInfoIsCopied) {
  const auto engine = MakeEngine();
  const EngineInfo& info = engine->info();
  ASSERT_EQ(info.inputs.size(), 1u);
  EXPECT_EQ(info.inputs[0].name, "x");
  EXPECT_EQ(info.inputs[0].shape, (Shape{-1, 4}));
  EXPECT_EQ(info.precision_note, "as asked");
  EXPECT_EQ(info.intra_threads, 3);
  EXPECT_EQ(info.compile_ns, 22);
  EXPECT_EQ(info.framework_load_ns, 33);
}

TEST_F(BackendTest, NonsenseInEngineInfoIsAnError) {
  fake_.output_rank = SL_MAX_RANK + 1;
  EXPECT_THAT(EngineError({"relu", &network_, {}}),
              HasSubstr("describes output 0 with a type, layout or rank"));
  EXPECT_EQ(fake_.engines, 0);
}

TEST_F(BackendTest, CodesBecomeKindsWithContext) {
  fake_.next_status = SL_RESOURCE_EXHAUSTED;
  fake_.next_message = "too big";
  const Error error = Load()->CreateEngine({"relu", &network_, {}}, {}).error();
  EXPECT_EQ(error.kind(), ErrorKind::kResourceExhausted);
  EXPECT_EQ(error.message(), "backend fake, model 'relu': too big");
  const auto engine = MakeEngine();
  fake_.next_status = SL_UNAVAILABLE;
  fake_.next_message = "no more";
  EXPECT_EQ(engine->CreateInstance().error().message(), "backend fake, model 'relu': no more");
}

struct KindCase {
  SlStatusCode code;
  ErrorKind kind;
};
class CodeToKind : public testing::TestWithParam<KindCase> {};
TEST_P(CodeToKind, Maps) {
  EXPECT_EQ(ToError(GetParam().code, SlError{"x"}, "c").kind(), GetParam().kind);
}
INSTANTIATE_TEST_SUITE_P(All, CodeToKind,
                         testing::Values(KindCase{SL_INVALID_ARGUMENT, ErrorKind::kInvalidArgument},
                                         KindCase{SL_NOT_FOUND, ErrorKind::kNotFound},
                                         KindCase{SL_UNSUPPORTED, ErrorKind::kUnsupported},
                                         KindCase{SL_UNAVAILABLE, ErrorKind::kUnavailable},
                                         KindCase{SL_RESOURCE_EXHAUSTED, ErrorKind::kResourceExhausted},
                                         KindCase{SL_CANCELLED, ErrorKind::kCancelled},
                                         KindCase{SL_INTERNAL, ErrorKind::kInternal}));

// A running instance of the fake with tensors for it.
class RunTest : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    auto instance = MakeEngine()->CreateInstance();
    ASSERT_TRUE(instance.ok()) << instance.error().message();
    instance_ = std::move(instance).value();
    for (int i = 0; i < 8; ++i) x_.view().f32()[i] = static_cast<float>(i);
  }

  Status Run() { return instance_->Run({&x_.view(), 1}, {&y_.view(), 1}); }

  std::unique_ptr<Instance> instance_;
  Tensor x_{SL_F32, SL_LAYOUT_PLAIN, {2, 4}};
  Tensor y_{SL_F32, SL_LAYOUT_PLAIN, {2, 4}};
};

TEST_F(RunTest, ReadsAndWritesTheCallersMemory) {
  SlRunReport report;
  const Status status = instance_->Run({&x_.view(), 1}, {&y_.view(), 1}, &report);
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(y_.view().f32()[7], 14);
  EXPECT_EQ(report.struct_size, sizeof report);
  EXPECT_EQ(report.span_count, 1);
}

TEST_F(RunTest, ErrorsCarryContext) {
  fake_.next_status = SL_INTERNAL;
  const Status status = instance_->Run({&x_.view(), 1}, {&y_.view(), 1});
  EXPECT_EQ(status.error().message(), "backend fake, model 'relu': the plugin gave no reason");
}

TEST_F(RunTest, TensorsInANumberOrLayoutOfTheirOwnAreRefused) {
  EXPECT_EQ(instance_->Run({}, {&y_.view(), 1}).error().message(), "0 inputs were given; the model has 1");
  const std::vector<TensorView> many(kMaxTensors + 1, y_.view());
  EXPECT_EQ(instance_->Run({&x_.view(), 1}, many).error().message(),
            "17 outputs were given; the model has 1");
  AbiTensors tensors;
  const TensorView picture{nullptr, SL_F32, SL_LAYOUT_NHWC, {1, 2, 2, 3}};
  const TensorInfo wanted{"image", SL_F32, SL_LAYOUT_NCHW, {1, 3, 2, 2}};
  EXPECT_EQ(tensors.Set({&picture, 1}, {&wanted, 1}, "input").error().message(),
            "input 'image' is in layout nhwc; the engine takes nchw");
}

TEST_F(RunTest, ProfileReachesTheBackend) {
  std::vector<std::string> layers;
  const Status status = instance_->Profile({&x_.view(), 1}, {&y_.view(), 1}, [&](const LayerTime& layer) {
    layers.push_back(std::string(layer.name) + "/" + std::string(layer.type));
    EXPECT_EQ(layer.begin_ns, 6);
    EXPECT_EQ(layer.call_count, 7);
  });
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_THAT(layers, ElementsAre("double/"));
}

TEST_F(RunTest, EveryRunHasAnIdOfItsOwn) {
  const uint64_t first = instance_->next_run();
  EXPECT_GT(first, 0u);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(fake_.last_run, first);
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(fake_.last_run, first + 1);
  EXPECT_EQ(instance_->next_run(), first + 2);
}

TEST_F(RunTest, CancelNamesTheRun) {
  instance_->Cancel();  // no run is in progress
  EXPECT_EQ(fake_.cancels, 0);
  instance_->Cancel(5);
  EXPECT_EQ(fake_.cancelled_run, 5u);
  fake_.during_run = [this] { instance_->Cancel(); };
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(fake_.cancelled_run, fake_.last_run);
  EXPECT_EQ(fake_.cancels, 2);
}

TEST_F(RunTest, InstancesAreCounted) {
  EXPECT_EQ(fake_.instance_index, 0);
}

// The fake's "y" with columns the data decides, in room for four.
TEST_F(BackendTest, ShapesTheDataDecidesComeBack) {
  fake_.dynamic_output = true;
  const auto engine = MakeEngine();
  EXPECT_EQ(engine->info().outputs[0].shape, (Shape{SL_DIM_BATCH, SL_DIM_DYNAMIC}));
  auto instance = engine->CreateInstance();
  ASSERT_TRUE(instance.ok());
  const Tensor x(SL_F32, SL_LAYOUT_PLAIN, {2, 4});
  const Tensor y(SL_F32, SL_LAYOUT_PLAIN, {2, 4});
  Shape shape;
  const auto run = [&] { return (*instance)->Run({&x.view(), 1}, {&y.view(), 1}, nullptr, {&shape, 1}); };
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(shape, (Shape{2, 3}));
  fake_.output_columns = 0;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(shape, (Shape{2, 0}));
  fake_.output_columns = 5;
  EXPECT_THAT(run().error().message(), HasSubstr("says it wrote 2x5 as output 0, which does not fit"));
  EXPECT_THAT((*instance)->Run({&x.view(), 1}, {&y.view(), 1}).error().message(),
              HasSubstr("decided by the data; ask for the shapes written"));
}

// Ends of asynchronous runs, waited for.
class Ends {
 public:
  RunDone Take(int count = 1) {
    expected_ = count;
    return [this](const RunEnd& end) { Add(end); };
  }
  void Add(const RunEnd& end) {
    const std::lock_guard lock(mutex_);
    statuses.push_back(end.status.ok() ? "ok" : std::string(end.status.error().message()));
    for (const Shape& shape : end.shapes) shapes.push_back(shape.ToString());
    spans += end.report.span_count;
    thread = std::this_thread::get_id();
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return static_cast<int>(statuses.size()) >= expected_; });
  }

  std::vector<std::string> statuses;
  std::vector<std::string> shapes;
  int spans = 0;
  std::thread::id thread;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int expected_ = 1;
};

TEST_F(RunTest, AsyncRunsEndOnAnotherThread) {
  Ends ends;
  {
    std::vector<TensorView> inputs = {x_.view()};  // the views may go at once
    ASSERT_TRUE(instance_->RunAsync(inputs, {&y_.view(), 1}, ends.Take()).ok());
    inputs[0] = {};
  }
  ends.Wait();
  EXPECT_THAT(ends.statuses, ElementsAre("ok"));
  EXPECT_THAT(ends.shapes, ElementsAre("2x4"));
  EXPECT_EQ(ends.spans, 1);
  EXPECT_NE(ends.thread, std::this_thread::get_id());
  EXPECT_EQ(y_.view().f32()[7], 14);
}

TEST_F(RunTest, AsyncErrorsCarryContext) {
  Ends ends;
  fake_.next_status = SL_CANCELLED;
  fake_.next_message = "cancelled on request";
  ASSERT_TRUE(instance_->RunAsync({&x_.view(), 1}, {&y_.view(), 1}, ends.Take()).ok());
  ends.Wait();
  EXPECT_THAT(ends.statuses, ElementsAre("backend fake, model 'relu': cancelled on request"));
  EXPECT_TRUE(ends.shapes.empty());
}

TEST_F(RunTest, AnAsyncRunThatDoesNotBeginCallsNobody) {
  fake_.refuse_async = true;
  const RunDone never = [](const RunEnd&) { FAIL(); };
  EXPECT_EQ(instance_->RunAsync({&x_.view(), 1}, {&y_.view(), 1}, never).error().message(),
            "backend fake, model 'relu': no");
  EXPECT_TRUE(Run().ok());
  table_.run_async = nullptr;
  auto without = MakeEngine()->CreateInstance();
  ASSERT_TRUE(without.ok());
  EXPECT_THAT((*without)->RunAsync({&x_.view(), 1}, {&y_.view(), 1}, never).error().message(),
              EndsWith("can't run asynchronously"));
}

TEST_F(RunTest, OneRunAtATime) {
  Ends ends;
  std::promise<void> go;
  fake_.during_run = [gone = go.get_future().share()] { gone.wait(); };
  ASSERT_TRUE(instance_->RunAsync({&x_.view(), 1}, {&y_.view(), 1}, ends.Take()).ok());
  EXPECT_THAT(instance_->RunAsync({&x_.view(), 1}, {&y_.view(), 1}, ends.Take()).error().message(),
              EndsWith("still in progress"));
  go.set_value();
  ends.Wait();
  instance_.reset();  // waits for the callback to return
}

TEST_F(RunTest, AnInstanceKeepsItsEngineAlive) {
  EXPECT_EQ(fake_.engines, 1);
  EXPECT_EQ(fake_.instances, 1);
  ASSERT_TRUE(instance_->Run({&x_.view(), 1}, {&y_.view(), 1}).ok());
  instance_.reset();
  EXPECT_EQ(fake_.instances, 0);
  EXPECT_EQ(fake_.engines, 0);
}

}  // namespace
}  // namespace sightline::backend
