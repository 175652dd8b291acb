#include "src/network/fold.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

// Everything FoldNode was given.
struct Context {
  const onnx::NodeProto& node;
  const Draft& draft;
  const ShapeInference& shapes;
  const KnownTensors& known;
  const int64_t largest_bytes;

  std::optional<SmallTensor> Input(int index) const {
    if (!HasInput(node, index)) return std::nullopt;
    if (const auto found = known.find(node.input(index)); found != known.end()) return found->second;
    const onnx::TensorProto* constant = draft.FindConstant(node.input(index));
    return constant == nullptr ? std::nullopt : FromConstant(*constant);
  }

  // Integer values of an input; std::nullopt unless all are plain numbers.
  std::optional<std::vector<int64_t>> Operand(int index) const {
    const std::optional<SmallTensor> tensor = Input(index);
    if (!tensor || tensor->is_real() || !tensor->all_known()) return std::nullopt;
    std::vector<int64_t> values;
    for (const Element& e : tensor->elements) values.push_back(e.integer);
    return values;
  }

  std::optional<std::vector<int64_t>> InputDims(int index) const {
    if (const onnx::TensorProto* constant = draft.ConstantInput(node, index)) return Dims(*constant);
    const auto found = known.find(node.input(index));
    if (found == known.end()) return std::nullopt;
    return found->second.dims;
  }

  int32_t InputElementType(int index) const {
    if (const onnx::TensorProto* constant = draft.ConstantInput(node, index)) return constant->data_type();
    const auto found = known.find(node.input(index));
    return found == known.end() ? 0 : found->second.element_type;
  }
};

Element FromDim(const Dim& dim) {
  if (dim.known()) return Element::Known(dim.value);
  if (dim.per_batch()) return Element::PerBatch(dim.value);
  return {};
}

// Shape, with start and end since opset 15.
std::optional<SmallTensor> EvaluateShape(const Context& context) {
  const ValueType type = context.shapes.Find(context.node.input(0));
  if (!type.dims) return std::nullopt;
  const auto rank = static_cast<int64_t>(type.dims->size());
  const auto bound = [rank](int64_t at) { return std::clamp(at < 0 ? at + rank : at, int64_t{0}, rank); };
  const int64_t begin = bound(IntAttribute(context.node, "start", 0));
  const int64_t end = std::max(begin, bound(IntAttribute(context.node, "end", rank)));
  SmallTensor result{onnx::TensorProto::INT64, {end - begin}, {}};
  for (int64_t i = begin; i < end; ++i)
    result.elements.push_back(FromDim((*type.dims)[static_cast<size_t>(i)]));
  return result;
}

std::optional<SmallTensor> EvaluateSize(const Context& context) {
  const ValueType type = context.shapes.Find(context.node.input(0));
  if (!type.dims) return std::nullopt;
  Element product = Element::Known(1);
  for (const Dim& dim : *type.dims) {
    const Element factor = FromDim(dim);
    if (factor.kind == Element::Kind::kUnknown || (factor.per_batch() && product.per_batch()))
      return std::nullopt;
    if (__builtin_mul_overflow(product.integer, factor.integer, &product.integer)) return std::nullopt;
    if (factor.per_batch()) product.kind = Element::Kind::kPerBatch;
  }
  return SmallTensor{onnx::TensorProto::INT64, {}, {product}};
}

// The type that all data inputs have; 0 when they differ. Elements of two sizes can't be counted through.
int32_t DataElementType(const Context& context) {
  const int32_t type = context.InputElementType(0);
  for (int i = 1; i < DataInputs(context.node); ++i) {
    if (context.InputElementType(i) != type) return 0;
  }
  return type;
}

std::optional<Movement> Plan(const Context& context) {
  const size_t element_bytes = ElementBytes(DataElementType(context));
  if (element_bytes == 0) return std::nullopt;
  MoveInputs inputs{context.node, context.draft.opset(), {}, {}};
  inputs.largest = std::min(kLargestMovement, context.largest_bytes / static_cast<int64_t>(element_bytes));
  for (int i = 0; i < context.node.input_size(); ++i) {
    // Gather's result takes the shape of its indices, so that operands' shapes count too.
    if (auto dims = HasInput(context.node, i) ? context.InputDims(i) : std::nullopt) {
      inputs.dims.push_back(*std::move(dims));
    } else if (i < DataInputs(context.node)) {
      return std::nullopt;
    }
    inputs.operand.push_back(i < DataInputs(context.node) ? std::nullopt : context.Operand(i));
  }
  return PlanMovement(inputs);
}

// Moves the bytes of constants; std::nullopt when a data input is no constant.
std::optional<onnx::TensorProto> MoveConstants(const Context& context, const Movement& movement) {
  std::vector<const onnx::TensorProto*> inputs;
  for (int i = 0; i < DataInputs(context.node); ++i) {
    inputs.push_back(context.draft.ConstantInput(context.node, i));
    if (inputs.back() == nullptr) return std::nullopt;
  }
  const int32_t type = inputs.front()->data_type();
  const std::string& output = context.node.output(0);
  if (movement.in_place) return MakeTensor(output, type, movement.dims, inputs.front()->raw_data());
  const size_t bytes = ElementBytes(type);
  std::string joined;
  if (inputs.size() > 1) {
    for (const onnx::TensorProto* input : inputs) joined += input->raw_data();
  }
  const std::string& from = inputs.size() > 1 ? joined : inputs.front()->raw_data();
  std::string raw(movement.source.size() * bytes, '\0');
  for (size_t i = 0; i < movement.source.size(); ++i) {
    std::memcpy(raw.data() + i * bytes, from.data() + static_cast<size_t>(movement.source[i]) * bytes, bytes);
  }
  return MakeTensor(output, type, movement.dims, std::move(raw));
}

std::optional<SmallTensor> MoveElements(const Context& context, const Movement& movement) {
  std::vector<Element> elements;
  SmallTensor result;
  for (int i = 0; i < DataInputs(context.node); ++i) {
    const std::optional<SmallTensor> input = context.Input(i);
    if (!input) return std::nullopt;
    result.element_type = input->element_type;
    elements.insert(elements.end(), input->elements.begin(), input->elements.end());
  }
  result.dims = movement.dims;
  if (movement.in_place) {
    result.elements = std::move(elements);
    return result;
  }
  if (static_cast<int64_t>(movement.source.size()) > kLargestSmallTensor) return std::nullopt;
  for (const int64_t source : movement.source)
    result.elements.push_back(elements[static_cast<size_t>(source)]);
  return result;
}

std::optional<SmallTensor> Arithmetic(const Context& context) {
  std::vector<SmallTensor> inputs;
  for (int i = 0; i < context.node.input_size(); ++i) {
    std::optional<SmallTensor> input = context.Input(i);
    if (!input) return std::nullopt;
    inputs.push_back(*std::move(input));
  }
  return EvaluateArithmetic(context.node, inputs);
}

}  // namespace

Folded FoldNode(const onnx::NodeProto& node, const Draft& draft, const ShapeInference& shapes,
                const KnownTensors& known, int64_t largest_bytes) {
  if (!IsDefaultDomain(node) || !HasOutput(node, 0) || node.input_size() == 0 || largest_bytes <= 0)
    return {};
  const Context context{node, draft, shapes, known, largest_bytes};
  std::optional<SmallTensor> small;
  if (node.op_type() == "Shape") {
    small = EvaluateShape(context);
  } else if (node.op_type() == "Size") {
    small = EvaluateSize(context);
  } else if (IsMovement(node)) {
    const std::optional<Movement> movement = Plan(context);
    if (!movement) return {};
    if (auto constant = MoveConstants(context, *movement)) return {std::move(constant), std::nullopt};
    small = MoveElements(context, *movement);
  } else {
    small = Arithmetic(context);
  }
  if (!small) return {};
  if (!small->all_known()) return {std::nullopt, std::move(small)};
  constexpr int64_t kNoBatchNeeded = 1;
  return {ToConstant(*small, node.output(0), kNoBatchNeeded), std::nullopt};
}

}  // namespace sightline::network
