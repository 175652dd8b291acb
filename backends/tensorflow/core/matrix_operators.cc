// Gemm, MatMul, Softmax and LogSoftmax.
#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "backends/tensorflow/core/translation.h"
#include "backends/tensorflow/core/transpose.h"

namespace sightline::tensorflow {
namespace {

// The constant matrix of a fully connected layer, [in, out].
struct Matrix {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<float> values;
};

Matrix ReadMatrix(const kit::GraphValue& value, bool transposed) {
  const auto dims = value.dims();
  if (!transposed) return {dims[0], dims[1], {value.floats().begin(), value.floats().end()}};
  return {dims[1], dims[0], Transpose(value.floats(), dims, Dims{1, 0})};
}

// A picture flattened channels-last brings its elements in another order than ONNX: the rows of the weights
// follow.
void PermuteRows(Matrix& matrix, const Dims& picture) {
  matrix.values =
      Transpose(matrix.values, Dims{picture[1], picture[2], picture[3], matrix.columns}, Dims{1, 2, 0, 3});
}

// x * constant matrix, in whatever order x has been flattened.
TF_Output MultiplyByConstant(Translation& t, const kit::GraphValue& x, Matrix matrix, std::string_view name) {
  const bool flat =
      t.values.Has(x, Order::kFlat) && !t.values.Has(x, Order::kOnnx) && x.dims()[1] == matrix.rows;
  if (flat) PermuteRows(matrix, t.values.Picture(x));
  const TF_Output input = t.values.Get(x, flat ? Order::kFlat : Order::kOnnx);
  const TF_Output weights = t.builder.Floats("weights", Dims{matrix.rows, matrix.columns}, matrix.values);
  return t.builder.Binary("MatMul", input, weights, name);
}

TF_Output Product(Translation& t, const kit::GraphNode& node, std::string_view name) {
  const bool transpose_a = node.Int("transA", 0) != 0;
  const bool transpose_b = node.Int("transB", 0) != 0;
  if (kit::IsMatrix(node.input(1)) && !transpose_a) {
    return MultiplyByConstant(t, node.input(0), ReadMatrix(node.input(1), transpose_b), name);
  }
  return t.builder.New("MatMul", name)
      .In(t.values.Get(node.input(0), Order::kOnnx))
      .In(t.values.Get(node.input(1), Order::kOnnx))
      .Bool("transpose_a", transpose_a)
      .Bool("transpose_b", transpose_b)
      .Done();
}

TF_Output Scaled(Translation& t, TF_Output input, float factor, std::string_view name) {
  if (factor == 1.0f) return input;
  return t.builder.Binary("Mul", input, t.builder.Scalar(name, factor), name);
}

// alpha * A * B + beta * C
kit::Status Gemm(Translation& t, const kit::GraphNode& node) {
  const float alpha = node.Float("alpha", 1.0f);
  const float beta = node.Float("beta", 1.0f);
  const bool has_bias = node.has_input(2) && beta != 0.0f;
  const bool plain = !has_bias && alpha == 1.0f;
  TF_Output result = Scaled(t, Product(t, node, plain ? "" : "product"), alpha, "alpha");
  if (has_bias) {
    const kit::GraphValue bias = node.input(2);
    const auto columns = node.output().rank() == 2 ? node.output().dims()[1] : -1;
    // One number per column is what BiasAdd takes and Grappler fuses into the product.
    if (kit::IsRowVector(bias, columns)) {
      std::vector<float> values(bias.floats().begin(), bias.floats().end());
      for (float& value : values) value *= beta;
      result = t.builder.Binary("BiasAdd", result, t.builder.Floats("bias", Dims{columns}, values));
    } else {
      result = t.builder.Binary("AddV2", result, Scaled(t, t.values.Get(bias, Order::kOnnx), beta, "beta"));
    }
  }
  t.values.Set(node.output(), Order::kOnnx, result);
  return kit::Ok();
}

kit::Status MatMul(Translation& t, const kit::GraphNode& node) {
  const kit::GraphValue a = node.input(0);
  const kit::GraphValue b = node.input(1);
  TF_Output result{};
  if (a.rank() == 2 && kit::IsMatrix(b)) {
    result = MultiplyByConstant(t, a, ReadMatrix(b, false), "");
  } else if (a.rank() >= 2 && b.rank() >= 2) {
    const char* type = a.rank() == 2 && b.rank() == 2 ? "MatMul" : "BatchMatMulV2";
    result = t.builder.Binary(type, t.values.Get(a, Order::kOnnx), t.values.Get(b, Order::kOnnx));
  } else {
    return kit::Unsupported("products with vectors are not supported, only matrices");
  }
  t.values.Set(node.output(), Order::kOnnx, result);
  return kit::Ok();
}

int64_t Product(std::span<const int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

// TensorFlow's Softmax works over the last axis. Up to opset 12 ONNX's works over all axes from `axis` on as
// one, which is the same thing as long as the others are 1.
kit::Status SoftmaxOf(Translation& t, const kit::GraphNode& node, const char* type) {
  const kit::GraphValue input = node.input(0);
  const bool coerces = t.graph.opset() < 13;
  const int rank = input.rank();
  KIT_ASSIGN_OR_RETURN(const int axis, kit::AxisOf(node.Int("axis", coerces ? 1 : -1), rank));
  const auto dims = input.dims();
  const auto behind = dims.subspan(static_cast<size_t>(axis) + 1);
  const bool axis_alone = !coerces || Product(behind) == 1;
  const Order order = OrderOf(t, node);
  if (axis_alone && AxisIn(order, axis, rank) == rank - 1) {
    t.values.Set(node.output(), order, t.builder.Unary(type, t.values.Get(input, order)));
    return kit::Ok();
  }
  const TF_Output source = t.values.Get(input, Order::kOnnx);
  if (!coerces) {
    Dims swap(static_cast<size_t>(rank));
    std::iota(swap.begin(), swap.end(), 0);
    std::swap(swap[static_cast<size_t>(axis)], swap.back());
    const TF_Output turned = t.builder.Unary(type, t.builder.Transpose(source, swap, "axis_last"), "softmax");
    t.values.Set(node.output(), Order::kOnnx, t.builder.Transpose(turned, swap, ""));
    return kit::Ok();
  }
  if (kit::OpenDimensions(dims.subspan(static_cast<size_t>(axis))) > 0 || kit::OpenDimensions(dims) > 1) {
    return kit::Unsupported("the dimensions behind the batch must be known");
  }
  const TF_Output rows =
      t.builder.Reshape(source, Dims{-1, Product(dims.subspan(static_cast<size_t>(axis)))}, "rows");
  t.values.Set(node.output(), Order::kOnnx,
               t.builder.Reshape(t.builder.Unary(type, rows, "softmax"), dims, ""));
  return kit::Ok();
}

kit::Status Softmax(Translation& t, const kit::GraphNode& node) {
  return SoftmaxOf(t, node, "Softmax");
}
kit::Status LogSoftmax(Translation& t, const kit::GraphNode& node) {
  return SoftmaxOf(t, node, "LogSoftmax");
}

constexpr HandlerEntry kHandlers[] = {
    {"Gemm", Gemm}, {"LogSoftmax", LogSoftmax}, {"MatMul", MatMul}, {"Softmax", Softmax}};

}  // namespace

std::span<const HandlerEntry> MatrixHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
