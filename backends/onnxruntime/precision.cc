#include "backends/onnxruntime/precision.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "backends/kit/graph.h"

namespace sightline::onnxruntime {
namespace {

constexpr std::array<std::string_view, 4> kHeavy = {"Conv", "ConvTranspose", "Gemm", "MatMul"};
constexpr std::array<std::string_view, 4> kIntegers = {"QLinearConv", "QLinearMatMul", "ConvInteger",
                                                       "MatMulInteger"};

template <size_t N>
bool IsOneOf(std::string_view type, const std::array<std::string_view, N>& types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// What the convolutions and matrix products of a graph are written in.
struct Arithmetic {
  bool integers = false;   // 8-bit operators
  bool quantized = false;  // QDQ: fp32 operators between DequantizeLinear and QuantizeLinear
  bool half = false;
  bool single = false;
  bool other = false;
};

Arithmetic ArithmeticOf(const kit::GraphView& graph) {
  Arithmetic found;
  for (int i = 0; i < graph.node_count(); ++i) {
    const kit::GraphNode node = graph.node(i);
    found.integers = found.integers || IsOneOf(node.op_type(), kIntegers);
    found.quantized = found.quantized || node.op_type() == "DequantizeLinear";
    if (!IsOneOf(node.op_type(), kHeavy) || !node.has_input(0)) continue;
    const SlDataType type = node.input(0).type();
    found.half = found.half || type == SL_F16;
    found.single = found.single || type == SL_F32;
    found.other = found.other || (type != SL_F16 && type != SL_F32);
  }
  return found;
}

// x86-64 has no fp16 arithmetic that ONNX Runtime's CPU provider uses.
constexpr bool kCpuHasHalf =
#if defined(__aarch64__)
    true;
#else
    false;
#endif

Precision OfHalf(const PrecisionFactors& factors) {
  if (factors.gpu || kCpuHasHalf) return {SL_F16, "the model's own element type is fp16"};
  return {SL_F32, "the model is fp16; on this CPU ONNX Runtime converts to fp32 and computes in that"};
}

Precision OfSingle(const PrecisionFactors& factors) {
  if (factors.tensorrt == "fp16") {
    return {SL_F16, "TensorRT may choose fp16 for a layer, or fp32 where that is faster"};
  }
  if (factors.tensorrt == "int8") {
    return {SL_F32, "TensorRT computes in int8 only what the model quantizes, which is nothing"};
  }
  if (factors.tf32_possible) {
    return {SL_F32, "this version of ONNX Runtime rounds to TF32 on GPUs that have it"};
  }
  return {SL_F32, "ONNX Runtime keeps fp32 unless it is told otherwise"};
}

Precision OfQuantized(const Arithmetic& found, const PrecisionFactors& factors) {
  if (found.integers) return {SL_I8, "the model has 8-bit operators"};
  const bool fuses = factors.gpu ? factors.tensorrt == "int8" : factors.fuses_quantization;
  if (!fuses) {
    return {SL_F32, factors.gpu
                        ? "only TensorRT (option tensorrt=int8) computes a quantized model in int8 on a GPU"
                        : "without the extended optimizations a quantized model is computed in fp32"};
  }
  return {SL_I8,
          "quantized model (QDQ): 8-bit where its convolutions and matrix products stand between "
          "DequantizeLinear and QuantizeLinear, fp32 elsewhere"};
}

}  // namespace

Precision PrecisionOf(const SlGraph* graph, const PrecisionFactors& factors) {
  if (graph == nullptr) {
    Precision precision = OfSingle(factors);
    precision.note += "; the element types inside this file are not known";
    return precision;
  }
  const Arithmetic found = ArithmeticOf(kit::GraphView(*graph));
  if (found.integers || found.quantized) return OfQuantized(found, factors);
  if (!found.half) return OfSingle(factors);
  Precision precision = OfHalf(factors);
  if (found.single || found.other) precision.note += "; mixed with other types";
  return precision;
}

}  // namespace sightline::onnxruntime
