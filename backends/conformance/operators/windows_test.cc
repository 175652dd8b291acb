// Windows (convolution, pooling) over every way of padding them, against the conformance suite's evaluator.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "backends/conformance/operators/runner.h"
#include "backends/conformance/operators/windows.h"

namespace sightline::conformance {
namespace {

// Odd and even sizes; what SAME_UPPER, SAME_LOWER and symmetric padding make of them, none, and odd ones out.
std::vector<WindowCase> WindowCases() {
  std::vector<WindowCase> cases;
  const std::vector<Dims> all_pads = {{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 1, 1}, {1, 1, 0, 0}, {1, 0, 0, 2}};
  for (const int64_t size : {7, 8}) {
    for (const int64_t kernel : {2, 3}) {
      for (const int64_t stride : {1, 2}) {
        for (const Dims& pads : all_pads) {
          // No more padding than kernel: a window with nothing under it has no maximum and no mean.
          if (pads[3] < kernel) cases.push_back({size, kernel, stride, 1, pads});
        }
      }
    }
  }
  return cases;
}

std::string Describe(const WindowCase& window) {
  std::string text = "size " + std::to_string(window.size) + " kernel " + std::to_string(window.kernel) +
                     " stride " + std::to_string(window.stride) + " dilation " +
                     std::to_string(window.dilation) + " pads";
  for (const int64_t pad : window.pads) text += ' ' + std::to_string(pad);
  return text;
}

TEST(ConvolutionTest, EveryPadding) {
  for (const WindowCase& window : WindowCases()) {
    SCOPED_TRACE(Describe(window));
    ExpectSame(ConvModel(window, 3, 4, 1));
  }
}

// A dilated kernel is a larger one with zeros between, which the evaluator, that knows no dilation, can
// compute.
onnx::ModelProto WithStuffedKernels(onnx::ModelProto model) {
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.dims_size() != 4) continue;
    const int64_t kernel = tensor.dims(2);
    const int64_t stuffed = 2 * kernel - 1;
    const onnx::TensorProto dense = tensor;
    tensor.mutable_float_data()->Resize(
        static_cast<int>(dense.float_data_size() / (kernel * kernel) * stuffed * stuffed), 0.0f);
    std::fill(tensor.mutable_float_data()->begin(), tensor.mutable_float_data()->end(), 0.0f);
    for (int i = 0; i < dense.float_data_size(); ++i) {
      const int64_t filter = i / (kernel * kernel);
      const int64_t row = i / kernel % kernel;
      const int64_t column = i % kernel;
      tensor.set_float_data(static_cast<int>((filter * stuffed + 2 * row) * stuffed + 2 * column),
                            dense.float_data(i));
    }
    tensor.set_dims(2, stuffed);
    tensor.set_dims(3, stuffed);
  }
  for (auto& node : *model.mutable_graph()->mutable_node()) {
    for (auto& attribute : *node.mutable_attribute()) {
      const int64_t value = attribute.name() == "dilations" ? 1 : 5;  // of 3
      if (attribute.name() != "dilations" && attribute.name() != "kernel_shape") continue;
      for (auto& element : *attribute.mutable_ints()) element = value;
    }
  }
  return model;
}

void ExpectSameDilated(const onnx::ModelProto& model) {
  ExpectSame(model, 2, Evaluate(WithStuffedKernels(model), {{"x", InputOf(model, 2)}}));
}

TEST(ConvolutionTest, Dilated) {
  ExpectSameDilated(ConvModel({8, 3, 1, 2, {2, 2, 2, 2}}, 3, 4, 1));
  ExpectSameDilated(ConvModel({9, 3, 1, 2, {0, 1, 2, 3}}, 3, 4, 1));
  ExpectSameDilated(ConvModel({8, 3, 1, 2, {2, 2, 2, 2}}, 4, 4, 4));
}

TEST(ConvolutionTest, Depthwise) {
  for (const WindowCase& window : WindowCases()) {
    SCOPED_TRACE(Describe(window));
    ExpectSame(ConvModel(window, 4, 4, 4));
  }
  ExpectSame(ConvModel({8, 3, 2, 1, {0, 0, 1, 1}}, 3, 6, 3));  // two filters per channel
}

// Frameworks have kernels of their own for these, and limits of their own.
TEST(ConvolutionTest, Grouped) {
  ExpectSame(ConvModel({8, 3, 1, 1, {1, 1, 1, 1}}, 6, 9, 3));
  ExpectSame(ConvModel({7, 3, 2, 1, {1, 0, 0, 2}}, 4, 4, 2));
  ExpectSame(ConvModel({8, 1, 1, 1, {0, 0, 0, 0}}, 6, 12, 3));
}

TEST(ConvolutionTest, StridesThatDiffer) {
  ModelMaker maker;
  maker.Input("x", {1, 3, 8, 9})
      .Weights("w", {3, 1, 3, 3})
      .Node("Conv", {"x", "w"}, "y", {MakeInts("strides", {2, 1}), MakeInt("group", 3)})
      .Output("y");
  ExpectSame(*maker.Make(), 1);
}

onnx::ModelProto PoolModel(const std::string& type, const WindowCase& window,
                           const std::vector<onnx::AttributeProto>& more = {}) {
  ModelMaker maker;
  auto attributes = WindowAttributes(window);
  attributes.insert(attributes.end(), more.begin(), more.end());
  maker.Input("x", {-1, 3, window.size, window.size + 1}).Node(type, {"x"}, "y", attributes).Output("y");
  return *maker.Make();
}

// Pooling as ONNX says it, with everything the evaluator leaves out: ceil_mode and count_include_pad.
struct PoolRules {
  bool maximum;
  bool include_pad;
  bool ceil_mode;
};

int64_t Windows(int64_t size, const WindowCase& window, int64_t begin, int64_t end, bool ceil_mode) {
  const int64_t free = size + begin + end - window.kernel;
  return (ceil_mode ? (free + window.stride - 1) / window.stride : free / window.stride) + 1;
}

double PoolOne(const double* plane, int64_t height, int64_t width, const WindowCase& window,
               const PoolRules& rules, int64_t top, int64_t left) {
  double sum = 0;
  double maximum = -1e9;
  int64_t count = 0;
  for (int64_t y = top; y < top + window.kernel; ++y) {
    for (int64_t x = left; x < left + window.kernel; ++x) {
      const bool inside = y >= 0 && y < height && x >= 0 && x < width;
      const bool padded = y < height + window.pads[2] && x < width + window.pads[3];
      count += inside || (rules.include_pad && padded) ? 1 : 0;
      if (!inside) continue;
      sum += plane[y * width + x];
      maximum = std::max(maximum, plane[y * width + x]);
    }
  }
  return rules.maximum ? maximum : sum / static_cast<double>(count);
}

Array NaivePool(const Array& input, const WindowCase& window, const PoolRules& rules) {
  const int64_t height = input.dims[2];
  const int64_t width = input.dims[3];
  const int64_t rows = Windows(height, window, window.pads[0], window.pads[2], rules.ceil_mode);
  const int64_t columns = Windows(width, window, window.pads[1], window.pads[3], rules.ceil_mode);
  Array output{{input.dims[0], input.dims[1], rows, columns}, {}};
  for (int64_t plane = 0; plane < input.dims[0] * input.dims[1]; ++plane) {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        output.values.push_back(PoolOne(input.values.data() + plane * height * width, height, width, window,
                                        rules, row * window.stride - window.pads[0],
                                        column * window.stride - window.pads[1]));
      }
    }
  }
  return output;
}

void ExpectPool(const WindowCase& window, const PoolRules& rules) {
  const auto model =
      PoolModel(rules.maximum ? "MaxPool" : "AveragePool", window,
                rules.maximum ? std::vector{MakeInt("ceil_mode", rules.ceil_mode ? 1 : 0)}
                              : std::vector{MakeInt("ceil_mode", rules.ceil_mode ? 1 : 0),
                                            MakeInt("count_include_pad", rules.include_pad ? 1 : 0)});
  ExpectSame(model, 2, {{"y", NaivePool(InputOf(model, 2), window, rules)}});
}

// Random inputs are negative half of the time, so a maximum over zeros padded in would show.
TEST(PoolingTest, EveryPadding) {
  for (const WindowCase& window : WindowCases()) {
    SCOPED_TRACE(Describe(window));
    ExpectPool(window, {.maximum = true, .include_pad = false, .ceil_mode = false});
    ExpectPool(window, {.maximum = false, .include_pad = false, .ceil_mode = false});
    ExpectPool(window, {.maximum = false, .include_pad = true, .ceil_mode = false});
  }
}

// As SqueezeNet and GoogLeNet pool.
TEST(PoolingTest, CeilMode) {
  for (const int64_t size : {7, 8}) {
    for (const Dims& pads : {Dims{0, 0, 0, 0}, Dims{1, 1, 1, 1}}) {
      const WindowCase window{size, 3, 2, 1, pads};
      SCOPED_TRACE(Describe(window));
      ExpectPool(window, {.maximum = true, .include_pad = false, .ceil_mode = true});
      ExpectPool(window, {.maximum = false, .include_pad = false, .ceil_mode = true});
    }
  }
}

}  // namespace
}  // namespace sightline::conformance
