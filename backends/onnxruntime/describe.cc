#include "backends/onnxruntime/describe.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline::onnxruntime {
namespace {

struct TypePair {
  SlDataType ours;
  ONNXTensorElementDataType theirs;
};
constexpr std::array<TypePair, 9> kTypes = {{{SL_F32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
                                             {SL_F16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
                                             {SL_BF16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16},
                                             {SL_I8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
                                             {SL_U8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
                                             {SL_I32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
                                             {SL_I64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
                                             {SL_F64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
                                             {SL_BOOL, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL}}};

enum class Side { kInput, kOutput };

// A tensor as the session says it. dims are -1 where open, `symbols` then name the size, "" for none.
struct Described {
  kit::TensorInfo info;
  std::vector<std::string> symbols;
};

kit::Result<std::string> NameOf(const OrtSession& session, Side side, size_t index) {
  OrtAllocator* allocator = nullptr;
  ORT_RETURN_IF_ERROR(Api().GetAllocatorWithDefaultOptions(&allocator));
  char* name = nullptr;
  ORT_RETURN_IF_ERROR(side == Side::kInput ? Api().SessionGetInputName(&session, index, allocator, &name)
                                           : Api().SessionGetOutputName(&session, index, allocator, &name));
  std::string copy = name;
  ORT_RETURN_IF_ERROR(Api().AllocatorFree(allocator, name));
  return copy;
}

kit::Status ReadShape(const OrtTensorTypeAndShapeInfo* shape, Described& tensor) {
  size_t rank = 0;
  ORT_RETURN_IF_ERROR(Api().GetDimensionsCount(shape, &rank));
  if (rank > SL_MAX_RANK) {
    return kit::Unsupported("'", tensor.info.name, "' has ", rank, " dimensions; at most ", SL_MAX_RANK,
                            " can be handed over");
  }
  tensor.info.dims.resize(rank);
  std::vector<const char*> symbols(rank, "");
  if (rank > 0) {
    ORT_RETURN_IF_ERROR(Api().GetDimensions(shape, tensor.info.dims.data(), rank));
    ORT_RETURN_IF_ERROR(Api().GetSymbolicDimensions(shape, symbols.data(), rank));
  }
  tensor.symbols.assign(symbols.begin(), symbols.end());
  return kit::Ok();
}

kit::Result<Described> ReadTensor(const OrtSession& session, Side side, size_t index) {
  Described tensor;
  KIT_ASSIGN_OR_RETURN(tensor.info.name, NameOf(session, side, index));
  OrtTypeInfo* made = nullptr;
  ORT_RETURN_IF_ERROR(side == Side::kInput ? Api().SessionGetInputTypeInfo(&session, index, &made)
                                           : Api().SessionGetOutputTypeInfo(&session, index, &made));
  const TypeInfoPtr type(made);
  const OrtTensorTypeAndShapeInfo* shape = nullptr;  // of `type`
  ORT_RETURN_IF_ERROR(Api().CastTypeInfoToTensorInfo(made, &shape));
  if (shape == nullptr) return kit::Unsupported("'", tensor.info.name, "' is no tensor");
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ORT_RETURN_IF_ERROR(Api().GetTensorElementType(shape, &element));
  const std::optional<SlDataType> known = FromOrt(element);
  if (!known) {
    return kit::Unsupported("'", tensor.info.name, "' has ONNX element type ", static_cast<int>(element),
                            ", which can't be handed over");
  }
  tensor.info.type = *known;
  KIT_RETURN_IF_ERROR(ReadShape(shape, tensor));
  return tensor;
}

kit::Result<std::vector<Described>> ReadSide(const OrtSession& session, Side side) {
  size_t count = 0;
  ORT_RETURN_IF_ERROR(side == Side::kInput ? Api().SessionGetInputCount(&session, &count)
                                           : Api().SessionGetOutputCount(&session, &count));
  std::vector<Described> tensors;
  for (size_t i = 0; i < count; ++i) {
    KIT_ASSIGN_OR_RETURN(Described tensor, ReadTensor(session, side, i));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

// Pictures are in NCHW, as ONNX has them, unless only the last dimension can be the channels of a picture.
SlLayout LayoutOf(const std::vector<int64_t>& dims) {
  if (dims.size() != 4) return SL_LAYOUT_PLAIN;
  const auto channels = [](int64_t dim) { return dim == 1 || dim == 3; };
  return channels(dims[3]) && !channels(dims[1]) ? SL_LAYOUT_NHWC : SL_LAYOUT_NCHW;
}

// An output's open first dimension is the batch only where it has the name of an input's.
void NameBatches(const std::vector<Described>& inputs, std::vector<Described>& outputs) {
  for (Described& output : outputs) {
    if (output.info.dims.empty() || output.info.dims[0] >= 0) continue;
    const bool batch =
        !output.symbols[0].empty() && std::any_of(inputs.begin(), inputs.end(), [&](const Described& input) {
          return !input.symbols.empty() && input.symbols[0] == output.symbols[0];
        });
    output.info.dims[0] = batch ? SL_DIM_BATCH : SL_DIM_DYNAMIC;
  }
}

// The graph's dims in place of the session's, value by value of the same name.
void TakeShapes(const std::vector<kit::GraphValue>& values, std::vector<kit::TensorInfo>& tensors) {
  for (kit::TensorInfo& tensor : tensors) {
    const auto value = std::find_if(values.begin(), values.end(),
                                    [&](const kit::GraphValue& one) { return tensor.name == one.name(); });
    if (value != values.end() && value->shape_known()) {
      tensor.dims = kit::NamedDims({value->dims().begin(), value->dims().end()});
    }
  }
}

std::vector<kit::TensorInfo> Infos(std::vector<Described> tensors) {
  std::vector<kit::TensorInfo> infos;
  for (Described& tensor : tensors) infos.push_back(std::move(tensor.info));
  return infos;
}

}  // namespace

std::optional<SlDataType> FromOrt(ONNXTensorElementDataType type) {
  const auto* const pair =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypePair& one) { return one.theirs == type; });
  if (pair == kTypes.end()) return std::nullopt;
  return pair->ours;
}

ONNXTensorElementDataType ToOrt(SlDataType type) {
  const auto* const pair =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypePair& one) { return one.ours == type; });
  return pair == kTypes.end() ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED : pair->theirs;
}

kit::Result<kit::EngineInfo> Describe(const OrtSession& session, const SlGraph* graph) {
  KIT_ASSIGN_OR_RETURN(std::vector<Described> inputs, ReadSide(session, Side::kInput));
  KIT_ASSIGN_OR_RETURN(std::vector<Described> outputs, ReadSide(session, Side::kOutput));
  NameBatches(inputs, outputs);
  kit::EngineInfo info;
  info.inputs = Infos(std::move(inputs));
  info.outputs = Infos(std::move(outputs));
  if (graph != nullptr) {
    const kit::GraphView view(*graph);
    TakeShapes(view.inputs(), info.inputs);
    TakeShapes(view.outputs(), info.outputs);
  }
  for (kit::TensorInfo& input : info.inputs) {
    input.layout = graph != nullptr && input.dims.size() == 4 ? SL_LAYOUT_NCHW : LayoutOf(input.dims);
  }
  return info;
}

}  // namespace sightline::onnxruntime
