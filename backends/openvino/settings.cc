#include "backends/openvino/settings.h"

#include <algorithm>
#include <openvino/runtime/properties.hpp>
#include <string>

#include "backends/openvino/types.h"

namespace sightline::openvino_backend {

std::vector<kit::OptionInfo> Options() {
  return {{"performance_hint",
           {"none", "latency", "throughput"},
           {},
           "none",
           "What OpenVINO sets its streams and threads for, where they are not set otherwise."},
          {"num_streams",
           {},
           kit::OptionInfo::Range{0, 1024},
           "0",
           "Runs that OpenVINO keeps side by side; 0: one per instance."},
          {"cpu_pinning",
           {"auto", "on", "off"},
           {},
           "auto",
           "Whether OpenVINO binds its threads to cores; auto leaves it to OpenVINO."},
          {"input_shape",
           {},
           {},
           "",
           "Files: shape of the one input that does not say it, without the batch, as HxWxC or CxHxW."}};
}

ov::AnyMap Properties(const kit::EngineOptions& options) {
  const int instances = std::max(options.instance_count, 1);
  ov::AnyMap properties;
  // int8 is what a quantized model says; whatever else is in it stays fp32.
  properties.emplace(ov::hint::inference_precision(
      options.precision == SL_I8 ? ov::element::Type(ov::element::f32) : ToOpenVino(options.precision)));
  properties.emplace(ov::enable_profiling(options.profile));
  const std::string& hint = options.values.Word("performance_hint");
  if (hint == "latency") properties.emplace(ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY));
  if (hint == "throughput") {
    properties.emplace(ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT));
    properties.emplace(ov::hint::num_requests(static_cast<uint32_t>(instances)));
  }
  // One compiled model with a stream for each instance: two compiled models would bind their threads to the
  // same cores.
  const auto streams = static_cast<int>(options.values.Number("num_streams"));
  if (streams > 0) properties.emplace(ov::num_streams(streams));
  if (streams == 0 && hint == "none") properties.emplace(ov::num_streams(instances));
  if (options.intra_threads > 0) {
    properties.emplace(
        ov::inference_num_threads(options.intra_threads * (streams > 0 ? streams : instances)));
  }
  const std::string& pinning = options.values.Word("cpu_pinning");
  if (pinning != "auto") properties.emplace(ov::hint::enable_cpu_pinning(pinning == "on"));
  return properties;
}

}  // namespace sightline::openvino_backend
