#include "tests/fakes/fake_backend.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <thread>

// The handles need no content of their own, but for the thread of an asynchronous run.
struct SlEngine {};
struct SlInstance {
  std::jthread worker;
};

namespace sightline::fakes {
namespace {

constexpr const char* kFormats[] = {".fake", "fake_folder"};
constexpr SlOptionInfo kOptions[] = {{"speed", "1..9", "1", "How fast."}};
constexpr SlDeviceInfo kDevices[] = {{"cpu", "CPU", -1}, {"fpga", "FPGA", 4096}};

// The status a test asked for, once.
SlStatusCode TakeStatus(SlError* error) {
  FakeState& fake = Fake();
  const SlStatusCode status = fake.next_status;
  if (status != SL_OK) std::snprintf(error->message, sizeof error->message, "%s", fake.next_message.c_str());
  fake.next_status = SL_OK;
  return status;
}

const SlBackendInfo* Info() {
  static SlBackendInfo info;
  info = {};
  info.struct_size = sizeof info;
  info.name = "fake";
  info.framework = "Fake";
  info.framework_version = "1.2.3";
  info.features = Fake().features;
  info.precisions = 1u << SL_F32 | 1u << SL_F16;
  info.layouts = 1u << SL_LAYOUT_NCHW;
  info.model_kinds = Fake().model_kinds;
  info.max_onnx_opset = Fake().max_onnx_opset;
  info.file_formats = kFormats;
  info.file_format_count = 2;
  info.options = kOptions;
  info.option_count = 1;
  info.devices = kDevices;
  info.device_count = 2;
  info.sanitizer = Fake().sanitizer.c_str();
  return &info;  // framework_build is left null, as a careless plugin would
}

SlStatusCode EngineCreate(const SlModel* model, const SlEngineOptions* options, SlEngine** engine,
                          SlError* error) {
  FakeState& fake = Fake();
  if (const SlStatusCode status = TakeStatus(error); status != SL_OK) return status;
  fake.model_kind = model->kind;
  fake.had_graph = model->graph != nullptr;
  fake.onnx_bytes = model->onnx_bytes;
  fake.path = model->path == nullptr ? "" : model->path;
  fake.device = options->device;
  fake.max_batch = options->max_batch;
  fake.options.clear();
  for (int i = 0; i < options->option_count; ++i)
    fake.options[options->options[i].key] = options->options[i].value;
  ++fake.engines;
  *engine = new SlEngine;
  return SL_OK;
}

const SlEngineInfo* EngineInfo(const SlEngine*) {
  static SlTensorInfo input = {"x", SL_F32, SL_LAYOUT_PLAIN, 2, {-1, 4}};
  static SlTensorInfo output = {"y", SL_F32, SL_LAYOUT_PLAIN, 2, {-1, 4}};
  static SlEngineInfo info;
  output.rank = Fake().output_rank;
  output.dims[1] = Fake().dynamic_output ? SL_DIM_DYNAMIC : 4;
  info = {sizeof info, &input, 1, &output, 1, SL_F32, "as asked", 3, 1, 11, 22, 33};
  return &info;
}

SlStatusCode Run(SlInstance*, const SlRunOptions* options, const SlTensor* inputs, int32_t, SlTensor* outputs,
                 int32_t, SlRunReport* report, SlError* error) {
  FakeState& fake = Fake();
  fake.last_run = options->run_id;
  if (fake.during_run) fake.during_run();
  if (const SlStatusCode status = TakeStatus(error); status != SL_OK) return status;
  const auto* x = static_cast<const float*>(inputs[0].data);
  auto* y = static_cast<float*>(outputs[0].data);
  const int64_t columns = fake.dynamic_output ? fake.output_columns : 4;
  for (int64_t i = 0; i < inputs[0].dims[0] * std::min<int64_t>(columns, 4); ++i) y[i] = 2 * x[i];
  outputs[0].dims[1] = columns;
  if (report != nullptr) report->spans[report->span_count++] = {SL_SUB_STAGE_COMPUTE, 1, 2};
  return SL_OK;
}

SlStatusCode RunAsync(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                      int32_t input_count, SlTensor* outputs, int32_t output_count, SlRunDone done,
                      void* user, SlError* error) {
  if (Fake().refuse_async) return std::snprintf(error->message, sizeof error->message, "no"), SL_UNAVAILABLE;
  const SlRunOptions own = *options;  // may go when this returns
  instance->worker = std::jthread([=] {
    SlError end{};
    SlRunReport report{sizeof report, 0, {}};
    const SlStatusCode status =
        Run(instance, &own, inputs, input_count, outputs, output_count, &report, &end);
    done(user, status, &end, &report);
  });
  return SL_OK;
}

SlStatusCode Profile(SlInstance* instance, const SlRunOptions* options, const SlTensor* inputs,
                     int32_t input_count, SlTensor* outputs, int32_t output_count, SlLayerSink sink,
                     void* user, SlError* error) {
  const SlStatusCode status =
      Run(instance, options, inputs, input_count, outputs, output_count, nullptr, error);
  const SlLayerTime layer = {sizeof layer, "double", nullptr, 5, 6, 7};
  if (status == SL_OK) sink(user, &layer);
  return status;
}

}  // namespace

FakeState& Fake() {
  static FakeState state;
  return state;
}

void ResetFake() {
  Fake() = FakeState{};
#if defined(__SANITIZE_ADDRESS__)
  Fake().sanitizer = "address";
#elif defined(__SANITIZE_THREAD__)
  Fake().sanitizer = "thread";
#endif
}

const SlBackend& FakeTable() {
  static const SlBackend table = [] {
    ResetFake();
    SlBackend t{};
    t.struct_size = sizeof t;
    t.abi_version = SL_ABI_VERSION;
    t.info = Info;
    t.engine_create = EngineCreate;
    t.engine_destroy = [](SlEngine* engine) {
      --Fake().engines;
      delete engine;
    };
    t.engine_info = EngineInfo;
    t.instance_create = [](SlEngine*, const SlInstanceOptions* options, SlInstance** instance,
                           SlError* error) {
      if (const SlStatusCode status = TakeStatus(error); status != SL_OK) return status;
      ++Fake().instances;
      Fake().instance_index = options->index;
      *instance = new SlInstance;
      return SL_OK;
    };
    t.instance_destroy = [](SlInstance* instance) {
      --Fake().instances;
      delete instance;
    };
    t.run = Run;
    t.run_async = RunAsync;
    t.cancel = [](SlInstance*, uint64_t run_id) {
      ++Fake().cancels;
      Fake().cancelled_run = run_id;
    };
    t.profile = Profile;
    return t;
  }();
  return table;
}

}  // namespace sightline::fakes
