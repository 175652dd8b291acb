// What a backend says of itself and of an engine, in std types; the *View classes keep the ABI's C structs
// alive over them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "include/sightline/backend_abi.h"

namespace sightline::kit {

// As SlTensorInfo: dims in memory order, with SL_DIM_BATCH and SL_DIM_DYNAMIC, at most SL_MAX_RANK of them.
struct TensorInfo {
  std::string name;
  SlDataType type = SL_F32;
  SlLayout layout = SL_LAYOUT_PLAIN;
  std::vector<int64_t> dims;
  float quantization_scale = 0;  // 0: not quantized
  int32_t quantization_zero_point = 0;

  // Whether any of its dimensions is SL_DIM_DYNAMIC.
  bool dynamic() const;
};

// The dims of a value of the network, or of a framework that writes any unknown size as -1: only in front
// that is the batch, elsewhere it becomes SL_DIM_DYNAMIC.
std::vector<int64_t> NamedDims(std::vector<int64_t> dims);

// One key=value option of an engine. What values it takes is `words`, else a whole number within `range`,
// else any text.
struct OptionInfo {
  struct Range {
    int64_t low = 0;
    int64_t high = 0;
  };
  std::string key;
  std::vector<std::string> words;
  std::optional<Range> range;
  std::string default_value;
  std::string help;  // one sentence

  std::string Values() const;  // for people: "on|off", "0..64", "text"
};

struct DeviceInfo {
  std::string id;    // "cpu"
  std::string name;  // for people
  int64_t memory_bytes = -1;
};

// As SlBackendInfo.
struct BackendInfo {
  std::string name;
  std::string framework;
  std::string framework_version;
  std::string framework_build;
  uint64_t features = 0;
  uint32_t precisions = 1u << SL_F32;
  uint32_t layouts = 0;
  uint32_t model_kinds = 0;
  int max_onnx_opset = 0;
  std::vector<std::string> file_formats;
  std::vector<std::string> rewrites;
  std::vector<OptionInfo> options;
  std::vector<DeviceInfo> devices = {{"cpu", "CPU", -1}};
};

// As SlEngineInfo.
struct EngineInfo {
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  SlDataType precision_run = SL_F32;
  std::string precision_note;
  int intra_threads = 0;  // 0: not known
  int inter_threads = 0;
  int64_t load_ns = 0;
  int64_t compile_ns = 0;
  int64_t framework_load_ns = 0;
};

// "address", "thread" or "": what this code was compiled with.
const char* SanitizerName();

// "fp32", "bf16", ...: as the host's command line says them.
const char* DataTypeName(SlDataType type);
size_t DataTypeBytes(SlDataType type);
bool IsFloat(SlDataType type);
bool IsWhole(SlDataType type);
// "1x3x224x224", open dimensions as "?".
std::string DimsText(const int64_t* dims, int rank);

// Owns an EngineInfo and the C struct that points into it. Neither copied nor moved, since `c` is handed out.
class EngineInfoView {
 public:
  explicit EngineInfoView(EngineInfo info);
  EngineInfoView(const EngineInfoView&) = delete;
  EngineInfoView& operator=(const EngineInfoView&) = delete;

  const EngineInfo& info() const { return info_; }
  const SlEngineInfo& c() const { return c_; }

 private:
  EngineInfo info_;
  std::vector<SlTensorInfo> inputs_;
  std::vector<SlTensorInfo> outputs_;
  SlEngineInfo c_{};
};

// The same for a BackendInfo.
class BackendInfoView {
 public:
  explicit BackendInfoView(BackendInfo info);
  BackendInfoView(const BackendInfoView&) = delete;
  BackendInfoView& operator=(const BackendInfoView&) = delete;

  const BackendInfo& info() const { return info_; }
  const SlBackendInfo& c() const { return c_; }

 private:
  BackendInfo info_;
  std::vector<std::string> option_values_;
  std::vector<SlOptionInfo> options_;
  std::vector<SlDeviceInfo> devices_;
  std::vector<const char*> file_formats_;
  std::vector<const char*> rewrites_;
  SlBackendInfo c_{};
};

}  // namespace sightline::kit
