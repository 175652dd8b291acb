#include "src/network/cost.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "src/network/normalize.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Ints = std::vector<int64_t>;

struct ValueFacts {
  int32_t element_type = 0;
  std::optional<Ints> dims;  // an open batch counted as 1; std::nullopt when another dimension is not known
};

// Counts that leave int64 stay at its end: no network is that large, and a wrong sign would hide that.
int64_t Multiply(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

void AddTo(int64_t& sum, int64_t value) {
  if (__builtin_add_overflow(sum, value, &sum)) sum = INT64_MAX;
}

// Everything counting needs to know of values.
class Values {
 public:
  explicit Values(const Draft& draft) {
    Take(draft);
    if (BatchOf(draft)) return;
    // A dimension that is a multiple of the batch can't be written down in a graph whose batch is open. It
    // is a number in the same graph at batch 1.
    Draft one = draft;
    SetInputBatch(one, 1);
    if (HasUnknownDims() && Renormalize(one).ok()) Take(one);
  }

  ValueFacts Find(const std::string& name) const {
    const auto found = facts_.find(name);
    return found == facts_.end() ? ValueFacts{} : found->second;
  }

 private:
  void Take(const Draft& draft) {
    for (const auto* infos : {&draft.graph().input(), &draft.graph().output(), &draft.graph().value_info()}) {
      for (const onnx::ValueInfoProto& info : *infos) facts_[info.name()] = FromInfo(info);
    }
    for (const auto& [name, tensor] : draft.constants) facts_[name] = {tensor->data_type(), Dims(*tensor)};
  }

  bool HasUnknownDims() const {
    return std::any_of(facts_.begin(), facts_.end(), [](const auto& item) { return !item.second.dims; });
  }

  static ValueFacts FromInfo(const onnx::ValueInfoProto& info) {
    const auto& type = info.type().tensor_type();
    ValueFacts facts{type.elem_type(), std::nullopt};
    if (!type.has_shape()) return facts;
    Ints dims;
    for (const auto& dim : type.shape().dim()) {
      if (!dim.has_dim_value() && dim.dim_param() != kBatchSymbol) return facts;
      dims.push_back(dim.has_dim_value() ? dim.dim_value() : 1);
    }
    facts.dims = std::move(dims);
    return facts;
  }

  std::unordered_map<std::string, ValueFacts> facts_;
};

int64_t Elements(const ValueFacts& facts) {
  return facts.dims ? ElementCount(*facts.dims).value_or(0) : 0;
}

int64_t Bytes(const ValueFacts& facts) {
  return Multiply(Elements(facts), static_cast<int64_t>(ElementBytes(facts.element_type)));
}

std::string ShapeText(const ValueFacts& facts) {
  if (!facts.dims) return "?";
  std::string text;
  for (const int64_t dim : *facts.dims) text += (text.empty() ? "" : "x") + std::to_string(dim);
  return text;
}

// MACs per element of the result, or of the input for a transposed convolution.
enum class MacRule : uint8_t {
  kConv,           // every output element sums over a filter: weight dimensions but the first
  kConvTranspose,  // every input element is spread over a filter: weight dimensions but the first
  kGemm,           // sums over the inner dimension, which `transA` moves
  kMatMul,         // sums over the last dimension of the first operand
};

struct CountedOperator {
  std::string_view op_type;
  MacRule rule;
  int operand;  // index of the input whose shape gives the length of the sum
};

constexpr CountedOperator kCountedOperators[] = {
    {"Conv", MacRule::kConv, 1},
    {"ConvInteger", MacRule::kConv, 1},
    {"QLinearConv", MacRule::kConv, 3},
    {"ConvTranspose", MacRule::kConvTranspose, 1},
    {"Gemm", MacRule::kGemm, 0},
    {"MatMul", MacRule::kMatMul, 0},
    {"MatMulInteger", MacRule::kMatMul, 0},
    {"QLinearMatMul", MacRule::kMatMul, 0},
};

int64_t CountMacs(const onnx::NodeProto& node, const Values& values) {
  const auto* counted =
      std::find_if(std::begin(kCountedOperators), std::end(kCountedOperators),
                   [&node](const CountedOperator& op) { return op.op_type == node.op_type(); });
  if (counted == std::end(kCountedOperators) || !HasInput(node, counted->operand)) return 0;
  const ValueFacts operand = values.Find(node.input(counted->operand));
  if (!operand.dims || operand.dims->empty()) return 0;
  const int64_t results = Elements(values.Find(node.output(0)));
  const int64_t filter = ElementCount(std::span(*operand.dims).subspan(1)).value_or(0);
  switch (counted->rule) {
    case MacRule::kConv:
      return Multiply(results, filter);
    case MacRule::kConvTranspose:
      return Multiply(Elements(values.Find(node.input(0))), filter);
    case MacRule::kGemm:
      return Multiply(results,
                      IntAttribute(node, "transA", 0) != 0 ? operand.dims->front() : operand.dims->back());
    case MacRule::kMatMul:
      return Multiply(results, operand.dims->back());
  }
  return 0;
}

// Which inputs of an operator are trained. Other constants (batch-norm statistics, clip bounds, resize
// scales, a fixed mean and deviation in Sub and Div) are not.
struct TrainedInputs {
  std::string_view op_type;
  std::array<int, 3> inputs;  // -1: none
  int64_t fewest_elements = 1;
};

constexpr TrainedInputs kTrainedInputs[] = {
    {"Conv", {1, 2, -1}},
    {"ConvTranspose", {1, 2, -1}},
    {"Gemm", {0, 1, 2}},
    {"MatMul", {0, 1, -1}},
    {"BatchNormalization", {1, 2, -1}},
    {"InstanceNormalization", {1, 2, -1}},
    {"LayerNormalization", {1, 2, -1}},
    {"PRelu", {1, -1, -1}},
    {"LSTM", {1, 2, 3}},
    {"GRU", {1, 2, 3}},
    {"RNN", {1, 2, 3}},
    {"Gather", {0, -1, -1}},            // an embedding
    {"DequantizeLinear", {0, -1, -1}},  // quantized weights on their way into one of the above
    {"QLinearConv", {3, 8, -1}},
    {"ConvInteger", {1, -1, -1}},
    {"QLinearMatMul", {3, -1, -1}},
    {"MatMulInteger", {1, -1, -1}},
    // A bias or scale of its own; a single number is a fixed factor (as in hard swish).
    {"Add", {0, 1, -1}, 2},
    {"Mul", {0, 1, -1}, 2},
};

bool IsFloatingPoint(int32_t type) {
  return type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::DOUBLE ||
         type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16;
}

// Quantized operators train what they hold as integers.
bool CountsAsWeight(const onnx::NodeProto& node, const onnx::TensorProto& tensor) {
  const std::string& op = node.op_type();
  const bool quantized = op == "DequantizeLinear" || op.starts_with("QLinear") || op.ends_with("Integer");
  return quantized || IsFloatingPoint(tensor.data_type());
}

bool TrainsInput(const onnx::NodeProto& node, int input, const onnx::TensorProto& tensor) {
  return std::any_of(std::begin(kTrainedInputs), std::end(kTrainedInputs), [&](const TrainedInputs& trained) {
    return trained.op_type == node.op_type() && CountsAsWeight(node, tensor) &&
           ElementCount(tensor) >= trained.fewest_elements &&
           std::find(trained.inputs.begin(), trained.inputs.end(), input) != trained.inputs.end();
  });
}

// Who reads a value.
struct Read {
  const onnx::NodeProto* node;
  int input;
};

class Reads {
 public:
  explicit Reads(const Draft& draft) {
    for (const onnx::NodeProto& node : draft.graph().node()) {
      for (int i = 0; i < node.input_size(); ++i) reads_[node.input(i)].push_back({&node, i});
    }
  }

  // Whether a layer trains `tensor`, which `node` reads: itself, or through operators that hand on the same
  // numbers in another form. Weights stored in half precision reach their layer through a Cast.
  bool Train(const onnx::NodeProto& node, int input, const onnx::TensorProto& tensor) const {
    std::vector<Read> to_visit{{&node, input}};
    std::unordered_set<std::string> visited;
    while (!to_visit.empty()) {
      const Read read = to_visit.back();
      to_visit.pop_back();
      if (TrainsInput(*read.node, read.input, tensor)) return true;
      if (read.input != 0 || !HandsOn(*read.node) || !visited.insert(read.node->name()).second) continue;
      const auto next = reads_.find(read.node->output(0));
      if (next != reads_.end()) to_visit.insert(to_visit.end(), next->second.begin(), next->second.end());
    }
    return false;
  }

 private:
  static bool HandsOn(const onnx::NodeProto& node) {
    constexpr std::string_view kOperators[] = {"Cast",    "QuantizeLinear", "Identity", "Transpose",
                                               "Reshape", "Squeeze",        "Unsqueeze"};
    return HasOutput(node, 0) &&
           std::find(std::begin(kOperators), std::end(kOperators), node.op_type()) != std::end(kOperators);
  }

  std::unordered_map<std::string, std::vector<Read>> reads_;
};

LayerCost CountLayer(const onnx::NodeProto& node, const Draft& draft, const Values& values,
                     const Reads& reads, std::unordered_set<std::string>& counted_constants) {
  LayerCost cost;
  cost.name = node.name();
  cost.op_type = node.op_type();
  cost.output_shape = ShapeText(values.Find(node.output_size() > 0 ? node.output(0) : ""));
  cost.macs = IsDefaultDomain(node) ? CountMacs(node, values) : 0;
  for (int i = 0; i < node.input_size(); ++i) {
    if (!HasInput(node, i)) continue;
    const onnx::TensorProto* constant = draft.FindConstant(node.input(i));
    if (constant == nullptr) {
      AddTo(cost.input_bytes, Bytes(values.Find(node.input(i))));
    } else if (counted_constants.insert(node.input(i)).second) {  // shared weights count for the first reader
      cost.weight_bytes += static_cast<int64_t>(constant->raw_data().size());
      if (reads.Train(node, i, *constant)) cost.parameters += ElementCount(*constant);
    }
  }
  for (const std::string& output : node.output()) {
    if (!output.empty()) AddTo(cost.output_bytes, Bytes(values.Find(output)));
  }
  return cost;
}

}  // namespace

NetworkCost CountCost(const Draft& draft) {
  const Values values(draft);
  const Reads reads(draft);
  std::unordered_set<std::string> counted_constants;
  NetworkCost total;
  for (const onnx::NodeProto& node : draft.graph().node()) {
    LayerCost layer = CountLayer(node, draft, values, reads, counted_constants);
    AddTo(total.parameters, layer.parameters);
    AddTo(total.macs, layer.macs);
    AddTo(total.weight_bytes, layer.weight_bytes);
    AddTo(total.activation_bytes, layer.output_bytes);
    total.layers.push_back(std::move(layer));
  }
  return total;
}

}  // namespace sightline::network
