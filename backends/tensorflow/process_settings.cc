#include "backends/tensorflow/process_settings.h"

#include <strings.h>

#include <cstdlib>
#include <mutex>
#include <string_view>

namespace sightline::tensorflow {
namespace {

constexpr int kKeepUsersOwn = 0;
constexpr int kOverride = 1;
constexpr const char* kTf32Switch = "NVIDIA_TF32_OVERRIDE";  // what cuBLAS and cuDNN read; no CPU does
constexpr const char* kOneDnnSwitch = "TF_ENABLE_ONEDNN_OPTS";

std::mutex settle_mutex;

}  // namespace

kit::Status SettleProcess(const std::string& onednn) {
  static std::string settled;
  const std::lock_guard lock(settle_mutex);
  if (settled == onednn) return kit::Ok();
  if (!settled.empty()) {
    return kit::InvalidArgument(
        "option onednn=", onednn, " comes too late: TensorFlow decides once per process, and ",
        "an engine before this one had onednn=", settled, "; load this model in a process of its own");
  }
  setenv("TF_CPP_MIN_LOG_LEVEL", "2", kKeepUsersOwn);
  setenv("TF_OVERRIDE_GLOBAL_THREADPOOL", "1", kKeepUsersOwn);
  setenv(kTf32Switch, "0", kKeepUsersOwn);
  if (onednn != "auto") setenv(kOneDnnSwitch, onednn == "on" ? "1" : "0", kOverride);
  settled = onednn;
  return kit::Ok();
}

// TensorFlow takes "0" and "false", in any case, for off.
bool OneDnnIsOff(const std::string& onednn) {
  if (onednn != "auto") return onednn == "off";
  const char* value = std::getenv(kOneDnnSwitch);
  return value != nullptr && (strcasecmp(value, "0") == 0 || strcasecmp(value, "false") == 0);
}

std::string EnvironmentText() {
  std::string text;
  for (const char* name :
       {kOneDnnSwitch, "TF_XLA_FLAGS", "TF_SET_ONEDNN_FPMATH_MODE", "ONEDNN_MAX_CPU_ISA"}) {
    const char* value = std::getenv(name);
    if (value != nullptr) text += kit::Text(text.empty() ? "" : " ", name, '=', value);
  }
  return text;
}

kit::Status CheckFloatMath(bool on_gpu) {
  for (const char* name : {"TF_SET_ONEDNN_FPMATH_MODE", "ONEDNN_DEFAULT_FPMATH_MODE"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0' || strcasecmp(value, "strict") == 0) continue;
    return kit::Unsupported("fp32 can't be promised while the environment variable ", name, " is '", value,
                            "', which lets oneDNN compute in lower precision; unset it");
  }
  const char* tf32 = std::getenv(kTf32Switch);
  if (on_gpu && tf32 != nullptr && std::string_view(tf32) != "0") {
    return kit::Unsupported("fp32 can't be promised while the environment variable ", kTf32Switch, " is '",
                            tf32, "', which lets the GPU compute in TF32; unset it");
  }
  return kit::Ok();
}

}  // namespace sightline::tensorflow
