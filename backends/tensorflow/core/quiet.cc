#include "backends/tensorflow/core/quiet.h"

#include <cstdlib>

// absl::SetMinLogLevel(LogSeverityAtLeast) of the Abseil that the wheel brings and exports, under the name
// its release has there. Weak: in another release it is not there, and TensorFlow talks. TF_CPP_MIN_LOG_LEVEL
// does not reach messages that Abseil writes before somebody initializes its log, which nobody does.
extern "C" void SetAbseilMinLogLevel(int severity) __asm__(
    "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE") __attribute__((weak));

namespace sightline::tensorflow {

void Quiet() {
  constexpr int kFatal = 3;  // absl::LogSeverityAtLeast::kFatal
  if (std::getenv("TF_CPP_MAX_VLOG_LEVEL") != nullptr || SetAbseilMinLogLevel == nullptr) return;
  SetAbseilMinLogLevel(kFatal);
}

}  // namespace sightline::tensorflow
