// MaxPool, AveragePool and the global pools.
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "backends/kit/info.h"
#include "backends/kit/onnx_window.h"
#include "backends/torch/translation.h"
#include "backends/torch/window.h"

namespace sightline::torch_backend {
namespace {

// A window with its place on known sizes.
struct Pooling {
  Window window;
  Dims sizes;    // of the input; -1: not known
  Dims outputs;  // windows on each axis; -1: not known
  bool ceil_mode = false;

  size_t axes() const { return sizes.size(); }
  bool sizes_known() const { return kit::OpenDimensions(sizes) == 0 && kit::OpenDimensions(outputs) == 0; }
};

kit::Result<Pooling> ReadPooling(const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node));
  if (!kit::IsFloat(node.input(0).type())) return kit::Unsupported("only pooling of floats is supported");
  Pooling pooling;
  KIT_ASSIGN_OR_RETURN(pooling.window, ReadWindow(node, node.Ints("kernel_shape", {})));
  pooling.ceil_mode = node.Int("ceil_mode", 0) != 0;
  const auto from = node.input(0).dims().subspan(2);
  pooling.sizes.assign(from.begin(), from.end());
  pooling.outputs.assign(pooling.sizes.size(), -1);
  if (node.output().rank() == node.input(0).rank()) {
    const auto to = node.output().dims().subspan(2);
    pooling.outputs.assign(to.begin(), to.end());
  }
  return pooling;
}

// How many windows LibTorch makes of `padding` at both ends (aten/src/ATen/native/Pool.h): rounding up adds a
// window only where it begins inside the picture or the padding in front of it.
int64_t Windows(const Pooling& p, size_t axis, int64_t padding, bool ceil_mode) {
  const int64_t stride = p.window.strides[axis];
  const int64_t room = p.sizes[axis] + 2 * padding - p.window.reach(axis);
  int64_t count = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
  if (ceil_mode && (count - 1) * stride >= p.sizes[axis] + padding) --count;
  return count;
}

// LibTorch refuses more padding than half a kernel.
bool PadsFit(const Pooling& p, const Dims& padding) {
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    if (2 * padding[axis] > p.window.kernel[axis]) return false;
  }
  return true;
}

// Whether LibTorch, padding the begins at both ends, makes just the windows wanted.
bool MakesWindows(const Pooling& p, bool ceil_mode) {
  if (!PadsFit(p, p.window.begin)) return false;
  if (!p.sizes_known()) return p.window.symmetric() && ceil_mode == p.ceil_mode;
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    if (Windows(p, axis, p.window.begin[axis], ceil_mode) != p.outputs[axis]) return false;
  }
  return true;
}

// Pads that make just the windows wanted: the begins as written, the ends as far as the last window reaches.
Dims ExactPads(const Pooling& p) {
  Dims pads = p.window.pads();
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    const int64_t reached = (p.outputs[axis] - 1) * p.window.strides[axis] + p.window.reach(axis);
    pads[axis + p.axes()] = std::max<int64_t>(reached - p.sizes[axis] - p.window.begin[axis], 0);
  }
  return pads;
}

std::string Function(const char* name, const Pooling& p) {
  return name + std::to_string(p.axes()) + "d";
}

// Padded positions never win, so where the windows begin and how many there are is all that counts.
kit::Status MaxPool(Translation& t, const kit::GraphNode& node) {
  if (node.has_output(1)) return kit::Unsupported("the positions of the maxima are not supported");
  KIT_ASSIGN_OR_RETURN(const Pooling p, ReadPooling(node));
  const auto pool = [&](const std::string& input, const Dims& padding, bool ceil_mode) {
    return Torch(Function("max_pool", p), input, p.window.kernel, p.window.strides, padding,
                 p.window.dilations, ceil_mode);
  };
  for (const bool ceil_mode : {false, true}) {
    if (!MakesWindows(p, ceil_mode)) continue;
    t.builder.Set(node.output(), pool(In(t, node), p.window.begin, ceil_mode));
    return kit::Ok();
  }
  if (!p.sizes_known()) return kit::Unsupported("this padding needs a known size of the input");
  const std::string padded =
      t.builder.Let(Torch("constant_pad_nd", In(t, node), PadsFromTheBack(ExactPads(p)),
                          -std::numeric_limits<double>::infinity()));
  t.builder.Set(node.output(), pool(padded, Dims(p.axes(), 0), false));
  return kit::Ok();
}

Dims PositionsCounted(const Pooling& p, size_t axis, bool include_pad) {
  return kit::PositionsCounted({.size = p.sizes[axis],
                                .kernel = p.window.kernel[axis],
                                .stride = p.window.strides[axis],
                                .pad_begin = p.window.begin[axis],
                                .pad_end = p.window.end[axis],
                                .output = p.outputs[axis]},
                               include_pad);
}

// 1 / positions counted, per window: [1, outputs...].
std::vector<float> Reciprocals(const Pooling& p, bool include_pad) {
  std::vector<float> values = {1.0f};
  for (size_t axis = 0; axis < p.axes(); ++axis) {
    std::vector<float> next;
    for (const float value : values) {
      for (const int64_t count : PositionsCounted(p, axis, include_pad)) {
        next.push_back(value / static_cast<float>(count));
      }
    }
    values = std::move(next);
  }
  return values;
}

// What LibTorch has no scheme for is summed over zeros around the picture and divided by what counts.
kit::Status AveragePool(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const Pooling p, ReadPooling(node));
  for (const int64_t dilation : p.window.dilations) {
    if (dilation != 1) return kit::Unsupported("averages with dilations are not supported");
  }
  const bool include_pad = node.Int("count_include_pad", 0) != 0;
  if (p.window.symmetric() && MakesWindows(p, p.ceil_mode)) {
    t.builder.Set(node.output(), Torch(Function("avg_pool", p), In(t, node), p.window.kernel,
                                       p.window.strides, p.window.begin, p.ceil_mode, include_pad));
    return kit::Ok();
  }
  if (!p.sizes_known()) return kit::Unsupported("this padding needs a known size of the input");
  const std::string padded =
      t.builder.Let(Torch("constant_pad_nd", In(t, node), PadsFromTheBack(ExactPads(p)), 0.0));
  const std::string means = t.builder.Let(Torch(Function("avg_pool", p), padded, p.window.kernel,
                                                p.window.strides, Dims(p.axes(), 0), false, true));
  int64_t area = 1;
  for (const int64_t size : p.window.kernel) area *= size;
  std::vector<float> factors = Reciprocals(p, include_pad);
  for (float& factor : factors) factor *= static_cast<float>(area);
  const std::string counts = t.builder.Floats(p.outputs, factors);
  t.builder.Set(node.output(), Torch("mul", means, counts));
  return kit::Ok();
}

Dims SpatialAxes(const kit::GraphNode& node) {
  Dims axes;
  for (int axis = 2; axis < node.input(0).rank(); ++axis) axes.push_back(axis);
  return axes;
}

kit::Status GlobalAveragePool(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node, 3, SL_MAX_RANK));
  t.builder.Set(node.output(), Torch("mean", In(t, node), SpatialAxes(node), true));
  return kit::Ok();
}

kit::Status GlobalMaxPool(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node, 3, SL_MAX_RANK));
  t.builder.Set(node.output(), Torch("amax", In(t, node), SpatialAxes(node), true));
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"AveragePool", AveragePool},
                                      {"GlobalAveragePool", GlobalAveragePool},
                                      {"GlobalMaxPool", GlobalMaxPool},
                                      {"MaxPool", MaxPool}};

}  // namespace

std::span<const HandlerEntry> PoolingHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
