#include "backends/conformance/reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "src/base/check.h"

namespace sightline::conformance {
namespace {

using Dims = std::vector<int64_t>;
using Inputs = std::vector<const Array*>;

int64_t Product(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

Array Zeros(const Dims& dims) {
  return {dims, std::vector<double>(static_cast<size_t>(Product(dims)))};
}

const onnx::AttributeProto* Find(const onnx::NodeProto& node, const char* name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}
Dims Ints(const onnx::NodeProto& node, const char* name, const Dims& fallback) {
  const auto* found = Find(node, name);
  return found == nullptr ? fallback : Dims(found->ints().begin(), found->ints().end());
}
int64_t Int(const onnx::NodeProto& node, const char* name, int64_t fallback) {
  const auto* found = Find(node, name);
  return found == nullptr ? fallback : found->i();
}
double Float(const onnx::NodeProto& node, const char* name, double fallback) {
  const auto* found = Find(node, name);
  return found == nullptr ? fallback : static_cast<double>(found->f());
}

double& At(Array& a, int64_t n, int64_t c, int64_t y, int64_t x) {
  return a.values[static_cast<size_t>(((n * a.dims[1] + c) * a.dims[2] + y) * a.dims[3] + x)];
}
double At(const Array& a, int64_t n, int64_t c, int64_t y, int64_t x) {
  return At(const_cast<Array&>(a), n, c, y, x);
}

// A sliding window over the last two dimensions.
struct Window {
  Dims kernel, strides, pads;  // pads: top, left, bottom, right

  Window(const onnx::NodeProto& node, const Dims& default_kernel)
      : kernel(Ints(node, "kernel_shape", default_kernel)),
        strides(Ints(node, "strides", {1, 1})),
        pads(Ints(node, "pads", {0, 0, 0, 0})) {}

  int64_t OutputSize(int64_t input, size_t axis) const {
    return (input + pads[axis] + pads[axis + 2] - kernel[axis]) / strides[axis] + 1;
  }
  // visit(y, x, ky, kx) for each position of the window for output (oy, ox) that lies inside the picture.
  template <typename Visit>
  void ForEach(const Array& in, int64_t oy, int64_t ox, Visit visit) const {
    for (int64_t ky = 0; ky < kernel[0]; ++ky) {
      for (int64_t kx = 0; kx < kernel[1]; ++kx) {
        const int64_t y = oy * strides[0] - pads[0] + ky;
        const int64_t x = ox * strides[1] - pads[1] + kx;
        if (y >= 0 && y < in.dims[2] && x >= 0 && x < in.dims[3]) visit(y, x, ky, kx);
      }
    }
  }
};

// compute(n, c, oy, ox) for each element of an output with `channels` channels.
template <typename Compute>
Array Slide(const Array& in, const Window& window, int64_t channels, Compute compute) {
  Array out =
      Zeros({in.dims[0], channels, window.OutputSize(in.dims[2], 0), window.OutputSize(in.dims[3], 1)});
  for (int64_t n = 0; n < out.dims[0]; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < out.dims[2]; ++y) {
        for (int64_t x = 0; x < out.dims[3]; ++x) At(out, n, c, y, x) = compute(n, c, y, x);
      }
    }
  }
  return out;
}

Array Conv(const onnx::NodeProto& node, const Inputs& in) {
  const Array& w = *in[1];
  const Window window(node, {w.dims[2], w.dims[3]});
  const int64_t per_group = w.dims[1];
  const int64_t outputs_per_group = w.dims[0] / Int(node, "group", 1);
  return Slide(*in[0], window, w.dims[0], [&](int64_t n, int64_t c, int64_t oy, int64_t ox) {
    double sum = in.size() > 2 ? in[2]->values[static_cast<size_t>(c)] : 0;
    const int64_t first = c / outputs_per_group * per_group;
    window.ForEach(*in[0], oy, ox, [&](int64_t y, int64_t x, int64_t ky, int64_t kx) {
      for (int64_t i = 0; i < per_group; ++i) sum += At(*in[0], n, first + i, y, x) * At(w, c, i, ky, kx);
    });
    return sum;
  });
}

Array MaxPool(const onnx::NodeProto& node, const Inputs& in) {
  const Window window(node, {});
  return Slide(*in[0], window, in[0]->dims[1], [&](int64_t n, int64_t c, int64_t oy, int64_t ox) {
    double best = -std::numeric_limits<double>::infinity();
    window.ForEach(*in[0], oy, ox, [&](int64_t y, int64_t x, int64_t, int64_t) {
      best = std::max(best, At(*in[0], n, c, y, x));
    });
    return best;
  });
}

// count_include_pad = 0: the mean of what lies inside.
Array AveragePool(const onnx::NodeProto& node, const Inputs& in) {
  const Window window(node, {});
  return Slide(*in[0], window, in[0]->dims[1], [&](int64_t n, int64_t c, int64_t oy, int64_t ox) {
    double sum = 0;
    int count = 0;
    window.ForEach(*in[0], oy, ox, [&](int64_t y, int64_t x, int64_t, int64_t) {
      sum += At(*in[0], n, c, y, x);
      ++count;
    });
    return sum / count;
  });
}

Array GlobalAveragePool(const onnx::NodeProto&, const Inputs& in) {
  Array out = Zeros({in[0]->dims[0], in[0]->dims[1], 1, 1});
  const int64_t area = in[0]->dims[2] * in[0]->dims[3];
  for (size_t i = 0; i < in[0]->values.size(); ++i) {
    out.values[i / static_cast<size_t>(area)] += in[0]->values[i] / static_cast<double>(area);
  }
  return out;
}

Array BatchNormalization(const onnx::NodeProto& node, const Inputs& in) {
  const double epsilon = Float(node, "epsilon", 1e-5);
  Array out = *in[0];
  const int64_t area = out.dims[2] * out.dims[3];
  for (size_t i = 0; i < out.values.size(); ++i) {
    const auto c = static_cast<size_t>(static_cast<int64_t>(i) / area % out.dims[1]);
    const double normal = (out.values[i] - in[3]->values[c]) / std::sqrt(in[4]->values[c] + epsilon);
    out.values[i] = normal * in[1]->values[c] + in[2]->values[c];
  }
  return out;
}

Array Map(const Array& in, const std::function<double(double)>& f) {
  Array out = in;
  std::transform(out.values.begin(), out.values.end(), out.values.begin(), f);
  return out;
}
Array Relu(const onnx::NodeProto&, const Inputs& in) {
  return Map(*in[0], [](double v) { return std::max(v, 0.0); });
}
Array Clip(const onnx::NodeProto& node, const Inputs& in) {
  const double low = Float(node, "min", std::numeric_limits<float>::lowest());
  const double high = Float(node, "max", std::numeric_limits<float>::max());
  return Map(*in[0], [&](double v) { return std::clamp(v, low, high); });
}

Array Add(const onnx::NodeProto&, const Inputs& in) {
  SIGHTLINE_CHECK(in[0]->dims == in[1]->dims);
  Array out = *in[0];
  for (size_t i = 0; i < out.values.size(); ++i) out.values[i] += in[1]->values[i];
  return out;
}

Array Concat(const onnx::NodeProto& node, const Inputs& in) {
  SIGHTLINE_CHECK(Int(node, "axis", -1) == 1);
  Dims dims = in[0]->dims;
  dims[1] = 0;
  for (const Array* part : in) dims[1] += part->dims[1];
  Array out{dims, {}};
  for (int64_t n = 0; n < dims[0]; ++n) {
    for (const Array* part : in) {
      const auto size = static_cast<std::ptrdiff_t>(Product(part->dims) / part->dims[0]);
      const auto begin = part->values.begin() + n * size;
      out.values.insert(out.values.end(), begin, begin + size);
    }
  }
  return out;
}

Array Flatten(const onnx::NodeProto&, const Inputs& in) {
  return {{in[0]->dims[0], Product(in[0]->dims) / in[0]->dims[0]}, in[0]->values};
}

// transB = 1, alpha = beta = 1.
Array Gemm(const onnx::NodeProto& node, const Inputs& in) {
  SIGHTLINE_CHECK(Int(node, "transB", 0) == 1);
  const int64_t depth = in[0]->dims[1];
  Array out = Zeros({in[0]->dims[0], in[1]->dims[0]});
  for (int64_t row = 0; row < out.dims[0]; ++row) {
    for (int64_t column = 0; column < out.dims[1]; ++column) {
      double sum = in[2]->values[static_cast<size_t>(column)];
      for (int64_t k = 0; k < depth; ++k) {
        sum += in[0]->values[static_cast<size_t>(row * depth + k)] *
               in[1]->values[static_cast<size_t>(column * depth + k)];
      }
      out.values[static_cast<size_t>(row * out.dims[1] + column)] = sum;
    }
  }
  return out;
}

Array Softmax(const onnx::NodeProto&, const Inputs& in) {
  Array out = *in[0];
  const auto columns = static_cast<std::ptrdiff_t>(out.dims[1]);
  for (auto row = out.values.begin(); row != out.values.end(); row += columns) {
    const double largest = *std::max_element(row, row + columns);
    std::transform(row, row + columns, row, [&](double v) { return std::exp(v - largest); });
    const double sum = std::accumulate(row, row + columns, 0.0);
    std::transform(row, row + columns, row, [&](double v) { return v / sum; });
  }
  return out;
}

using Operator = Array (*)(const onnx::NodeProto&, const Inputs&);
const std::map<std::string, Operator>& Operators() {
  static const std::map<std::string, Operator> operators = {{"Add", Add},
                                                            {"AveragePool", AveragePool},
                                                            {"BatchNormalization", BatchNormalization},
                                                            {"Clip", Clip},
                                                            {"Concat", Concat},
                                                            {"Conv", Conv},
                                                            {"Flatten", Flatten},
                                                            {"Gemm", Gemm},
                                                            {"GlobalAveragePool", GlobalAveragePool},
                                                            {"MaxPool", MaxPool},
                                                            {"Relu", Relu},
                                                            {"Softmax", Softmax}};
  return operators;
}

}  // namespace

std::map<std::string, Array> Evaluate(const onnx::ModelProto& model, std::map<std::string, Array> inputs) {
  std::map<std::string, Array> values = std::move(inputs);
  for (const auto& weights : model.graph().initializer()) {
    values[weights.name()] = {{weights.dims().begin(), weights.dims().end()},
                              {weights.float_data().begin(), weights.float_data().end()}};
  }
  for (const auto& node : model.graph().node()) {
    const auto found = Operators().find(node.op_type());
    SIGHTLINE_CHECK(found != Operators().end());
    Inputs in;
    for (const std::string& name : node.input()) in.push_back(&values.at(name));
    values[node.output(0)] = found->second(node, in);
  }
  return values;
}

}  // namespace sightline::conformance
