// Arithmetic on small tensors whose elements may be multiples of the batch.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "src/network/fold.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

using Kind = Element::Kind;
using Binary = Element (*)(const Element&, const Element&, bool real);
using Unary = Element (*)(const Element&, bool real);

double Number(const Element& e, bool real) {
  return real ? e.real : static_cast<double>(e.integer);
}

Element Make(Kind kind, int64_t integer, double real) {
  return {kind, integer, real};
}

// Sums of like kinds: n + n, aN + bN; and aN + 0.
Element Sum(const Element& a, const Element& b, bool real, int sign) {
  if (a.kind == Kind::kUnknown || b.kind == Kind::kUnknown) return {};
  const bool a_zero = a.known() && Number(a, real) == 0;
  const bool b_zero = b.known() && Number(b, real) == 0;
  if (a.kind != b.kind && !a_zero && !b_zero) return {};
  const Kind kind = a.per_batch() || b.per_batch() ? Kind::kPerBatch : Kind::kKnown;
  int64_t integer = 0;
  const bool overflow = sign > 0 ? __builtin_add_overflow(a.integer, b.integer, &integer)
                                 : __builtin_sub_overflow(a.integer, b.integer, &integer);
  if (overflow) return {};
  return Make(kind, integer, a.real + sign * b.real);
}

Element Add(const Element& a, const Element& b, bool real) {
  return Sum(a, b, real, 1);
}
Element Sub(const Element& a, const Element& b, bool real) {
  return Sum(a, b, real, -1);
}

Element Mul(const Element& a, const Element& b, bool /*real*/) {
  if (a.kind == Kind::kUnknown || b.kind == Kind::kUnknown || (a.per_batch() && b.per_batch())) return {};
  const Kind kind = a.per_batch() || b.per_batch() ? Kind::kPerBatch : Kind::kKnown;
  int64_t integer = 0;
  if (__builtin_mul_overflow(a.integer, b.integer, &integer)) return {};
  return Make(kind, integer, a.real * b.real);
}

// Integer division is taken where it is exact or both are numbers; aN / b where exact; aN / bN.
Element Div(const Element& a, const Element& b, bool real) {
  if (a.kind == Kind::kUnknown || b.kind == Kind::kUnknown || (a.known() && b.per_batch())) return {};
  const bool stays_per_batch = a.per_batch() && b.known();
  const Kind kind = stays_per_batch ? Kind::kPerBatch : Kind::kKnown;
  if (real) return Make(kind, 0, a.real / b.real);
  if (b.integer == 0 || (a.integer == INT64_MIN && b.integer == -1)) return {};
  if ((a.per_batch() || b.per_batch()) && a.integer % b.integer != 0) return {};
  return Make(kind, a.integer / b.integer, 0);
}

Element Pick(const Element& a, const Element& b, bool real, bool smaller) {
  if (!a.known() || !b.known()) return {};
  const bool a_smaller = real ? a.real < b.real : a.integer < b.integer;
  return a_smaller == smaller ? a : b;
}
Element Min(const Element& a, const Element& b, bool real) {
  return Pick(a, b, real, true);
}
Element Max(const Element& a, const Element& b, bool real) {
  return Pick(a, b, real, false);
}

Element Equal(const Element& a, const Element& b, bool real) {
  if (a.kind == Kind::kUnknown || b.kind == Kind::kUnknown) return {};
  const double x = Number(a, real);
  const double y = Number(b, real);
  if (a.kind == b.kind) return Element::Known(real ? x == y : a.integer == b.integer);
  // A positive multiple of the batch never equals zero or less: PyTorch compares shapes with -1.
  const bool differ = (a.per_batch() && x > 0 && y <= 0) || (b.per_batch() && y > 0 && x <= 0);
  return differ ? Element::Known(0) : Element{};
}

Element Round(const Element& e, bool real, double (*round)(double)) {
  if (!real || e.kind == Kind::kUnknown) return e;
  const double rounded = round(e.real);
  if (e.per_batch() && rounded != e.real) return {};
  return Make(e.kind, 0, rounded);
}
Element Floor(const Element& e, bool real) {
  return Round(e, real, std::floor);
}
Element Ceil(const Element& e, bool real) {
  return Round(e, real, std::ceil);
}
Element Neg(const Element& e, bool /*real*/) {
  if (e.integer == INT64_MIN) return {};
  return Make(e.kind, -e.integer, -e.real);
}

struct BinaryOperator {
  std::string_view op_type;
  Binary apply;
  bool gives_bool;
};
constexpr BinaryOperator kBinary[] = {{"Add", Add, false},   {"Sub", Sub, false}, {"Mul", Mul, false},
                                      {"Div", Div, false},   {"Min", Min, false}, {"Max", Max, false},
                                      {"Equal", Equal, true}};

struct UnaryOperator {
  std::string_view op_type;
  Unary apply;
};
constexpr UnaryOperator kUnary[] = {{"Floor", Floor}, {"Ceil", Ceil}, {"Neg", Neg}};

// Results as the tensor's type would have them. One double operation rounded to float equals the float
// operation.
Element Narrow(Element e, int32_t type) {
  if (type == onnx::TensorProto::FLOAT) e.real = static_cast<float>(e.real);
  if (type == onnx::TensorProto::INT32) e.integer = static_cast<int32_t>(e.integer);
  return e;
}

// Index into a tensor of `dims` for element `index` of the broadcast `result` (NumPy's rule, trailing axes
// aligned).
size_t BroadcastIndex(size_t index, const std::vector<int64_t>& result, const std::vector<int64_t>& dims) {
  size_t at = 0;
  size_t stride = 1;
  for (size_t i = 0; i < dims.size(); ++i) {
    const auto result_dim = static_cast<size_t>(result[result.size() - 1 - i]);
    const auto dim = static_cast<size_t>(dims[dims.size() - 1 - i]);
    if (dim != 1) at += index % result_dim * stride;
    stride *= dim;
    index /= result_dim;
  }
  return at;
}

std::optional<std::vector<int64_t>> BroadcastDims(const std::vector<SmallTensor>& inputs) {
  std::vector<int64_t> result;
  for (const SmallTensor& input : inputs) {
    if (input.dims.size() > result.size())
      result.insert(result.begin(), input.dims.size() - result.size(), 1);
    for (size_t i = 0; i < input.dims.size(); ++i) {
      int64_t& dim = result[result.size() - 1 - i];
      const int64_t other = input.dims[input.dims.size() - 1 - i];
      if (dim == 1) dim = other;
      if (other != 1 && other != dim) return std::nullopt;
    }
  }
  const auto count = ElementCount(result);
  if (!count || *count > kLargestSmallTensor) return std::nullopt;
  return result;
}

std::optional<SmallTensor> ApplyBinary(const BinaryOperator& op, const std::vector<SmallTensor>& inputs) {
  const auto dims = BroadcastDims(inputs);
  if (inputs.size() != 2 || !dims || inputs[0].element_type != inputs[1].element_type) return std::nullopt;
  const int32_t type = inputs[0].element_type;
  SmallTensor result{op.gives_bool ? onnx::TensorProto::BOOL : type, *dims, {}};
  const auto count = static_cast<size_t>(ElementCount(*dims).value_or(0));
  for (size_t i = 0; i < count; ++i) {
    const Element& a = inputs[0].elements[BroadcastIndex(i, *dims, inputs[0].dims)];
    const Element& b = inputs[1].elements[BroadcastIndex(i, *dims, inputs[1].dims)];
    result.elements.push_back(Narrow(op.apply(a, b, inputs[0].is_real()), type));
  }
  return result;
}

std::optional<SmallTensor> ApplyWhere(const std::vector<SmallTensor>& inputs) {
  const auto dims = BroadcastDims(inputs);
  if (inputs.size() != 3 || !dims || inputs[1].element_type != inputs[2].element_type) return std::nullopt;
  SmallTensor result{inputs[1].element_type, *dims, {}};
  const auto count = static_cast<size_t>(ElementCount(*dims).value_or(0));
  for (size_t i = 0; i < count; ++i) {
    const Element& condition = inputs[0].elements[BroadcastIndex(i, *dims, inputs[0].dims)];
    const SmallTensor& chosen = inputs[condition.integer != 0 ? 1 : 2];
    result.elements.push_back(condition.known() ? chosen.elements[BroadcastIndex(i, *dims, chosen.dims)]
                                                : Element{});
  }
  return result;
}

// A real number cut to an integer; unknown where it does not fit, or is a multiple of the batch with a
// fraction.
Element Truncate(const Element& e) {
  const bool fits = std::abs(e.real) < 0x1.0p62;
  if (!fits || (e.per_batch() && std::trunc(e.real) != e.real)) return {};
  Element truncated{e.kind};
  truncated.integer = static_cast<int64_t>(e.real);
  return truncated;
}

Element CastElement(const Element& e, bool from_real, int32_t to) {
  if (e.kind == Kind::kUnknown) return e;
  if (to == onnx::TensorProto::BOOL) {  // a multiple of a batch is zero when its factor is
    return Element::Known(from_real ? e.real != 0 : e.integer != 0);
  }
  if (to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::DOUBLE) {
    return Narrow(Make(e.kind, 0, Number(e, from_real)), to);
  }
  return Narrow(from_real ? Truncate(e) : e, to);
}

std::optional<SmallTensor> ApplyCast(const onnx::NodeProto& node, SmallTensor tensor) {
  const auto to = static_cast<int32_t>(IntAttribute(node, "to", 0));
  if (!IsSmallTensorType(to)) return std::nullopt;
  const bool from_real = tensor.is_real();
  for (Element& e : tensor.elements) e = CastElement(e, from_real, to);
  tensor.element_type = to;
  return tensor;
}

std::optional<SmallTensor> ApplyConstantOfShape(const onnx::NodeProto& node, const SmallTensor& shape) {
  std::vector<int64_t> dims;
  for (const Element& dim : shape.elements) {
    if (!dim.known()) return std::nullopt;
    dims.push_back(dim.integer);
  }
  const auto count = ElementCount(dims);
  if (!count || *count > kLargestSmallTensor) return std::nullopt;
  SmallTensor result{onnx::TensorProto::FLOAT, dims, {}};
  Element fill = Element::KnownReal(0);
  if (const onnx::AttributeProto* value = FindAttribute(node, "value")) {
    onnx::TensorProto tensor = value->t();
    if (!MakeRaw(tensor).ok()) return std::nullopt;
    const auto small = FromConstant(tensor);
    if (!small || small->elements.size() != 1) return std::nullopt;
    result.element_type = small->element_type;
    fill = small->elements.front();
  }
  result.elements.assign(static_cast<size_t>(*count), fill);
  return result;
}

std::optional<SmallTensor> ApplyRange(const std::vector<SmallTensor>& inputs) {
  if (inputs.size() != 3) return std::nullopt;
  for (const SmallTensor& input : inputs) {
    if (input.elements.size() != 1 || !input.all_known()) return std::nullopt;
  }
  const bool real = inputs[0].is_real();
  const double start = Number(inputs[0].elements[0], real);
  const double limit = Number(inputs[1].elements[0], real);
  const double delta = Number(inputs[2].elements[0], real);
  // ONNX: max(ceil((limit - start) / delta), 0) elements.
  const double wanted = std::max(std::ceil((limit - start) / delta), 0.0);
  if (!(wanted <= static_cast<double>(kLargestSmallTensor))) return std::nullopt;
  const auto first = static_cast<uint64_t>(inputs[0].elements[0].integer);
  const auto step = static_cast<uint64_t>(inputs[2].elements[0].integer);
  const auto count = static_cast<int64_t>(wanted);
  SmallTensor result{inputs[0].element_type, {count}, {}};
  for (int64_t i = 0; i < count; ++i) {
    const Element e = real ? Element::KnownReal(start + static_cast<double>(i) * delta)
                           : Element::Known(static_cast<int64_t>(first + static_cast<uint64_t>(i) * step));
    result.elements.push_back(Narrow(e, result.element_type));
  }
  return result;
}

}  // namespace

std::optional<SmallTensor> EvaluateArithmetic(const onnx::NodeProto& node,
                                              const std::vector<SmallTensor>& inputs) {
  if (inputs.empty()) return std::nullopt;
  const std::string& op_type = node.op_type();
  for (const BinaryOperator& op : kBinary) {
    if (op.op_type == op_type) return ApplyBinary(op, inputs);
  }
  for (const UnaryOperator& op : kUnary) {
    if (op.op_type != op_type) continue;
    SmallTensor result = inputs[0];
    for (Element& e : result.elements) e = Narrow(op.apply(e, result.is_real()), result.element_type);
    return result;
  }
  if (op_type == "Where") return ApplyWhere(inputs);
  if (op_type == "Cast") return ApplyCast(node, inputs[0]);
  if (op_type == "ConstantOfShape") return ApplyConstantOfShape(node, inputs[0]);
  if (op_type == "Range") return ApplyRange(inputs);
  return std::nullopt;
}

}  // namespace sightline::network
