#include "src/network/reshape.h"

#include <algorithm>
#include <utility>

#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

// a / b where that is a whole dimension again.
Dim Quotient(const Dim& a, const Dim& b) {
  if (a.kind == Dim::Kind::kUnknown || b.kind == Dim::Kind::kUnknown || b.value == 0 ||
      a.value % b.value != 0)
    return {};
  if (b.per_batch() && !a.per_batch()) return {};
  const bool per_batch = a.per_batch() && !b.per_batch();
  return {per_batch ? Dim::Kind::kPerBatch : Dim::Kind::kKnown, a.value / b.value};
}

Dim ToDim(const Element& e) {
  if (e.known()) return {Dim::Kind::kKnown, e.integer};
  if (e.per_batch()) return {Dim::Kind::kPerBatch, e.integer};
  return {};
}

// What `target` makes of `input`, as dimensions; std::nullopt when the target is malformed.
std::optional<std::vector<Dim>> OutputDims(const std::vector<Dim>& input, const SmallTensor& target) {
  std::vector<Dim> output;
  std::vector<Dim> others;
  std::optional<size_t> open;
  for (size_t i = 0; i < target.elements.size(); ++i) {
    Dim dim = ToDim(target.elements[i]);
    if (dim.known() && dim.value == 0) {
      if (i >= input.size()) return std::nullopt;
      dim = input[i];
    }
    if (dim.known() && dim.value == -1) {
      if (open) return std::nullopt;
      open = i;
    } else {
      others.push_back(dim);
    }
    output.push_back(dim);
  }
  if (open) output[*open] = Quotient(Product(input), Product(others));
  return output;
}

bool DependsOnBatch(const std::vector<Dim>& dims) {
  return std::any_of(dims.begin(), dims.end(), [](const Dim& dim) { return dim.per_batch(); });
}

}  // namespace

std::optional<std::vector<int64_t>> ReshapeTarget(const std::vector<Dim>& input,
                                                  const std::vector<Dim>& output) {
  std::vector<int64_t> target;
  int open = 0;
  for (size_t i = 0; i < output.size(); ++i) {
    if (output[i].known()) {
      target.push_back(output[i].value);
    } else if (output[i].per_batch() && i < input.size() && input[i] == output[i]) {
      target.push_back(0);
    } else {
      target.push_back(-1);
      ++open;
    }
  }
  if (open > 1) return std::nullopt;
  return target;
}

void SetShapeOperand(onnx::NodeProto& node, const std::vector<int64_t>& values, Draft& draft,
                     std::unordered_set<std::string>& names) {
  const onnx::TensorProto* present = draft.ConstantInput(node, 1);
  if (present != nullptr && ReadInts(*present) == values) return;
  const std::string name = UniqueName(node.name() + "_shape", names);
  draft.AddConstant(MakeIntTensor(name, values));
  node.set_input(1, name);
}

void MakeTargetConstant(onnx::NodeProto& node, Draft& draft, const ShapeInference& shapes,
                        const KnownTensors& known, std::unordered_set<std::string>& names) {
  if (node.op_type() != "Reshape" || !IsDefaultDomain(node) || !HasInput(node, 1)) return;
  const ValueType input = shapes.Find(node.input(0));
  if (!input.dims || IntAttribute(node, "allowzero", 0) != 0) return;
  const onnx::TensorProto* constant = draft.ConstantInput(node, 1);
  const auto computed = known.find(node.input(1));
  std::optional<SmallTensor> target;
  if (constant != nullptr) target = FromConstant(*constant);
  if (computed != known.end()) target = computed->second;
  if (!target) return;
  const std::optional<std::vector<Dim>> output = OutputDims(*input.dims, *target);
  if (!output || (constant != nullptr && !DependsOnBatch(*output))) return;
  if (const auto values = ReshapeTarget(*input.dims, *output)) SetShapeOperand(node, *values, draft, names);
}

}  // namespace sightline::network
