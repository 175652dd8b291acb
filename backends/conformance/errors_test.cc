// Every backend refuses what is wrong with a code and one sentence, and goes on working.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "backends/conformance/harness.h"
#include "backends/conformance/test_network.h"

namespace sightline::conformance {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

// One line, not empty.
MATCHER(IsOneSentence, "") {
  const std::string text(arg);
  return text.size() > 10 && text.find('\n') == std::string::npos;
}

class Errors : public ConformanceTest {
 protected:
  Error EngineError(const network::Network& network, const backend::EngineOptions& options) {
    auto engine = backend_->CreateEngine({"conformance", &network, {}}, OnItsDevice(*quirks_, options));
    if (engine.ok()) return Error(ErrorKind::kInternal, "none: the engine was made");
    return engine.error();
  }
  // Of a run of TwoInputs with `change` done to its tensors.
  template <typename Change>
  Error RunError(Change change) {
    const auto engine = MakeEngine(TwoInputs().network);
    const auto instance = MakeInstance(*engine);
    std::vector<GuardedTensor> tensors;
    for (const TensorInfo& info : engine->info().inputs) tensors.emplace_back(info, 1);
    tensors.emplace_back(engine->info().outputs[0], 1);
    for (GuardedTensor& tensor : tensors)
      std::fill_n(tensor.view().f32(), tensor.view().shape.elements(), 0.5F);
    std::vector<TensorView> views = {tensors[0].view(), tensors[1].view(), tensors[2].view()};
    change(views);
    const Status status = instance->Run(std::span(views).first(2), std::span(views).subspan(2));
    RunAndCheck(*instance, engine->info(), TwoInputs(), *quirks_, 1, 9);  // it still works
    return status.ok() ? Error(ErrorKind::kInternal, "none: it ran") : status.error();
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, Errors, testing::ValuesIn(BuiltBackends()), TestName);

TEST_P(Errors, UnknownOptionKey) {
  backend::EngineOptions options;
  options.options["no_such_option"] = "1";
  const Error error = EngineError(Mixed().network, options);
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.message(), AllOf(IsOneSentence(), HasSubstr("no_such_option")));
}

TEST_P(Errors, UnknownDevice) {
  backend::EngineOptions options;
  options.device = "abacus:0";
  const Error error = EngineError(Mixed().network, options);
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_THAT(error.message(),
              AllOf(IsOneSentence(), HasSubstr("abacus:0"), HasSubstr(backend_->info().devices[0].id)));
}

TEST_P(Errors, PrecisionItDoesNotOffer) {
  for (int type = SL_F32; type <= SL_BOOL; ++type) {
    if ((backend_->info().precisions & (1u << type)) != 0) continue;
    backend::EngineOptions options;
    options.precision = static_cast<DataType>(type);
    const Error error = EngineError(Mixed().network, options);
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    EXPECT_THAT(error.message(),
                AllOf(IsOneSentence(), HasSubstr(DataTypeName(options.precision)), HasSubstr("fp32")));
  }
}

TEST_P(Errors, OperatorNobodyHas) {
  auto network = network::Network::FromModel(UnknownOperatorModel(), "odd");
  if (!network.ok()) {
    // The network room may refuse it for all backends, then it names both.
    EXPECT_THAT(network.error().message(), AllOf(HasSubstr("Frobnicate"), HasSubstr("odd_layer")));
    return;
  }
  const Error error = EngineError(*network, {});
  if (!quirks_->knows_operators) {
    EXPECT_THAT(error.message(), HasSubstr("none: the engine was made")) << quirks_->reason;
    return;
  }
  EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
  EXPECT_THAT(error.message(), AllOf(IsOneSentence(), HasSubstr("Frobnicate"), HasSubstr("odd_layer")));
}

TEST_P(Errors, FilesThatAreNoModels) {
  const fs::path folder = fs::path(testing::TempDir()) / ("sightline_garbage_" + GetParam().name);
  fs::create_directories(folder);
  for (const std::string& format : backend_->info().file_formats) {
    const fs::path file = format.starts_with('.') ? folder / ("garbage" + format) : folder;
    if (file != folder) std::ofstream(file) << "this is no model\n" << std::string(500, '\x7f');
    auto engine = backend_->CreateEngine({"garbage", nullptr, file}, {});
    ASSERT_FALSE(engine.ok()) << file;
    EXPECT_THAT(engine.error().message(), IsOneSentence());
  }
  auto missing = backend_->CreateEngine({"missing", nullptr, folder / "missing.pb"}, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message(), AllOf(IsOneSentence(), HasSubstr("missing.pb")));
  fs::remove_all(folder);
}

TEST_P(Errors, WrongShapes) {
  const auto expect = [&](const Error& error, const char* part) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
    EXPECT_THAT(error.message(), AllOf(IsOneSentence(), HasSubstr(part)));
  };
  expect(RunError([](auto& views) { views[0].shape[2] += 1; }), "left");
  expect(RunError([](auto& views) { views[1].shape.rank = 3; }), "right");
  expect(RunError([](auto& views) { views[2].shape[3] -= 1; }), "sum");
  expect(RunError([](auto& views) { views[0].shape[0] = 2; }), "batch");  // the engine was made for 1
  expect(RunError([](auto& views) { views[0].shape[0] = 0; }), "left");
}

TEST_P(Errors, WrongTypesAndNoMemory) {
  const Error type = RunError([](auto& views) { views[1].type = SL_U8; });
  EXPECT_EQ(type.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(type.message(), AllOf(IsOneSentence(), HasSubstr("right"), HasSubstr("uint8")));
  const Error memory = RunError([](auto& views) { views[2].data = nullptr; });
  EXPECT_EQ(memory.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(memory.message(), AllOf(IsOneSentence(), HasSubstr("sum")));
}

TEST_P(Errors, WrongLayout) {
  const Error error = RunError([](auto& views) {
    views[0].layout = views[0].layout == SL_LAYOUT_NHWC ? SL_LAYOUT_NCHW : SL_LAYOUT_NHWC;
  });
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("nhwc"), HasSubstr("nchw")));
}

// The table itself, as a host that makes mistakes would use it.
class RawTable : public testing::TestWithParam<backend::BackendEntry> {
 protected:
  void SetUp() override {
    void* library = dlopen(GetParam().library.c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    entry_ = reinterpret_cast<SlEntryPoint>(dlsym(library, SL_ENTRY_POINT));
    ASSERT_NE(entry_, nullptr);
    table_ = entry_(SL_ABI_VERSION, &error_);
    ASSERT_NE(table_, nullptr) << error_.message;
  }
  SlEngineOptions Options() const {
    SlEngineOptions options{};
    options.struct_size = sizeof options;
    options.device = table_->info()->devices[0].id;
    options.max_batch = 1;
    options.instance_count = 1;
    return options;
  }

  SlEntryPoint entry_ = nullptr;
  const SlBackend* table_ = nullptr;
  SlError error_{};
};
INSTANTIATE_TEST_SUITE_P(Backends, RawTable, testing::ValuesIn(BuiltBackends()), TestName);

TEST_P(RawTable, RefusesAHostOfAnotherVersion) {
  EXPECT_EQ(entry_(SL_ABI_VERSION + 1, &error_), nullptr);
  EXPECT_THAT(error_.message, AllOf(IsOneSentence(), HasSubstr("ABI")));
}

TEST_P(RawTable, GarbageInsteadOfOnnx) {
  const std::array<char, 64> garbage = {'n', 'o', ' ', 'm', 'o', 'd', 'e', 'l'};
  const SlGraph empty = {sizeof(SlGraph), "g", 10, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, 0};
  SlModel model{};
  model.struct_size = sizeof model;
  model.kind = SL_MODEL_ONNX;
  model.name = "garbage";
  model.onnx = garbage.data();
  model.onnx_bytes = garbage.size();
  model.graph = &empty;
  const SlEngineOptions options = Options();
  SlEngine* engine = nullptr;
  EXPECT_NE(table_->engine_create(&model, &options, &engine, &error_), SL_OK);
  EXPECT_EQ(engine, nullptr);
  EXPECT_THAT(error_.message, IsOneSentence());
}

TEST_P(RawTable, FunctionsAreThereForTheFeaturesDeclared) {
  const uint64_t features = table_->info()->features;
  EXPECT_EQ(table_->run_async != nullptr, (features & SL_FEATURE_ASYNC) != 0);
  EXPECT_EQ(table_->cancel != nullptr, (features & SL_FEATURE_CANCEL) != 0);
  EXPECT_EQ(table_->profile != nullptr, (features & SL_FEATURE_PROFILE) != 0);
  EXPECT_EQ(table_->buffer_create != nullptr, (features & SL_FEATURE_BUFFERS) != 0);
  EXPECT_EQ(table_->buffer_destroy != nullptr, (features & SL_FEATURE_BUFFERS) != 0);
}

TEST_P(RawTable, NullsAreErrors) {
  SlEngine* engine = nullptr;
  SlInstance* instance = nullptr;
  const SlEngineOptions options = Options();
  SlModel model{};
  model.struct_size = sizeof model;
  model.kind = SL_MODEL_GRAPH;  // with no graph
  EXPECT_NE(table_->engine_create(&model, &options, &engine, &error_), SL_OK);
  EXPECT_THAT(error_.message, IsOneSentence());
  EXPECT_EQ(table_->engine_create(nullptr, &options, &engine, &error_), SL_INVALID_ARGUMENT);
  EXPECT_EQ(table_->engine_create(&model, nullptr, &engine, &error_), SL_INVALID_ARGUMENT);
  const SlInstanceOptions first{sizeof first, 0, nullptr, 0};
  const SlRunOptions run{sizeof run, 1};
  EXPECT_EQ(table_->instance_create(nullptr, &first, &instance, &error_), SL_INVALID_ARGUMENT);
  EXPECT_EQ(table_->run(nullptr, &run, nullptr, 0, nullptr, 0, nullptr, &error_), SL_INVALID_ARGUMENT);
  table_->engine_destroy(nullptr);
  table_->instance_destroy(nullptr);
}

}  // namespace
}  // namespace sightline::conformance
