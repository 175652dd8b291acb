// What TensorFlow reads from the environment, once per process: to be set before its first session, and the
// same for every engine after that.
#pragma once

#include <string>

#include "backends/kit/status.h"

namespace sightline::tensorflow {

// `onednn` is "auto" (TensorFlow's own choice, which depends on the CPU), "on" or "off". The first call
// decides; a later one that asks for another value gets an error. Also, unless the user has set the
// variables: TensorFlow says nothing but errors (TF_CPP_MIN_LOG_LEVEL), and every session gets its own
// intra-op threads (TF_OVERRIDE_GLOBAL_THREADPOOL; without it the first session's number holds for the whole
// process). Any thread.
kit::Status SettleProcess(const std::string& onednn);

// What is known of the environment, for BackendInfo: "TF_ENABLE_ONEDNN_OPTS=1".
std::string EnvironmentText();

// Whether oneDNN is switched off, by that option or by the environment. Any thread.
bool OneDnnIsOff(const std::string& onednn);

// An error when the environment lets oneDNN, or a GPU's libraries, compute fp32 in lower precision.
kit::Status CheckFloatMath(bool on_gpu);

}  // namespace sightline::tensorflow
