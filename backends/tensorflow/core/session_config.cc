#include "backends/tensorflow/core/session_config.h"

#include "backends/tensorflow/core/wire.h"

namespace sightline::tensorflow {
namespace {

namespace config_proto {
constexpr uint32_t kDeviceCount = 1;
constexpr uint32_t kIntraOpParallelismThreads = 2;
constexpr uint32_t kInterOpParallelismThreads = 5;
constexpr uint32_t kGpuOptions = 6;
constexpr uint32_t kAllowSoftPlacement = 7;  // what has no kernel for the GPU runs on the CPU
constexpr uint32_t kUsePerSessionThreads = 9;
constexpr uint32_t kGraphOptions = 10;
}  // namespace config_proto

namespace gpu_options {
constexpr uint32_t kVisibleDeviceList = 5;
}  // namespace gpu_options

namespace graph_options {
constexpr uint32_t kOptimizerOptions = 3;
constexpr uint32_t kRewriteOptions = 10;
}  // namespace graph_options

namespace optimizer_options {
constexpr uint32_t kGlobalJitLevel = 5;
constexpr uint32_t kCpuGlobalJit = 7;  // without it XLA leaves CPU graphs alone, silently
constexpr uint64_t kJitOn2 = 2;
}  // namespace optimizer_options

namespace rewriter_config {
constexpr uint32_t kDisableMetaOptimizer = 19;
constexpr uint32_t kAutoMixedPrecisionOneDnnBfloat16 = 31;
constexpr uint64_t kOn = 1;
}  // namespace rewriter_config

namespace run_options {
constexpr uint32_t kTraceLevel = 1;
constexpr uint32_t kInterOpThreadPool = 3;
constexpr uint64_t kFullTrace = 3;
constexpr uint64_t kCallingThread = static_cast<uint64_t>(-1);
}  // namespace run_options

std::string GraphOptions(const SessionSettings& settings) {
  WireWriter options;
  if (settings.xla) {
    options.Bytes(graph_options::kOptimizerOptions,
                  WireWriter()
                      .Varint(optimizer_options::kGlobalJitLevel, optimizer_options::kJitOn2)
                      .Varint(optimizer_options::kCpuGlobalJit, 1)
                      .bytes());
  }
  WireWriter rewrite;
  if (!settings.grappler) rewrite.Varint(rewriter_config::kDisableMetaOptimizer, 1);
  if (settings.bf16) rewrite.Varint(rewriter_config::kAutoMixedPrecisionOneDnnBfloat16, rewriter_config::kOn);
  if (!rewrite.bytes().empty()) options.Bytes(graph_options::kRewriteOptions, rewrite.bytes());
  return options.bytes();
}

}  // namespace

std::string ConfigBytes(const SessionSettings& settings) {
  WireWriter config;
  if (settings.gpu < 0) {
    config.Bytes(config_proto::kDeviceCount, WireWriter().Bytes(1, "GPU").Varint(2, 0).bytes());
  } else {
    const std::string visible = std::to_string(settings.gpu);
    config.Bytes(config_proto::kGpuOptions,
                 WireWriter().Bytes(gpu_options::kVisibleDeviceList, visible).bytes());
    config.Varint(config_proto::kAllowSoftPlacement, 1);
  }
  if (settings.intra_threads > 0) {
    config.Varint(config_proto::kIntraOpParallelismThreads, static_cast<uint64_t>(settings.intra_threads));
  }
  if (settings.inter_threads > 0) {
    config.Varint(config_proto::kInterOpParallelismThreads, static_cast<uint64_t>(settings.inter_threads));
  }
  config.Varint(config_proto::kUsePerSessionThreads, 1);
  const std::string graph = GraphOptions(settings);
  if (!graph.empty()) config.Bytes(config_proto::kGraphOptions, graph);
  return config.bytes();
}

std::string RunOptionsBytes(const SessionSettings& settings, bool trace) {
  WireWriter options;
  if (trace) options.Varint(run_options::kTraceLevel, run_options::kFullTrace);
  if (settings.inter_threads == 1)
    options.Varint(run_options::kInterOpThreadPool, run_options::kCallingThread);
  return options.bytes();
}

}  // namespace sightline::tensorflow
