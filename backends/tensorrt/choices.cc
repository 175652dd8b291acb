#include "backends/tensorrt/choices.h"

#include <charconv>
#include <string_view>

#include "backends/kit/graph.h"
#include "backends/tensorrt/sha256.h"

namespace sightline::tensorrt {
namespace {

int GpuOf(std::string_view device) {
  constexpr std::string_view kCuda = "cuda:";
  int gpu = 0;
  if (device.starts_with(kCuda)) device.remove_prefix(kCuda.size());
  std::from_chars(device.data(), device.data() + device.size(), gpu);
  return gpu;
}

struct ModelTypes {
  bool quantizes = false;
  bool half = false;
};

ModelTypes TypesOf(const SlGraph* graph) {
  ModelTypes types;
  if (graph == nullptr) return types;
  const kit::GraphView view(*graph);
  for (int i = 0; i < view.node_count(); ++i) {
    const kit::GraphNode node = view.node(i);
    types.quantizes = types.quantizes || node.op_type() == "DequantizeLinear";
    const bool heavy = node.op_type() == "Conv" || node.op_type() == "Gemm" || node.op_type() == "MatMul";
    types.half = types.half || (heavy && node.has_input(0) && node.input(0).type() == SL_F16);
  }
  return types;
}

void SetPrecision(const ModelTypes& types, Choices& choices) {
  if (types.quantizes) {
    choices.precision_run = SL_I8;
    choices.precision_note =
        choices.fp16 ? "quantized model (QDQ) in int8, the rest in fp16 or fp32 as TensorRT chooses"
                     : "quantized model (QDQ) in int8, the rest in fp32";
  } else if (choices.fp16) {
    choices.precision_run = SL_F16;
    choices.precision_note = "TensorRT may choose fp16 for a layer, or fp32 where that is faster";
  } else if (types.half) {
    choices.precision_run = SL_F16;
    choices.precision_note = "the model's own element type is fp16";
  } else {
    choices.precision_note = "fp32; rounding to TF32 is turned off";
  }
}

}  // namespace

std::vector<kit::OptionInfo> Options() {
  return {
      {"cache", {}, {}, "", "Folder that keeps built engines and timings; without it every start builds."},
      {"cuda_graph", {"on", "off"}, {}, "off", "Run the network as one CUDA graph per batch size."},
      {"optimization", {}, kit::OptionInfo::Range{0, 5}, "3", "How long the builder looks for fast kernels."},
      {"workspace_mb",
       {},
       kit::OptionInfo::Range{0, 1 << 20},
       "0",
       "Memory a layer may use while it runs, in MiB; 0 leaves it to TensorRT."}};
}

uint32_t Precisions(const Version& version) {
  return 1u << SL_F32 | (HasPrecisionFlags(version) ? 1u << SL_F16 : 0u);
}

Choices Choose(const kit::EngineOptions& options, const SlGraph* graph, const Version& version) {
  const ModelTypes types = TypesOf(graph);
  Choices choices;
  choices.gpu = GpuOf(options.device);
  choices.fp16 = HasPrecisionFlags(version) && (options.precision == SL_F16 || types.half);
  choices.int8 = HasPrecisionFlags(version) && types.quantizes;
  choices.cuda_graph = options.values.Word("cuda_graph") == "on";
  choices.optimization = static_cast<int>(options.values.Number("optimization"));
  choices.workspace_mb = static_cast<int>(options.values.Number("workspace_mb"));
  choices.max_batch = options.max_batch;
  choices.profile = options.profile;
  choices.cache = options.values.Word("cache");
  SetPrecision(types, choices);
  return choices;
}

Facts FactsOf(const Choices& choices, std::span<const std::byte> onnx) {
  return {{"model", Sha256(onnx)},
          {"batch", kit::Text("1..", choices.max_batch)},
          {"fp16", choices.fp16 ? "on" : "off"},
          {"int8", choices.int8 ? "on" : "off"},
          {"tf32", "off"},
          {"optimization", kit::Text(choices.optimization)},
          {"workspace_mb", kit::Text(choices.workspace_mb)},
          {"layer_names", choices.profile ? "kept" : "as TensorRT likes"}};
}

}  // namespace sightline::tensorrt
