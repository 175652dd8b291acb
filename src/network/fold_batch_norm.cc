#include "src/network/fold_batch_norm.h"

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "src/network/rewrites.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Floats = std::vector<float>;

// Of constant input `index`; std::nullopt where it is none of fp32.
std::optional<Floats> ConstantFloats(const onnx::NodeProto& node, int index, const Draft& draft) {
  const onnx::TensorProto* tensor = draft.ConstantInput(node, index);
  return tensor == nullptr ? std::nullopt : ReadFloats(*tensor);
}

// y = factor * x + offset, per channel.
struct Affine {
  Floats factor;
  Floats offset;
};

float EpsilonOf(const onnx::NodeProto& norm) {
  const onnx::AttributeProto* epsilon = FindAttribute(norm, "epsilon");
  return epsilon == nullptr ? 1e-5F : epsilon->f();
}

std::optional<Affine> AffineOf(const onnx::NodeProto& norm, const Draft& draft) {
  if (IntAttribute(norm, "training_mode", 0) != 0 || norm.output_size() != 1) return std::nullopt;
  std::vector<Floats> parameters;  // scale, bias, mean, variance
  for (int i = 1; i <= 4; ++i) {
    std::optional<Floats> values = ConstantFloats(norm, i, draft);
    if (!values) return std::nullopt;
    parameters.push_back(std::move(*values));
  }
  Affine affine;
  for (size_t c = 0; c < parameters[0].size(); ++c) {
    const double factor = parameters[0][c] / std::sqrt(double{parameters[3][c]} + EpsilonOf(norm));
    affine.factor.push_back(static_cast<float>(factor));
    affine.offset.push_back(static_cast<float>(parameters[1][c] - parameters[2][c] * factor));
  }
  return affine;
}

// The convolution with `affine` behind it; std::nullopt where its weights are not constants of fp32.
std::optional<onnx::NodeProto> Folded(onnx::NodeProto conv, const Affine& affine, Rewriter& rewriter) {
  const Draft& draft = rewriter.draft();
  const onnx::TensorProto* weights = draft.ConstantInput(conv, 1);
  std::optional<Floats> w = ConstantFloats(conv, 1, draft);
  const size_t channels = affine.factor.size();
  Floats b(channels);
  if (HasInput(conv, 2)) {
    const std::optional<Floats> bias = ConstantFloats(conv, 2, draft);
    if (!bias || bias->size() != channels) return std::nullopt;
    b = *bias;
  }
  if (!w || channels == 0 || static_cast<size_t>(weights->dims(0)) != channels) return std::nullopt;
  const size_t filter = w->size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    for (float& value : std::span(*w).subspan(c * filter, filter)) value *= affine.factor[c];
    b[c] = b[c] * affine.factor[c] + affine.offset[c];
  }
  const std::vector<int64_t> bias_dims = {static_cast<int64_t>(channels)};
  const std::string w_name =
      rewriter.NewConstant(MakeFloatTensor(conv.name() + "/folded_weights", Dims(*weights), *w));
  const std::string b_name =
      rewriter.NewConstant(MakeFloatTensor(conv.name() + "/folded_bias", bias_dims, b));
  while (conv.input_size() < 3) conv.add_input("");
  conv.set_input(1, w_name);
  conv.set_input(2, b_name);
  return conv;
}

}  // namespace

void FoldBatchNormalizations(Draft& draft) {
  std::map<std::string, int> reads;  // of each value, outputs of the graph counted as one more
  for (const onnx::NodeProto& node : draft.graph().node()) {
    ForEachRead(node, [&](const std::string& value) { ++reads[value]; });
  }
  for (const auto& output : draft.graph().output()) ++reads[output.name()];

  Rewriter rewriter(draft);
  std::map<std::string, int> conv_of;  // output of a convolution -> its place among the nodes
  std::set<int> folded_away;
  auto& nodes = *draft.graph().mutable_node();
  for (int i = 0; i < nodes.size(); ++i) {
    if (!IsDefaultDomain(nodes[i])) continue;
    if (nodes[i].op_type() == "Conv") conv_of[nodes[i].output(0)] = i;
    if (nodes[i].op_type() != "BatchNormalization") continue;
    const auto conv = conv_of.find(nodes[i].input(0));
    const std::optional<Affine> affine = AffineOf(nodes[i], draft);
    if (conv == conv_of.end() || reads[conv->first] != 1 || !affine) continue;
    std::optional<onnx::NodeProto> folded = Folded(nodes[conv->second], *affine, rewriter);
    if (!folded) continue;
    folded->set_output(0, nodes[i].output(0));
    nodes[conv->second] = std::move(*folded);
    folded_away.insert(i);
  }
  int index = 0;
  FilterNodes(draft.graph(), [&](const onnx::NodeProto&) { return !folded_away.contains(index++); });
}

}  // namespace sightline::network
