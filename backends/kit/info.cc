#include "backends/kit/info.h"

#include <algorithm>
#include <array>
#include <utility>

#include "backends/kit/status.h"

namespace sightline::kit {
namespace {

struct DataTypeFacts {
  const char* name;
  size_t bytes;
};
// In the order of SlDataType.
constexpr std::array<DataTypeFacts, 9> kDataTypes = {{{"fp32", 4},
                                                      {"fp16", 2},
                                                      {"bf16", 2},
                                                      {"int8", 1},
                                                      {"uint8", 1},
                                                      {"int32", 4},
                                                      {"int64", 8},
                                                      {"fp64", 8},
                                                      {"bool", 1}}};

const DataTypeFacts& Facts(SlDataType type) {
  static constexpr DataTypeFacts kUnknown = {"unknown type", 0};
  const auto index = static_cast<size_t>(type);
  return index < kDataTypes.size() ? kDataTypes[index] : kUnknown;
}

std::vector<SlTensorInfo> TensorViews(const std::vector<TensorInfo>& infos) {
  std::vector<SlTensorInfo> views;
  views.reserve(infos.size());
  for (const TensorInfo& info : infos) {
    SlTensorInfo view{};
    view.name = info.name.c_str();
    view.data_type = info.type;
    view.layout = info.layout;
    view.quantization_scale = info.quantization_scale;
    view.quantization_zero_point = info.quantization_zero_point;
    view.rank = static_cast<int32_t>(std::min<size_t>(info.dims.size(), SL_MAX_RANK));
    std::copy_n(info.dims.begin(), view.rank, view.dims);
    views.push_back(view);
  }
  return views;
}

std::vector<const char*> StringViews(const std::vector<std::string>& strings) {
  std::vector<const char*> views;
  views.reserve(strings.size());
  for (const std::string& string : strings) views.push_back(string.c_str());
  return views;
}

EngineInfo WithNamedDims(EngineInfo info) {
  for (auto* side : {&info.inputs, &info.outputs}) {
    for (TensorInfo& tensor : *side) tensor.dims = NamedDims(std::move(tensor.dims));
  }
  return info;
}

template <typename T>
int32_t Count(const std::vector<T>& items) {
  return static_cast<int32_t>(items.size());
}

}  // namespace

const char* SanitizerName() {
#if defined(__SANITIZE_ADDRESS__)
  return "address";
#elif defined(__SANITIZE_THREAD__)
  return "thread";
#else
  return "";
#endif
}

const char* DataTypeName(SlDataType type) {
  return Facts(type).name;
}
size_t DataTypeBytes(SlDataType type) {
  return Facts(type).bytes;
}

bool IsFloat(SlDataType type) {
  return type == SL_F32 || type == SL_F64 || type == SL_F16 || type == SL_BF16;
}

bool IsWhole(SlDataType type) {
  return type == SL_I8 || type == SL_U8 || type == SL_I32 || type == SL_I64;
}

std::string DimsText(const int64_t* dims, int rank) {
  std::string text;
  for (int i = 0; i < rank; ++i) {
    if (i > 0) text += 'x';
    text += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return text.empty() ? "scalar" : text;
}

bool TensorInfo::dynamic() const {
  return std::find(dims.begin(), dims.end(), SL_DIM_DYNAMIC) != dims.end();
}

std::vector<int64_t> NamedDims(std::vector<int64_t> dims) {
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0) dims[i] = i == 0 && dims[i] == SL_DIM_BATCH ? SL_DIM_BATCH : SL_DIM_DYNAMIC;
  }
  return dims;
}

std::string OptionInfo::Values() const {
  if (range) return Text(range->low, "..", range->high);
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "|") + word;
  return text.empty() ? "text" : text;
}

EngineInfoView::EngineInfoView(EngineInfo info)
    : info_(WithNamedDims(std::move(info))),
      inputs_(TensorViews(info_.inputs)),
      outputs_(TensorViews(info_.outputs)) {
  c_.struct_size = sizeof c_;
  c_.inputs = inputs_.data();
  c_.input_count = Count(inputs_);
  c_.outputs = outputs_.data();
  c_.output_count = Count(outputs_);
  c_.precision_run = info_.precision_run;
  c_.precision_note = info_.precision_note.c_str();
  c_.intra_threads = info_.intra_threads;
  c_.inter_threads = info_.inter_threads;
  c_.load_ns = info_.load_ns;
  c_.compile_ns = info_.compile_ns;
  c_.framework_load_ns = info_.framework_load_ns;
}

BackendInfoView::BackendInfoView(BackendInfo info)
    : info_(std::move(info)),
      file_formats_(StringViews(info_.file_formats)),
      rewrites_(StringViews(info_.rewrites)) {
  for (const OptionInfo& option : info_.options) option_values_.push_back(option.Values());
  for (size_t i = 0; i < info_.options.size(); ++i) {
    const OptionInfo& option = info_.options[i];
    options_.push_back(
        {option.key.c_str(), option_values_[i].c_str(), option.default_value.c_str(), option.help.c_str()});
  }
  for (const DeviceInfo& device : info_.devices) {
    devices_.push_back({device.id.c_str(), device.name.c_str(), device.memory_bytes});
  }
  c_.struct_size = sizeof c_;
  c_.name = info_.name.c_str();
  c_.framework = info_.framework.c_str();
  c_.framework_version = info_.framework_version.c_str();
  c_.framework_build = info_.framework_build.c_str();
  c_.features = info_.features;
  c_.precisions = info_.precisions;
  c_.layouts = info_.layouts;
  c_.model_kinds = info_.model_kinds;
  c_.max_onnx_opset = info_.max_onnx_opset;
  c_.file_formats = file_formats_.data();
  c_.file_format_count = Count(file_formats_);
  c_.rewrites = rewrites_.data();
  c_.rewrite_count = Count(rewrites_);
  c_.options = options_.data();
  c_.option_count = Count(options_);
  c_.devices = devices_.data();
  c_.device_count = Count(devices_);
  c_.sanitizer = SanitizerName();
}

}  // namespace sightline::kit
