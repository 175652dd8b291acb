#include "tests/fakes/scripted_backend.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>

#include "backends/kit/kit.h"

namespace sightline::testing {
namespace {

class ScriptedInstance final : public kit::Instance {
 public:
  kit::Status Run(kit::Inputs inputs, kit::Outputs outputs, kit::SpanRecorder&) override {
    Script& script = TheScript();
    const int run = script.runs++;
    const int64_t batch = inputs[0].dims[0];
    script.last_batch = batch;
    script.last_input = inputs[0].data;
    if (script.during_run) script.during_run();
    if (run == script.fail_at_run) return kit::Internal("scripted failure");
    if (!script.outputs.empty()) return GiveScripted(batch, outputs);
    const auto* pixels = static_cast<const float*>(inputs[0].data);
    auto* scores = static_cast<float*>(outputs[0].data);
    const int elements = 3 * script.input_side * script.input_side;
    for (int64_t i = 0; i < batch; ++i) {
      const float* picture = pixels + i * elements;
      float* out = scores + i * kScriptedClasses;
      out[0] = std::accumulate(picture, picture + elements, 0.0F) / static_cast<float>(elements);
      if (i == script.broken_position) out[0] = std::numeric_limits<float>::quiet_NaN();
      for (int c = 1; c < kScriptedClasses; ++c) out[c] = static_cast<float>(c);
    }
    return kit::Ok();
  }

 private:
  static kit::Status GiveScripted(int64_t batch, kit::Outputs outputs) {
    for (size_t o = 0; o < outputs.size(); ++o) {
      const std::vector<float>& values = TheScript().outputs[o].values;
      const std::vector<int64_t>& given = TheScript().outputs[o].given;
      std::copy(given.begin(), given.end(), outputs[o].dims);
      auto* out = static_cast<float*>(outputs[o].data);
      for (int64_t i = 0; i < batch; ++i) out = std::copy(values.begin(), values.end(), out);
    }
    return kit::Ok();
  }
};

class ScriptedEngine final : public kit::Engine {
 public:
  kit::EngineInfo Info() const override {
    const int64_t batch = TheScript().dynamic_batch ? SL_DIM_BATCH : max_batch;
    const int64_t side = TheScript().input_side;
    const int64_t scores = TheScript().dynamic_output ? SL_DIM_DYNAMIC : kScriptedClasses;
    kit::EngineInfo info;
    info.inputs = {{"input", SL_F32, SL_LAYOUT_NCHW, {batch, 3, side, side}}};
    info.outputs = {{"output", SL_F32, SL_LAYOUT_PLAIN, {batch, scores}}};
    if (TheScript().output_rank == 0) info.outputs[0].dims.clear();
    if (!TheScript().outputs.empty()) info.outputs.clear();
    for (const ScriptedOutput& output : TheScript().outputs) {
      std::vector<int64_t> dims = {batch};
      dims.insert(dims.end(), output.dims.begin(), output.dims.end());
      info.outputs.push_back({output.name, SL_F32, SL_LAYOUT_PLAIN, dims});
    }
    return info;
  }
  kit::Result<std::unique_ptr<kit::Instance>> CreateInstance(const kit::InstanceOptions&) override {
    return std::unique_ptr<kit::Instance>(std::make_unique<ScriptedInstance>());
  }
  int64_t max_batch = 1;
};

class Scripted final : public kit::Backend {
 public:
  kit::BackendInfo Info() const override {
    kit::BackendInfo info;
    info.name = "scripted";
    info.framework = "scripted";
    info.framework_version = "1";
    info.features = SL_FEATURE_DYNAMIC_BATCH;
    info.layouts = 1u << SL_LAYOUT_NCHW;
    info.model_kinds = SL_MODEL_FILE;
    info.file_formats = {".scripted"};
    return info;
  }
  kit::Result<std::unique_ptr<kit::Engine>> CreateEngine(const kit::Model&,
                                                         const kit::EngineOptions& options) override {
    auto engine = std::make_unique<ScriptedEngine>();
    engine->max_batch = options.max_batch;
    return std::unique_ptr<kit::Engine>(std::move(engine));
  }
};

}  // namespace

Script& TheScript() {
  static Script script;
  return script;
}

const SlBackend* ScriptedBackend() {
  SlError error{};
  return kit::PluginOf<Scripted>::Enter(SL_ABI_VERSION, &error);
}

}  // namespace sightline::testing
