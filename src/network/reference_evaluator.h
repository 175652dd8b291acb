// Evaluates small networks in the plainest way, so that tests can hold that a changed network computes what
// the original computed. Float tensors only (quantized ones hold the integers as floats), and only the
// operators those tests need.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "onnx/onnx_pb.h"
#include "src/network/draft.h"
#include "src/network/network.h"
#include "src/network/tensor_data.h"

namespace sightline::network {

struct FloatTensor {
  std::vector<int64_t> dims;
  std::vector<float> values;
};

class ReferenceEvaluator {
 public:
  explicit ReferenceEvaluator(const Network& network)
      : graph_(network.model().graph()), opset_(network.opset()) {}

  // The first output for these inputs, in the graph's order.
  FloatTensor Run(const std::vector<FloatTensor>& inputs) {
    for (const auto& constant : graph_.initializer()) Load(constant);
    for (int i = 0; i < graph_.input_size(); ++i)
      tensors_[graph_.input(i).name()] = inputs.at(static_cast<size_t>(i));
    for (const onnx::NodeProto& node : graph_.node()) tensors_[node.output(0)] = Evaluate(node);
    return tensors_.at(graph_.output(0).name());
  }

 private:
  using Ints = std::vector<int64_t>;

  void Load(const onnx::TensorProto& constant) {
    if (const auto ints = ReadInts(constant)) {
      ints_[constant.name()] = *ints;
      tensors_[constant.name()] = {Dims(constant), std::vector<float>(ints->begin(), ints->end())};
      return;
    }
    if (constant.data_type() == onnx::TensorProto::INT8 || constant.data_type() == onnx::TensorProto::UINT8) {
      LoadBytes(constant);
      return;
    }
    const auto* data = reinterpret_cast<const float*>(constant.raw_data().data());
    tensors_[constant.name()] = {Dims(constant), std::vector<float>(data, data + ElementCount(constant))};
  }

  void LoadBytes(const onnx::TensorProto& constant) {
    const bool is_signed = constant.data_type() == onnx::TensorProto::INT8;
    FloatTensor tensor{Dims(constant), {}};
    for (const char byte : constant.raw_data()) {
      tensor.values.push_back(is_signed ? static_cast<float>(static_cast<signed char>(byte))
                                        : static_cast<float>(static_cast<unsigned char>(byte)));
    }
    if (is_signed) signed_.insert(constant.name());
    tensors_[constant.name()] = std::move(tensor);
  }

  FloatTensor Evaluate(const onnx::NodeProto& node) {
    const std::string& op = node.op_type();
    const FloatTensor& x = tensors_.at(node.input(0));
    if (op == "Relu") return Map(x, [](float v) { return std::max(v, 0.0F); });
    if (op == "HardSwish") return Map(x, [](float v) { return v * std::clamp(v / 6 + 0.5F, 0.0F, 1.0F); });
    if (op == "HardSigmoid") return HardSigmoid(node, x);
    if (op == "Clip") return Clip(node, x);
    if (op == "Min") return Broadcast(x, Input(node, 1), [](float a, float b) { return std::min(a, b); });
    if (op == "Max") return Broadcast(x, Input(node, 1), [](float a, float b) { return std::max(a, b); });
    if (op == "Mul") return Broadcast(x, Input(node, 1), [](float a, float b) { return a * b; });
    if (op == "Add") return Broadcast(x, Input(node, 1), [](float a, float b) { return a + b; });
    if (op == "Conv") return Conv(node, x);
    if (op == "BatchNormalization") return BatchNormalization(node, x);
    if (op == "QuantizeLinear") return QuantizeLinear(node, x);
    if (op == "DequantizeLinear") return DequantizeLinear(node, x);
    if (op == "Pad") return Pad(node, x);
    if (op == "AveragePool") return AveragePool(node, x);
    if (op == "Gemm") return Gemm(node);
    if (op == "Transpose") return Transpose(x, IntsAttribute(node, "perm"));
    if (op == "Softmax") return Softmax(node, x);
    if (op == "Reshape") return Reshape(x, ints_.at(node.input(1)));
    if (op == "Flatten") return Flatten(node, x);
    if (op == "Squeeze" || op == "Unsqueeze") return ChangeAxes(node, x);
    if (op == "Resize") return ResizeNearest(node, x);
    if (op == "ReduceSum") return ReduceLastAxis(node, x);
    throw std::logic_error("the reference evaluator has no " + op);
  }

  // [N, C, H, W] by whole scales; scales are the last input.
  FloatTensor ResizeNearest(const onnx::NodeProto& node, const FloatTensor& x) const {
    const FloatTensor& scales = Input(node, node.input_size() - 1);
    FloatTensor y{x.dims, {}};
    for (size_t i = 0; i < y.dims.size(); ++i) y.dims[i] *= static_cast<int64_t>(scales.values[i]);
    const int64_t planes = x.dims[0] * x.dims[1];
    const auto scale_y = static_cast<int64_t>(scales.values[2]);
    const auto scale_x = static_cast<int64_t>(scales.values[3]);
    for (int64_t plane = 0; plane < planes; ++plane) {
      for (int64_t row = 0; row < y.dims[2]; ++row) {
        for (int64_t column = 0; column < y.dims[3]; ++column) {
          const int64_t from = (plane * x.dims[2] + row / scale_y) * x.dims[3] + column / scale_x;
          y.values.push_back(x.values[static_cast<size_t>(from)]);
        }
      }
    }
    return y;
  }

  const FloatTensor& Input(const onnx::NodeProto& node, int index) const {
    return tensors_.at(node.input(index));
  }

  Ints Operand(const onnx::NodeProto& node, const std::string& attribute) const {
    if (HasInput(node, 1)) return ints_.at(node.input(1));
    return IntsAttribute(node, attribute);
  }

  template <typename F>
  static FloatTensor Map(FloatTensor x, F f) {
    std::transform(x.values.begin(), x.values.end(), x.values.begin(), f);
    return x;
  }

  // Calls visit(index) for every index of `dims`, row-major.
  template <typename Visit>
  static void ForEachIndex(const Ints& dims, Visit visit) {
    Ints index(dims.size(), 0);
    const int64_t count = ElementCount(dims).value();
    for (int64_t n = 0; n < count; ++n) {
      visit(index);
      for (size_t axis = dims.size(); axis-- > 0;) {
        if (++index[axis] < dims[axis]) break;
        index[axis] = 0;
      }
    }
  }

  // Of windows of one pixel.
  FloatTensor Conv(const onnx::NodeProto& node, const FloatTensor& x) const {
    const FloatTensor& w = Input(node, 1);
    if (w.dims[2] != 1 || w.dims[3] != 1) throw std::logic_error("the reference evaluator has 1x1 Conv only");
    FloatTensor result{{x.dims[0], w.dims[0], x.dims[2], x.dims[3]}, {}};
    ForEachIndex(result.dims, [&](const Ints& index) {
      float sum = HasInput(node, 2) ? Input(node, 2).values[static_cast<size_t>(index[1])] : 0;
      for (int64_t c = 0; c < x.dims[1]; ++c) {
        sum += At(w, {index[1], c, 0, 0}) * At(x, {index[0], c, index[2], index[3]});
      }
      result.values.push_back(sum);
    });
    return result;
  }

  FloatTensor BatchNormalization(const onnx::NodeProto& node, const FloatTensor& x) const {
    FloatTensor result{x.dims, {}};
    ForEachIndex(x.dims, [&](const Ints& index) {
      const auto parameter = [&](int input) {
        return Input(node, input).values[static_cast<size_t>(index[1])];
      };
      result.values.push_back((At(x, index) - parameter(3)) / std::sqrt(parameter(4) + 1e-5F) * parameter(1) +
                              parameter(2));
    });
    return result;
  }

  FloatTensor QuantizeLinear(const onnx::NodeProto& node, const FloatTensor& x) const {
    const float zero = Input(node, 2).values[0];
    const float low = signed_.contains(node.input(2)) ? -128.0F : 0.0F;
    const float scale = Input(node, 1).values[0];
    return Map(x, [=](float v) { return std::clamp(std::nearbyint(v / scale) + zero, low, low + 255); });
  }

  // With one scale, or one for each place along `axis`.
  FloatTensor DequantizeLinear(const onnx::NodeProto& node, const FloatTensor& x) const {
    const auto axis = static_cast<size_t>(IntAttribute(node, "axis", 1));
    FloatTensor result{x.dims, {}};
    ForEachIndex(x.dims, [&](const Ints& index) {
      const auto parameter = [&](int input) {
        const FloatTensor& values = Input(node, input);
        return values.dims.empty() ? values.values[0] : values.values[static_cast<size_t>(index[axis])];
      };
      const float zero = HasInput(node, 2) ? parameter(2) : 0;
      result.values.push_back((At(x, index) - zero) * parameter(1));
    });
    return result;
  }

  static float At(const FloatTensor& x, const Ints& index) {
    int64_t at = 0;
    for (size_t i = 0; i < x.dims.size(); ++i) at = at * x.dims[i] + index[i];
    return x.values[static_cast<size_t>(at)];
  }

  template <typename F>
  static FloatTensor Broadcast(const FloatTensor& a, const FloatTensor& b, F f) {
    const FloatTensor& longer = a.dims.size() >= b.dims.size() ? a : b;
    FloatTensor result{longer.dims, {}};
    const auto dim_at = [](const FloatTensor& t, size_t from_end) {
      return from_end < t.dims.size() ? t.dims[t.dims.size() - 1 - from_end] : 1;
    };
    for (size_t i = 0; i < result.dims.size(); ++i) {
      result.dims[result.dims.size() - 1 - i] = std::max(dim_at(a, i), dim_at(b, i));
    }
    const auto pick = [](const FloatTensor& t, const Ints& index) {
      Ints own(index.end() - static_cast<std::ptrdiff_t>(t.dims.size()), index.end());
      for (size_t i = 0; i < own.size(); ++i) own[i] = t.dims[i] == 1 ? 0 : own[i];
      return At(t, own);
    };
    ForEachIndex(result.dims,
                 [&](const Ints& index) { result.values.push_back(f(pick(a, index), pick(b, index))); });
    return result;
  }

  static float FloatOf(const onnx::NodeProto& node, const char* name, float default_value) {
    const auto* attribute = FindAttribute(node, name);
    return attribute == nullptr ? default_value : attribute->f();
  }

  static FloatTensor HardSigmoid(const onnx::NodeProto& node, const FloatTensor& x) {
    const float alpha = FloatOf(node, "alpha", 0.2F);
    const float beta = FloatOf(node, "beta", 0.5F);
    return Map(x, [=](float v) { return std::clamp(alpha * v + beta, 0.0F, 1.0F); });
  }

  FloatTensor Clip(const onnx::NodeProto& node, const FloatTensor& x) const {
    float low = FloatOf(node, "min", std::numeric_limits<float>::lowest());
    float high = FloatOf(node, "max", std::numeric_limits<float>::max());
    if (HasInput(node, 1)) low = Input(node, 1).values.at(0);
    if (HasInput(node, 2)) high = Input(node, 2).values.at(0);
    return Map(x, [=](float v) { return std::clamp(v, low, high); });
  }

  FloatTensor Pad(const onnx::NodeProto& node, const FloatTensor& x) const {
    const Ints pads = Operand(node, "pads");
    const float fill = HasInput(node, 2) ? Input(node, 2).values.at(0) : FloatOf(node, "value", 0);
    FloatTensor result{x.dims, {}};
    const size_t rank = x.dims.size();
    for (size_t i = 0; i < rank; ++i) result.dims[i] += pads[i] + pads[rank + i];
    ForEachIndex(result.dims, [&](Ints index) {
      bool inside = true;
      for (size_t i = 0; i < rank; ++i) {
        index[i] -= pads[i];
        inside = inside && index[i] >= 0 && index[i] < x.dims[i];
      }
      result.values.push_back(inside ? At(x, index) : fill);
    });
    return result;
  }

  static FloatTensor AveragePool(const onnx::NodeProto& node, const FloatTensor& x) {
    const Ints kernel = IntsAttribute(node, "kernel_shape");
    const Ints strides = IntsAttribute(node, "strides", {1, 1});
    const Ints pads = IntsAttribute(node, "pads", {0, 0, 0, 0});
    const bool count_pads = IntAttribute(node, "count_include_pad", 0) != 0;
    FloatTensor result{x.dims, {}};
    for (size_t i = 0; i < 2; ++i) {
      result.dims[2 + i] = (x.dims[2 + i] + pads[i] + pads[2 + i] - kernel[i]) / strides[i] + 1;
    }
    ForEachIndex(result.dims, [&](const Ints& index) {
      float sum = 0;
      int64_t inside = 0;
      ForEachIndex(kernel, [&](const Ints& offset) {
        const int64_t row = index[2] * strides[0] - pads[0] + offset[0];
        const int64_t column = index[3] * strides[1] - pads[1] + offset[1];
        if (row < 0 || row >= x.dims[2] || column < 0 || column >= x.dims[3]) return;
        sum += At(x, {index[0], index[1], row, column});
        ++inside;
      });
      result.values.push_back(sum / static_cast<float>(count_pads ? kernel[0] * kernel[1] : inside));
    });
    return result;
  }

  FloatTensor Gemm(const onnx::NodeProto& node) const {
    const FloatTensor a =
        IntAttribute(node, "transA", 0) != 0 ? Transpose(Input(node, 0), {1, 0}) : Input(node, 0);
    const FloatTensor b =
        IntAttribute(node, "transB", 0) != 0 ? Transpose(Input(node, 1), {1, 0}) : Input(node, 1);
    FloatTensor product{{a.dims[0], b.dims[1]}, {}};
    ForEachIndex(product.dims, [&](const Ints& index) {
      float sum = 0;
      for (int64_t k = 0; k < a.dims[1]; ++k) sum += At(a, {index[0], k}) * At(b, {k, index[1]});
      product.values.push_back(sum);
    });
    if (!HasInput(node, 2)) return product;
    return Broadcast(product, Input(node, 2), [](float x, float y) { return x + y; });
  }

  static FloatTensor Transpose(const FloatTensor& x, const Ints& perm) {
    FloatTensor result;
    for (const int64_t axis : perm) result.dims.push_back(x.dims[static_cast<size_t>(axis)]);
    ForEachIndex(result.dims, [&](const Ints& index) {
      Ints from(index.size());
      for (size_t i = 0; i < index.size(); ++i) from[static_cast<size_t>(perm[i])] = index[i];
      result.values.push_back(At(x, from));
    });
    return result;
  }

  // Along `axis` alone since opset 13; over everything from `axis` on before.
  FloatTensor Softmax(const onnx::NodeProto& node, const FloatTensor& x) const {
    const auto rank = static_cast<int64_t>(x.dims.size());
    int64_t axis = IntAttribute(node, "axis", opset_ < 13 ? 1 : -1);
    if (axis < 0) axis += rank;
    const auto at = static_cast<size_t>(axis);
    const auto group = [&](const Ints& index) {
      Ints key = index;
      for (size_t i = at; i < key.size(); ++i) key[i] = i == at || opset_ < 13 ? 0 : key[i];
      return key;
    };
    std::map<Ints, float> sums;
    ForEachIndex(x.dims, [&](const Ints& index) { sums[group(index)] += std::exp(At(x, index)); });
    FloatTensor result{x.dims, {}};
    ForEachIndex(x.dims, [&](const Ints& index) {
      result.values.push_back(std::exp(At(x, index)) / sums[group(index)]);
    });
    return result;
  }

  static FloatTensor Reshape(FloatTensor x, Ints target) {
    int64_t others = 1;
    for (size_t i = 0; i < target.size(); ++i) {
      if (target[i] == 0) target[i] = x.dims[i];
      if (target[i] != -1) others *= target[i];
    }
    for (int64_t& dim : target) {
      if (dim == -1) dim = static_cast<int64_t>(x.values.size()) / others;
    }
    x.dims = target;
    return x;
  }

  static FloatTensor Flatten(const onnx::NodeProto& node, FloatTensor x) {
    int64_t rows = 1;
    for (int64_t i = 0; i < IntAttribute(node, "axis", 1); ++i) rows *= x.dims[static_cast<size_t>(i)];
    x.dims = {rows, static_cast<int64_t>(x.values.size()) / rows};
    return x;
  }

  FloatTensor ChangeAxes(const onnx::NodeProto& node, FloatTensor x) const {
    Ints axes = Operand(node, "axes");
    const bool add = node.op_type() == "Unsqueeze";
    const auto rank = static_cast<int64_t>(x.dims.size() + (add ? axes.size() : 0));
    for (int64_t& axis : axes) axis += axis < 0 ? rank : 0;
    std::sort(axes.begin(), axes.end());
    if (!add) std::reverse(axes.begin(), axes.end());
    for (const int64_t axis : axes) {
      if (add) {
        x.dims.insert(x.dims.begin() + axis, 1);
      } else {
        x.dims.erase(x.dims.begin() + axis);
      }
    }
    return x;
  }

  FloatTensor ReduceLastAxis(const onnx::NodeProto& node, const FloatTensor& x) const {
    FloatTensor result{x.dims, {}};
    result.dims.back() = 1;
    const auto length = static_cast<size_t>(x.dims.back());
    for (size_t i = 0; i < x.values.size(); i += length) {
      float sum = 0;
      for (size_t k = 0; k < length; ++k) sum += x.values[i + k];
      result.values.push_back(sum);
    }
    if (IntAttribute(node, "keepdims", 1) == 0) result.dims.pop_back();
    return result;
  }

  const onnx::GraphProto& graph_;
  const int opset_;
  std::map<std::string, FloatTensor> tensors_;
  std::set<std::string> signed_;  // names of int8 tensors
  std::map<std::string, Ints> ints_;
};

// A tensor of distinct values around zero.
inline FloatTensor Ramp(const std::vector<int64_t>& dims, float scale = 0.37F) {
  FloatTensor tensor{dims, {}};
  const int64_t count = ElementCount(dims).value();
  for (int64_t i = 0; i < count; ++i)
    tensor.values.push_back(std::sin(static_cast<float>(i) * 0.7F) * scale * 10);
  return tensor;
}

}  // namespace sightline::network
