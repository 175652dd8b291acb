#include "src/backend/abi_values.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace sightline::backend {
namespace {

ErrorKind KindOf(SlStatusCode code) {
  switch (code) {
    case SL_INVALID_ARGUMENT:
      return ErrorKind::kInvalidArgument;
    case SL_NOT_FOUND:
      return ErrorKind::kNotFound;
    case SL_UNSUPPORTED:
      return ErrorKind::kUnsupported;
    case SL_UNAVAILABLE:
      return ErrorKind::kUnavailable;
    case SL_RESOURCE_EXHAUSTED:
      return ErrorKind::kResourceExhausted;
    case SL_CANCELLED:
      return ErrorKind::kCancelled;
    case SL_OK:
    case SL_INTERNAL:
      break;
  }
  return ErrorKind::kInternal;
}

std::string Copy(const char* text) {
  return text == nullptr ? "" : text;
}

std::vector<std::string> CopyAll(const char* const* texts, int32_t count) {
  std::vector<std::string> copies;
  for (int32_t i = 0; texts != nullptr && i < count; ++i) copies.push_back(Copy(texts[i]));
  return copies;
}

bool InRange(const SlTensorInfo& info) {
  return info.data_type >= SL_F32 && info.data_type <= SL_BOOL && info.layout >= SL_LAYOUT_PLAIN &&
         info.layout <= SL_LAYOUT_NHWC && info.rank >= 0 && info.rank <= SL_MAX_RANK;
}

bool DimsInRange(const SlTensorInfo& info) {
  for (int32_t i = 0; i < info.rank; ++i) {
    if (info.dims[i] < SL_DIM_DYNAMIC || (info.dims[i] == SL_DIM_BATCH && i > 0)) return false;
  }
  return true;
}

Result<std::vector<TensorInfo>> CopyTensorInfos(const SlTensorInfo* infos, int32_t count,
                                                std::string_view role) {
  if (count < 1 || count > static_cast<int32_t>(kMaxTensors) || infos == nullptr) {
    return Error(
        ErrorKind::kUnsupported,
        fmt::format("the model has {} {}s; this program runs models with 1 to {}", count, role, kMaxTensors));
  }
  std::vector<TensorInfo> copies;
  for (int32_t i = 0; i < count; ++i) {
    const SlTensorInfo& info = infos[i];
    if (!InRange(info)) {
      return Error(
          ErrorKind::kInternal,
          fmt::format("the plugin describes {} {} with a type, layout or rank that does not exist", role, i));
    }
    if (!DimsInRange(info)) {
      return Error(ErrorKind::kInternal,
                   fmt::format("the plugin describes {} {} with a dimension that means nothing", role, i));
    }
    TensorInfo copy{Copy(info.name), info.data_type, info.layout, {}};
    copy.shape.rank = info.rank;
    std::copy_n(info.dims, info.rank, copy.shape.dims.begin());
    copies.push_back(std::move(copy));
  }
  return copies;
}

// A picture in one order read as the other gives wrong results and no error; other layouts are one and the
// same.
bool LayoutsClash(Layout a, Layout b) {
  return a != b && a != SL_LAYOUT_PLAIN && b != SL_LAYOUT_PLAIN;
}

}  // namespace

Error ToError(SlStatusCode code, const SlError& error, std::string_view context) {
  const std::string_view message(error.message, strnlen(error.message, SL_ERROR_CAPACITY));
  return {KindOf(code),
          fmt::format("{}: {}", context, message.empty() ? "the plugin gave no reason" : message)};
}

Result<BackendInfo> ToBackendInfo(const SlBackendInfo* info) {
  if (info == nullptr) return Error(ErrorKind::kInternal, "the plugin says nothing of itself (info is null)");
  const SlBackendInfo from = ReadPrefix(*info);
  if (from.name == nullptr) return Error(ErrorKind::kInternal, "the plugin does not say its name");
  BackendInfo to;
  to.name = from.name;
  to.framework = Copy(from.framework);
  to.framework_version = Copy(from.framework_version);
  to.framework_build = Copy(from.framework_build);
  to.features = from.features;
  to.precisions = from.precisions;
  to.layouts = from.layouts;
  to.model_kinds = from.model_kinds;
  to.max_onnx_opset = from.max_onnx_opset;
  to.file_formats = CopyAll(from.file_formats, from.file_format_count);
  to.rewrites = CopyAll(from.rewrites, from.rewrite_count);
  for (int32_t i = 0; from.options != nullptr && i < from.option_count; ++i) {
    const SlOptionInfo& option = from.options[i];
    to.options.push_back(
        {Copy(option.key), Copy(option.values), Copy(option.default_value), Copy(option.help)});
  }
  for (int32_t i = 0; from.devices != nullptr && i < from.device_count; ++i) {
    const SlDeviceInfo& device = from.devices[i];
    to.devices.push_back({Copy(device.id), Copy(device.name), device.memory_bytes});
  }
  to.sanitizer = Copy(from.sanitizer);
  return to;
}

Result<EngineInfo> ToEngineInfo(const SlEngineInfo* info) {
  if (info == nullptr)
    return Error(ErrorKind::kInternal, "the plugin says nothing of the engine (engine_info is null)");
  const SlEngineInfo from = ReadPrefix(*info);
  EngineInfo to;
  SIGHTLINE_ASSIGN_OR_RETURN(to.inputs, CopyTensorInfos(from.inputs, from.input_count, "input"));
  SIGHTLINE_ASSIGN_OR_RETURN(to.outputs, CopyTensorInfos(from.outputs, from.output_count, "output"));
  if (from.precision_run < SL_F32 || from.precision_run > SL_BOOL) {
    return Error(ErrorKind::kInternal, "the plugin names a precision that does not exist");
  }
  to.precision_run = from.precision_run;
  to.precision_note = Copy(from.precision_note);
  to.intra_threads = from.intra_threads;
  to.inter_threads = from.inter_threads;
  to.load_ns = from.load_ns;
  to.compile_ns = from.compile_ns;
  to.framework_load_ns = from.framework_load_ns;
  return to;
}

Status AbiTensors::Set(std::span<const TensorView> views, std::span<const TensorInfo> infos,
                       std::string_view role) {
  if (views.size() != infos.size() || views.size() > kMaxTensors) {
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("{} {}s were given; the model has {}", views.size(), role, infos.size()));
  }
  for (size_t i = 0; i < views.size(); ++i) {
    const TensorView& view = views[i];
    if (LayoutsClash(view.layout, infos[i].layout)) {
      return Error(ErrorKind::kInvalidArgument,
                   fmt::format("{} '{}' is in layout {}; the engine takes {}", role, infos[i].name,
                               LayoutName(view.layout), LayoutName(infos[i].layout)));
    }
    SlTensor& tensor = tensors_[i];
    tensor = {};
    tensor.data = view.data;
    tensor.bytes = view.bytes();
    tensor.data_type = view.type;
    tensor.rank = view.shape.rank;
    std::copy(view.shape.dims.begin(), view.shape.dims.end(), tensor.dims);
  }
  count_ = static_cast<int32_t>(views.size());
  return OkStatus();
}

Status AbiTensors::ReadShapes(std::span<Shape> shapes) const {
  for (size_t i = 0; i < shapes.size(); ++i) {
    const SlTensor& tensor = tensors_[i];
    Shape& shape = shapes[i];
    shape = {};
    bool right = tensor.rank >= 0 && tensor.rank <= SL_MAX_RANK;
    shape.rank = right ? tensor.rank : 0;
    size_t bytes = DataTypeBytes(tensor.data_type);
    for (int d = 0; d < shape.rank; ++d) {
      shape[d] = tensor.dims[d];
      right &= shape[d] >= 0 && !__builtin_mul_overflow(bytes, static_cast<size_t>(shape[d]), &bytes);
    }
    if (!right || bytes > tensor.bytes) {
      return Error(ErrorKind::kInternal,
                   fmt::format("the plugin says it wrote {} as output {}, which does not fit its memory",
                               shape.ToString(), i));
    }
  }
  return OkStatus();
}

}  // namespace sightline::backend
