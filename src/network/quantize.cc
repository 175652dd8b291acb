#include "src/network/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "onnx/version_converter/convert.h"
#include "src/base/check.h"
#include "src/network/fold_batch_norm.h"
#include "src/network/reader.h"
#include "src/network/rewrites.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

constexpr int kOpsetWithAxis = 13;

using Nodes = std::vector<onnx::NodeProto>;

Result<Draft> DraftOf(const Network& network) {
  return MakeDraft(std::make_unique<onnx::ModelProto>(network.model()), network.name());
}

Result<Network> ToNetwork(Draft draft) {
  auto model = std::make_unique<onnx::ModelProto>(std::move(draft.model));
  model->mutable_graph()->clear_value_info();  // inferred again
  for (const auto& [name, tensor] : draft.constants) *model->mutable_graph()->add_initializer() = *tensor;
  return Network::FromModel(std::move(model), draft.name);
}

bool IsOneOf(const std::string& op_type, std::initializer_list<const char*> types) {
  return std::find(types.begin(), types.end(), op_type) != types.end();
}

bool MultipliesByWeights(const onnx::NodeProto& node, const Draft& draft) {
  if (!IsOneOf(node.op_type(), {"Conv", "ConvTranspose", "Gemm", "MatMul"})) return false;
  const onnx::TensorProto* weights = draft.ConstantInput(node, 1);
  return weights != nullptr && weights->data_type() == onnx::TensorProto::FLOAT &&
         draft.ConstantInput(node, 0) == nullptr && weights->dims_size() >= 2;
}

// Whether it only picks or joins values of its inputs.
bool KeepsValues(const onnx::NodeProto& node) {
  return IsOneOf(node.op_type(), {"MaxPool", "Concat"}) && IsDefaultDomain(node);
}

// The inputs of `node` that are to be quantized.
std::vector<int> QuantizedInputs(const onnx::NodeProto& node, const Draft& draft) {
  if (!IsDefaultDomain(node)) return {};
  if (MultipliesByWeights(node, draft)) return {0};
  if (IsOneOf(node.op_type(), {"MaxPool", "AveragePool", "GlobalAveragePool"})) return {0};
  if (!IsOneOf(node.op_type(), {"Add", "Concat"})) return {};
  std::vector<int> inputs;
  for (int i = 0; i < node.input_size(); ++i) {
    if (draft.ConstantInput(node, i) != nullptr) return {};
    inputs.push_back(i);
  }
  return inputs;
}

// Along which dimension of the weights an output channel lies.
int ChannelAxis(const onnx::NodeProto& node, const onnx::TensorProto& weights) {
  if (node.op_type() == "Conv") return 0;
  if (node.op_type() == "ConvTranspose") return 1;
  if (node.op_type() == "Gemm") return IntAttribute(node, "transB", 0) != 0 ? 0 : 1;
  return weights.dims_size() - 1;
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Of a tensor that has been looked at before.
std::vector<float> MustReadFloats(const onnx::TensorProto& tensor) {
  auto values = ReadFloats(tensor);
  SIGHTLINE_CHECK(values.has_value());
  return *std::move(values);
}

// Calls visit(channel, element index) for every element of a row-major tensor.
template <typename Visit>
void ForEachElement(size_t count, const std::vector<int64_t>& dims, int axis, Visit visit) {
  size_t inner = 1;
  for (size_t d = static_cast<size_t>(axis) + 1; d < dims.size(); ++d) inner *= static_cast<size_t>(dims[d]);
  const auto channels = static_cast<size_t>(dims[static_cast<size_t>(axis)]);
  for (size_t begin = 0; begin < count; begin += inner) {
    const size_t channel = begin / inner % channels;
    for (size_t i = begin; i < begin + inner; ++i) visit(channel, i);
  }
}

struct QuantizedWeights {
  std::vector<int8_t> values;
  std::vector<float> scales;  // of each channel
};

QuantizedWeights QuantizeWeights(const std::vector<float>& weights, const std::vector<int64_t>& dims,
                                 int axis, float limit) {
  QuantizedWeights quantized;
  quantized.scales.resize(static_cast<size_t>(dims[static_cast<size_t>(axis)]));
  quantized.values.resize(weights.size());
  ForEachElement(weights.size(), dims, axis, [&](size_t channel, size_t i) {
    quantized.scales[channel] = std::max(quantized.scales[channel], std::abs(weights[i]));
  });
  for (float& scale : quantized.scales) scale = scale > 0 ? scale / limit : 1;
  ForEachElement(weights.size(), dims, axis, [&](size_t channel, size_t i) {
    const float steps = std::nearbyint(weights[i] / quantized.scales[channel]);
    quantized.values[i] = static_cast<int8_t>(std::clamp(steps, -limit, limit));
  });
  return quantized;
}

// Ranges of tensors that have to share one scale become the range that holds them all.
class SharedRanges {
 public:
  SharedRanges(const Draft& draft, const ValueRanges& ranges) : ranges_(ranges) {
    for (const onnx::NodeProto& node : draft.graph().node()) {
      if (!KeepsValues(node) || QuantizedInputs(node, draft).empty()) continue;
      for (const std::string& input : node.input()) Share(input, node.output(0));
    }
  }

  Result<ValueRange> Of(const std::string& tensor) const {
    std::optional<ValueRange> all;
    for (const auto& [name, range] : ranges_) {
      if (RootOf(name) != RootOf(tensor)) continue;
      if (!std::isfinite(range.low) || !std::isfinite(range.high)) return NotFinite(name);
      if (!all) all = range;
      all = {std::min(all->low, range.low), std::max(all->high, range.high)};
    }
    if (all) return *all;
    return Error(ErrorKind::kInvalidArgument,
                 fmt::format("no range is known of tensor '{}', which is to be quantized", tensor));
  }

 private:
  static Error NotFinite(const std::string& tensor) {
    return {ErrorKind::kInvalidArgument,
            fmt::format("tensor '{}' has values that are not finite, so it can't be quantized", tensor)};
  }
  std::string RootOf(std::string tensor) const {
    for (auto next = parent_.find(tensor); next != parent_.end(); next = parent_.find(tensor)) {
      tensor = next->second;
    }
    return tensor;
  }
  void Share(const std::string& a, const std::string& b) {
    const std::string root = RootOf(b);
    if (RootOf(a) != root) parent_[RootOf(a)] = root;
  }

  const ValueRanges& ranges_;
  std::map<std::string, std::string> parent_;
};

class Quantizer {
 public:
  Quantizer(Draft& draft, const ValueRanges& ranges, const QuantizeOptions& options)
      : draft_(draft), options_(options), ranges_(draft, ranges), rewriter_(draft) {}

  Status Run() {
    return rewriter_.ForEachNode([this](onnx::NodeProto node) -> Result<Nodes> {
      Nodes nodes;
      const bool multiplies = MultipliesByWeights(node, draft_) && IsDefaultDomain(node);
      for (const int input : QuantizedInputs(node, draft_)) {
        SIGHTLINE_ASSIGN_OR_RETURN(const Activation activation, Quantized(node.input(input), nodes));
        if (multiplies) QuantizeWeightsOf(node, activation.scale, nodes);
        node.set_input(input, activation.dequantized);
      }
      nodes.push_back(std::move(node));
      return nodes;
    });
  }

 private:
  struct Activation {
    std::string dequantized;
    float scale = 1;
  };

  std::string Scalar(const std::string& name, float value) {
    return rewriter_.NewConstant(MakeFloatTensor(name, {}, std::span(&value, 1)));
  }

  std::string ZeroPoint(const std::string& name, int value) {
    const int32_t type = options_.symmetric_activations ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8;
    return rewriter_.NewConstant(MakeTensor(name, type, {}, std::string(1, static_cast<char>(value))));
  }

  // One pair for each tensor, before the first node that reads it.
  Result<Activation> Quantized(const std::string& tensor, Nodes& nodes) {
    if (const auto done = activations_.find(tensor); done != activations_.end()) return done->second;
    SIGHTLINE_ASSIGN_OR_RETURN(const ValueRange range, ranges_.Of(tensor));
    const QuantizedRange mapped = MapRange(range, options_.symmetric_activations);
    const std::string scale = Scalar(tensor + "_scale", mapped.scale);
    const std::string zero = ZeroPoint(tensor + "_zero_point", mapped.zero_point);
    nodes.push_back(rewriter_.NewNode("QuantizeLinear", tensor + "_QuantizeLinear", {tensor, scale, zero}));
    nodes.push_back(rewriter_.NewNode("DequantizeLinear", tensor + "_DequantizeLinear",
                                      {nodes.back().output(0), scale, zero}));
    return activations_[tensor] = {nodes.back().output(0), mapped.scale};
  }

  void Dequantize(onnx::NodeProto& node, int input, const std::string& stored, const std::string& scales,
                  const std::string& zeros, int axis, Nodes& nodes) {
    std::vector<std::string> inputs = {stored, scales};
    if (!zeros.empty()) inputs.push_back(zeros);
    const std::string name = node.name() + (input == 1 ? "/weights" : "/bias") + "_DequantizeLinear";
    nodes.push_back(rewriter_.NewNode("DequantizeLinear", name, inputs));
    SetIntAttribute(nodes.back(), "axis", axis);
    node.set_input(input, nodes.back().output(0));
  }

  void QuantizeWeightsOf(onnx::NodeProto& node, float input_scale, Nodes& nodes) {
    const onnx::TensorProto& weights = *draft_.ConstantInput(node, 1);
    const std::vector<int64_t> dims = Dims(weights);
    const int axis = ChannelAxis(node, weights);
    const QuantizedWeights quantized =
        QuantizeWeights(MustReadFloats(weights), dims, axis, static_cast<float>(options_.weight_limit));
    const std::vector<int64_t> per_channel = {static_cast<int64_t>(quantized.scales.size())};
    const std::string base = node.name();
    const std::string stored = rewriter_.NewConstant(
        MakeTensor(base + "/weights_int8", onnx::TensorProto::INT8, dims, Bytes(quantized.values)));
    const std::string scales =
        rewriter_.NewConstant(MakeFloatTensor(base + "/weights_scale", per_channel, quantized.scales));
    const std::string zeros =
        rewriter_.NewConstant(MakeTensor(base + "/weights_zero_point", onnx::TensorProto::INT8, per_channel,
                                         std::string(quantized.scales.size(), '\0')));
    QuantizeBiasOf(node, input_scale, quantized.scales, nodes);
    Dequantize(node, 1, stored, scales, zeros, axis, nodes);
  }

  // A bias of another form than one number for each channel stays as it is, as does one that leaves int32.
  void QuantizeBiasOf(onnx::NodeProto& node, float input_scale, const std::vector<float>& weight_scales,
                      Nodes& nodes) {
    if (!options_.quantize_biases || !HasInput(node, 2)) return;
    const onnx::TensorProto* bias = draft_.ConstantInput(node, 2);
    if (bias == nullptr || bias->data_type() != onnx::TensorProto::FLOAT || bias->dims_size() != 1 ||
        static_cast<size_t>(bias->dims(0)) != weight_scales.size()) {
      return;
    }
    std::vector<float> scales;
    std::vector<int32_t> values;
    const std::vector<float> floats = MustReadFloats(*bias);
    for (size_t c = 0; c < floats.size(); ++c) {
      scales.push_back(input_scale * weight_scales[c]);
      const double steps = std::nearbyint(double{floats[c]} / scales.back());
      if (std::abs(steps) > std::numeric_limits<int32_t>::max()) return;
      values.push_back(static_cast<int32_t>(steps));
    }
    const std::string base = node.name();
    const std::string stored = rewriter_.NewConstant(
        MakeTensor(base + "/bias_int32", onnx::TensorProto::INT32, Dims(*bias), Bytes(values)));
    const std::string scale_name =
        rewriter_.NewConstant(MakeFloatTensor(base + "/bias_scale", Dims(*bias), scales));
    Dequantize(node, 2, stored, scale_name, "", 0, nodes);
  }

  Draft& draft_;
  const QuantizeOptions& options_;
  SharedRanges ranges_;
  Rewriter rewriter_;
  std::map<std::string, Activation> activations_;
};

// ONNX's own converter; what it can't convert it throws.
Result<Network> RaiseOpset(const Network& network) {
  try {
    return Network::FromModel(std::make_unique<onnx::ModelProto>(
                                  onnx::version_conversion::ConvertVersion(network.model(), kOpsetWithAxis)),
                              network.name());
  } catch (const std::exception& error) {
    return Error(
        ErrorKind::kUnsupported,
        fmt::format("model '{}' can't be brought from opset {} to {}, the first that can be quantized "
                    "per channel: {}",
                    network.name(), network.opset(), kOpsetWithAxis, error.what()));
  }
}

}  // namespace

QuantizedRange MapRange(const ValueRange& range, bool symmetric) {
  // Zero has to be exact: padding is made of it.
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  if (low == high) return {};
  if (symmetric) return {std::max(-low, high) / 127, 0};
  const float scale = (high - low) / 255;
  return {scale, static_cast<int>(std::nearbyint(-low / scale))};
}

Result<Network> ReadyToQuantize(const Network& network) {
  if (network.opset() < kOpsetWithAxis) {
    SIGHTLINE_ASSIGN_OR_RETURN(const Network raised, RaiseOpset(network));
    return ReadyToQuantize(raised);
  }
  SIGHTLINE_ASSIGN_OR_RETURN(Draft draft, DraftOf(network));
  FoldBatchNormalizations(draft);
  return ToNetwork(std::move(draft));
}

std::vector<std::string> TensorsToCalibrate(const Network& network) {
  const Result<Draft> draft = DraftOf(network);
  SIGHTLINE_CHECK(draft.ok());  // it was a network before
  std::vector<std::string> tensors;
  std::set<std::string> seen;
  for (const onnx::NodeProto& node : draft->graph().node()) {
    for (const int input : QuantizedInputs(node, *draft)) {
      if (seen.insert(node.input(input)).second) tensors.push_back(node.input(input));
    }
  }
  return tensors;
}

Result<Network> WithOutputs(const Network& network, const std::vector<std::string>& tensors) {
  auto model = std::make_unique<onnx::ModelProto>(network.model());
  onnx::GraphProto& graph = *model->mutable_graph();
  std::set<std::string> given;
  for (const auto& output : graph.output()) given.insert(output.name());
  for (const auto& input : graph.input()) given.insert(input.name());
  for (const std::string& tensor : tensors) {
    if (!given.insert(tensor).second) continue;
    const auto info = std::find_if(graph.value_info().begin(), graph.value_info().end(),
                                   [&](const auto& value) { return value.name() == tensor; });
    if (info == graph.value_info().end()) {
      return Error(ErrorKind::kNotFound,
                   fmt::format("model '{}' has no tensor '{}' inside", network.name(), tensor));
    }
    *graph.add_output() = *info;
  }
  return Network::FromModel(std::move(model), network.name());
}

Result<Network> Quantize(const Network& network, const ValueRanges& ranges, const QuantizeOptions& options) {
  SIGHTLINE_CHECK(network.opset() >= kOpsetWithAxis);
  SIGHTLINE_ASSIGN_OR_RETURN(Draft draft, DraftOf(network));
  if (const Status status = Quantizer(draft, ranges, options).Run(); !status.ok()) {
    return status.error().WithContext(fmt::format("model '{}'", network.name()));
  }
  return ToNetwork(std::move(draft));
}

}  // namespace sightline::network
