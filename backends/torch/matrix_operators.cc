// Gemm, MatMul, Softmax and LogSoftmax.
#include <vector>

#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

// The constant matrix of a fully connected layer as torch.linear wants it, [out, in], times `factor`.
std::string LinearWeights(Translation& t, const kit::GraphValue& value, bool is_out_in, float factor) {
  if (is_out_in && factor == 1.0f) return t.builder.Get(value);
  const int64_t rows = value.dims()[is_out_in ? 0 : 1];
  const int64_t columns = value.dims()[is_out_in ? 1 : 0];
  std::vector<float> weights(value.floats().size());
  for (int64_t out = 0; out < rows; ++out) {
    for (int64_t in = 0; in < columns; ++in) {
      const int64_t from = is_out_in ? out * columns + in : in * rows + out;
      weights[static_cast<size_t>(out * columns + in)] = factor * value.floats()[static_cast<size_t>(from)];
    }
  }
  return t.builder.Floats({rows, columns}, weights);
}

// A constant with one number per column, times `factor`; "" for anything else.
std::string LinearBias(Translation& t, const kit::GraphValue& value, int64_t columns, float factor) {
  if (!kit::IsRowVector(value, columns)) return "";
  std::vector<float> bias(value.floats().begin(), value.floats().end());
  for (float& number : bias) number *= factor;
  return t.builder.Floats({columns}, bias);
}

std::string Scaled(const std::string& name, float factor) {
  return factor == 1.0f ? name : Torch("mul", name, static_cast<double>(factor));
}

std::string TransposedIf(bool transposes, const std::string& name) {
  return transposes ? Torch("t", name) : name;
}

// alpha * A * B + beta * C
kit::Status Gemm(Translation& t, const kit::GraphNode& node) {
  const float alpha = node.Float("alpha", 1.0f);
  const float beta = node.Float("beta", 1.0f);
  const bool transpose_a = node.Int("transA", 0) != 0;
  const bool transpose_b = node.Int("transB", 0) != 0;
  const bool has_bias = node.has_input(2) && beta != 0.0f;
  const std::string a = TransposedIf(transpose_a, In(t, node));
  if (kit::IsMatrix(node.input(1))) {
    const int64_t columns = node.input(1).dims()[transpose_b ? 0 : 1];
    const std::string bias = has_bias ? LinearBias(t, node.input(2), columns, beta) : "None";
    if (!bias.empty()) {
      t.builder.Set(node.output(),
                    Torch("linear", a, LinearWeights(t, node.input(1), transpose_b, alpha), bias));
      return kit::Ok();
    }
  }
  std::string result = Scaled(Torch("matmul", a, TransposedIf(transpose_b, In(t, node, 1))), alpha);
  if (has_bias) result = Torch("add", result, Scaled(In(t, node, 2), beta));
  t.builder.Set(node.output(), result);
  return kit::Ok();
}

kit::Status MatMul(Translation& t, const kit::GraphNode& node) {
  if (kit::IsMatrix(node.input(1)) && node.input(0).rank() >= 2) {
    const std::string weights = LinearWeights(t, node.input(1), false, 1.0f);
    t.builder.Set(node.output(), Torch("linear", In(t, node), weights));
  } else {
    t.builder.Set(node.output(), Torch("matmul", In(t, node), In(t, node, 1)));
  }
  return kit::Ok();
}

// Up to opset 12 ONNX's works over all axes from `axis` on as one.
kit::Status SoftmaxOf(Translation& t, const kit::GraphNode& node, const char* function) {
  const bool coerces = t.graph.opset() < 13;
  const kit::GraphValue input = node.input(0);
  if (input.rank() < 1) return kit::Unsupported("the rank of the input is not known");
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", coerces ? 1 : -1), input.rank()));
  if (!coerces || axis == input.rank() - 1) {
    t.builder.Set(node.output(), Torch(function, In(t, node), axis));
    return kit::Ok();
  }
  const std::string rows = t.builder.Let(Torch("flatten", In(t, node), axis, -1));
  KIT_ASSIGN_OR_RETURN(const std::string result, Reshaped(Torch(function, rows, -1), node.output()));
  t.builder.Set(node.output(), result);
  return kit::Ok();
}

kit::Status Softmax(Translation& t, const kit::GraphNode& node) {
  return SoftmaxOf(t, node, "softmax");
}
kit::Status LogSoftmax(Translation& t, const kit::GraphNode& node) {
  return SoftmaxOf(t, node, "log_softmax");
}

constexpr HandlerEntry kHandlers[] = {
    {"Gemm", Gemm}, {"LogSoftmax", LogSoftmax}, {"MatMul", MatMul}, {"Softmax", Softmax}};

}  // namespace

std::span<const HandlerEntry> MatrixHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
