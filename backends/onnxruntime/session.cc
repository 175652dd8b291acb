#include "backends/onnxruntime/session.h"

#include <span>
#include <string_view>
#include <utility>

#include "backends/kit/gpus.h"

namespace sightline::onnxruntime {
namespace {

GraphOptimizationLevel LevelOf(std::string_view optimization) {
  if (optimization == "off") return ORT_DISABLE_ALL;
  if (optimization == "basic") return ORT_ENABLE_BASIC;
  return optimization == "extended" ? ORT_ENABLE_EXTENDED : ORT_ENABLE_ALL;
}

kit::Status SetThreads(const SessionSettings& settings, OrtSessionOptions* options) {
  if (settings.intra_threads > 0) {
    ORT_RETURN_IF_ERROR(Api().SetIntraOpNumThreads(options, settings.intra_threads));
  }
  if (settings.inter_threads > 1) {
    ORT_RETURN_IF_ERROR(Api().SetSessionExecutionMode(options, ORT_PARALLEL));
    ORT_RETURN_IF_ERROR(Api().SetInterOpNumThreads(options, settings.inter_threads));
  }
  if (!settings.spinning) {
    for (const char* key : {"session.intra_op.allow_spinning", "session.inter_op.allow_spinning"}) {
      ORT_RETURN_IF_ERROR(Api().AddSessionConfigEntry(options, key, "0"));
    }
  }
  return kit::Ok();
}

// TF32 rounds what goes into matrix products to 10 bits of mantissa: not what fp32 is asked for. Libraries
// before 1.18 can't be told; PrecisionOf says so.
kit::Status AddCuda(int gpu, OrtSessionOptions* options) {
  OrtCUDAProviderOptionsV2* made = nullptr;
  ORT_RETURN_IF_ERROR(Api().CreateCUDAProviderOptions(&made));
  const std::unique_ptr<OrtCUDAProviderOptionsV2, Releaser<&OrtApi::ReleaseCUDAProviderOptions>> cuda(made);
  const std::string id = std::to_string(gpu);
  const char* const keys[] = {"device_id", "use_tf32"};
  const char* const values[] = {id.c_str(), "0"};
  const size_t count = TheLibrary().api_version >= 18 ? 2 : 1;
  ORT_RETURN_IF_ERROR(Api().UpdateCUDAProviderOptions(made, keys, values, count));
  return ToStatus(Api().SessionOptionsAppendExecutionProvider_CUDA_V2(options, made))
      .WithContext("ONNX Runtime can't use the GPU");
}

kit::Status AddTensorRt(const SessionSettings& settings, OrtSessionOptions* options) {
  OrtTensorRTProviderOptionsV2* made = nullptr;
  ORT_RETURN_IF_ERROR(Api().CreateTensorRTProviderOptions(&made));
  const std::unique_ptr<OrtTensorRTProviderOptionsV2, Releaser<&OrtApi::ReleaseTensorRTProviderOptions>>
      owner(made);
  const std::string id = std::to_string(settings.gpu);
  const char* const keys[] = {"device_id", "trt_fp16_enable", "trt_int8_enable"};
  const char* const values[] = {id.c_str(), settings.tensorrt == "fp16" ? "1" : "0",
                                settings.tensorrt == "int8" ? "1" : "0"};
  ORT_RETURN_IF_ERROR(Api().UpdateTensorRTProviderOptions(made, keys, values, std::size(keys)));
  return ToStatus(Api().SessionOptionsAppendExecutionProvider_TensorRT_V2(options, made))
      .WithContext("ONNX Runtime can't use TensorRT");
}

// What is added first is preferred; what none of them takes runs on the CPU.
kit::Status AddProviders(const SessionSettings& settings, OrtSessionOptions* options) {
  if (settings.gpu < 0) return kit::Ok();
  if (settings.tensorrt != "off") KIT_RETURN_IF_ERROR(AddTensorRt(settings, options));
  return AddCuda(settings.gpu, options);
}

// By its suffix, an .ort file or ONNX.
kit::Status SaveTo(const std::filesystem::path& file, OrtSessionOptions* options) {
  if (file.empty()) return kit::Ok();
  if (file.extension() == ".ort") {
    ORT_RETURN_IF_ERROR(Api().AddSessionConfigEntry(options, "session.save_model_format", "ORT"));
  }
  return ToStatus(Api().SetOptimizedModelFilePath(options, file.c_str()));
}

kit::Result<SessionOptionsPtr> MakeOptions(const SessionSettings& settings,
                                           const std::string& profile_prefix) {
  OrtSessionOptions* made = nullptr;
  ORT_RETURN_IF_ERROR(Api().CreateSessionOptions(&made));
  SessionOptionsPtr options(made);
  ORT_RETURN_IF_ERROR(Api().SetSessionGraphOptimizationLevel(made, LevelOf(settings.optimization)));
  KIT_RETURN_IF_ERROR(SetThreads(settings, made));
  KIT_RETURN_IF_ERROR(AddProviders(settings, made));
  KIT_RETURN_IF_ERROR(SaveTo(settings.save_to, made));
  if (!profile_prefix.empty()) ORT_RETURN_IF_ERROR(Api().EnableProfiling(made, profile_prefix.c_str()));
  return options;
}

kit::Result<SessionPtr> Open(std::span<const std::byte> onnx, const std::filesystem::path& path,
                             const SessionSettings& settings, const std::string& profile_prefix) {
  KIT_ASSIGN_OR_RETURN(const SessionOptionsPtr options, MakeOptions(settings, profile_prefix));
  OrtSession* made = nullptr;
  OrtEnv* const env = TheLibrary().env;
  if (onnx.empty()) {
    KIT_RETURN_IF_ERROR(ToStatus(Api().CreateSession(env, path.c_str(), options.get(), &made))
                            .WithContext(kit::Text("ONNX Runtime can't open ", path.string())));
  } else {
    ORT_RETURN_IF_ERROR(Api().CreateSessionFromArray(env, onnx.data(), onnx.size(), options.get(), &made));
  }
  return SessionPtr(made);
}

}  // namespace

kit::Result<SessionSettings> ReadSettings(const kit::EngineOptions& options) {
  SessionSettings settings;
  settings.intra_threads = options.intra_threads;
  settings.inter_threads = options.inter_threads == 0 ? 1 : options.inter_threads;
  settings.optimization = options.values.Word("optimization");
  settings.spinning = options.values.Word("spinning") == "on";
  settings.gpu = kit::GpuOf(options.device);
  settings.tensorrt = options.values.Word("tensorrt");
  settings.save_to = options.values.Word("save");
  if (settings.tensorrt == "off") return settings;
  if (settings.gpu < 0) {
    return kit::InvalidArgument("option tensorrt=", settings.tensorrt, " needs a GPU; device is ",
                                options.device);
  }
  if (!TheLibrary().HasProvider("TensorrtExecutionProvider")) {
    return kit::Unavailable("this ONNX Runtime was built without TensorRT; leave option tensorrt off");
  }
  return settings;
}

kit::Result<SessionPtr> OpenSession(const kit::Model& model, const SessionSettings& settings) {
  return Open(model.kind == SL_MODEL_ONNX ? model.onnx : std::span<const std::byte>(), model.path, settings,
              "");
}

kit::Result<SessionPtr> OpenSession(const ModelData& model, const SessionSettings& settings,
                                    const std::string& profile_prefix) {
  SessionSettings again = settings;
  again.save_to.clear();  // the first session has written it
  return Open(model.onnx, model.path, again, profile_prefix);
}

}  // namespace sightline::onnxruntime
