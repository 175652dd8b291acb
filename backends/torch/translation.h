// From an ONNX graph to TorchScript, one handler per operator. The handlers are grouped by kind, one file
// each
// (*_operators.cc); translate.cc joins their tables and walks the graph.
//
// PyTorch's tensors have ONNX's order of dimensions whatever lies in memory, so a translation needs no orders
// of its own: a picture that comes channels-last stays so as far as LibTorch's kernels keep it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kit/graph.h"
#include "backends/kit/onnx_nodes.h"
#include "backends/kit/status.h"
#include "backends/torch/fusion.h"
#include "backends/torch/program.h"

namespace sightline::torch_backend {

// How convolutions are written.
enum class ConvolutionForm {
  kNative,  // torch.conv2d, which optimize_for_inference knows
  kOneDnn,  // torch.mkldnn_convolution where oneDNN has it: always right, and never LibTorch's own slow loops
};

struct TranslationSettings {
  ConvolutionForm convolutions = ConvolutionForm::kNative;
  SlDataType floats = SL_F32;  // what 32-bit floats become: SL_F32, SL_BF16 or SL_F16
  bool channels_last = false;  // how pictures are taken
};

// What handlers share while one graph is built.
struct Translation {
  Translation(const kit::GraphView& source, const TranslationSettings& how)
      : graph(source), settings(how), uses(source) {}

  // The type a tensor of the graph has here.
  SlDataType TypeOf(SlDataType type) const { return type == SL_F32 ? settings.floats : type; }

  kit::GraphView graph;
  TranslationSettings settings;
  Uses uses;
  ProgramBuilder builder;
  std::map<int32_t, FusedConvolution> fused;  // by the index of the convolution's output
};

// Builds one node: reads its inputs from the builder and sets its outputs there. Errors name what is not
// possible; the walk puts the layer in front.
using Handler = kit::Status (*)(Translation& translation, const kit::GraphNode& node);

struct HandlerEntry {
  std::string_view op_type;
  Handler handler;
};

std::span<const HandlerEntry> ConvolutionHandlers();
std::span<const HandlerEntry> PoolingHandlers();
std::span<const HandlerEntry> NormalizationHandlers();
std::span<const HandlerEntry> ElementwiseHandlers();
std::span<const HandlerEntry> ActivationHandlers();
std::span<const HandlerEntry> ShapeHandlers();
std::span<const HandlerEntry> IndexingHandlers();
std::span<const HandlerEntry> MatrixHandlers();
std::span<const HandlerEntry> ReductionHandlers();
std::span<const HandlerEntry> ResizeHandlers();

// ---- What handlers have in common; kit/onnx_nodes.h has what does not build anything ----

// The builder's name of input `i`, which must be there.
std::string In(Translation& translation, const kit::GraphNode& node, int i = 0);
// An error unless input `i` is of a rank from `low` to `high`, with a known number of channels.
kit::Status NeedsImage(const kit::GraphNode& node, int low = 3, int high = 5);
// The number of attribute `name`, else of constant input `input` (of any numeric type), else std::nullopt.
kit::Result<std::optional<double>> NumberOf(const kit::GraphNode& node, std::string_view name, int input);
// `name` in the shape of `value`, of which one dimension may be open.
kit::Result<std::string> Reshaped(const std::string& name, const kit::GraphValue& value);
// [begin, end] pairs from the last axis to the first, as LibTorch wants them, of ONNX's list of all begins
// and then all ends. `axes` spatial axes, the last ones.
Dims PadsFromTheBack(const Dims& pads);

}  // namespace sightline::torch_backend
