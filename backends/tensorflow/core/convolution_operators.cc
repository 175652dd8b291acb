// Conv and ConvTranspose.
#include <array>

#include "backends/tensorflow/core/translation.h"
#include "backends/tensorflow/core/transpose.h"
#include "backends/tensorflow/core/window.h"

namespace sightline::tensorflow {
namespace {

// Weights [O, I, H, W] (of ConvTranspose [I, O, H, W]) become [H, W, I, O] (resp. [H, W, O, I]), in both
// cases the same permutation.
TF_Output WeightsChannelsLast(Translation& t, const kit::GraphValue& weights) {
  const auto dims = weights.dims();
  return t.builder.Floats("weights", Dims{dims[2], dims[3], dims[1], dims[0]},
                          Transpose(weights.floats(), dims, Dims{2, 3, 1, 0}));
}

// Weights [C * M, 1, H, W] become [H, W, C, M]: output channel c * M + m reads input channel c in both
// worlds.
TF_Output DepthwiseWeights(Translation& t, const kit::GraphValue& weights, int64_t channels) {
  const auto dims = weights.dims();
  const int64_t multiplier = dims[0] / channels;
  return t.builder.Floats(
      "weights", Dims{dims[2], dims[3], channels, multiplier},
      Transpose(weights.floats(), Dims{channels, multiplier, dims[2], dims[3]}, Dims{2, 3, 0, 1}));
}

// DepthwiseConv2dNative on CPU has neither dilation nor different strides; Conv2D as a grouped convolution
// has.
bool FitsDepthwiseKernel(const Window& window) {
  const auto& [height, width] = window.axes;
  return height.dilation == 1 && width.dilation == 1 && height.stride == width.stride;
}

// With a bias the addition is the layer's last operation, so it carries the layer's name.
void Finish(Translation& t, const kit::GraphNode& node, TF_Output result, bool grouped) {
  if (node.has_input(2)) {
    result = AddChannelBias(t, result, t.values.Get(node.input(2), Order::kOnnx), grouped);
  }
  t.values.Set(node.output(), Order::kChannelsLast, result);
  if (grouped) t.grouped.insert(node.output().index());
}

// Depthwise convolutions get their explicit padding by an operation of its own: Grappler loses it when it
// fuses them for oneDNN, and TensorFlow 2.21 then aborts the process ("Check failed: index >= 0 ... Invalid
// index from the dimension").
TF_Output PadBefore(Translation& t, TF_Output input, Window& window) {
  const TF_Output padded = t.builder.Binary("Pad", input, PaddingMatrix(window, t.builder), "pad");
  for (WindowAxis& axis : window.axes) axis.pad_begin = axis.pad_end = 0;
  return padded;
}

kit::Status Conv(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  KIT_RETURN_IF_ERROR(kit::NeedsConstant(node, 1));
  const kit::GraphValue weights = node.input(1);
  if (weights.rank() != 4) return kit::Unsupported("only convolutions over height and width are supported");
  const int64_t channels = node.input(0).dims()[1];
  const int64_t group = node.Int("group", 1);
  KIT_RETURN_IF_ERROR(kit::CheckGroups(node));
  KIT_ASSIGN_OR_RETURN(Window window, ReadWindow(node, {weights.dims()[2], weights.dims()[3]}));
  const bool depthwise = group > 1 && group == channels && FitsDepthwiseKernel(window);
  TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  if (depthwise && window.padding() == Padding::kExplicit) input = PadBefore(t, input, window);
  const TF_Output kernel =
      depthwise ? DepthwiseWeights(t, weights, channels) : WeightsChannelsLast(t, weights);
  Operation conv =
      t.builder.New(depthwise ? "DepthwiseConv2dNative" : "Conv2D", node.has_input(2) ? "conv" : "");
  conv.In(input).In(kernel);
  DescribeWindow(window, conv);
  conv.Ints("dilations", Dims{1, window.axes[0].dilation, window.axes[1].dilation, 1});
  Finish(t, node, conv.Done(), group > 1 && !depthwise);
  return kit::Ok();
}

// The shape of a transposed convolution's result as a tensor: its batch is the input's.
TF_Output ResultShape(Translation& t, TF_Output input, std::span<const int64_t> onnx_dims) {
  if (kit::OpenDimensions(onnx_dims) == 0) return t.builder.Ints("shape", ToChannelsLast(onnx_dims));
  const TF_Output shape = t.builder.Unary("Shape", input, "input_shape");
  const TF_Output batch = t.builder.New("Slice", "batch")
                              .In(shape)
                              .In(t.builder.Ints("begin", Dims{0}))
                              .In(t.builder.Ints("size", Dims{1}))
                              .Done();
  const std::array<TF_Output, 2> parts = {
      batch, t.builder.Ints("rest", Dims{onnx_dims[2], onnx_dims[3], onnx_dims[1]})};
  const TF_Output axis = t.builder.Int("axis", 0);
  return t.builder.New("ConcatV2", "shape").In(parts).In(axis).Done();
}

// The gradient of a convolution with respect to its input is what ONNX calls ConvTranspose; its padding is
// that of the convolution. output_padding adds rows that no window begins in, which are unpadded ones of the
// larger result.
kit::Status ConvTranspose(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsPicture(node));
  KIT_RETURN_IF_ERROR(kit::NeedsConstant(node, 1));
  const kit::GraphValue weights = node.input(1);
  const kit::GraphValue output = node.output();
  if (node.Int("group", 1) != 1) return kit::Unsupported("only group 1 is supported");
  if (node.has_attribute("output_shape")) return kit::Unsupported("output_shape is not supported, only pads");
  if (weights.rank() != 4) return kit::Unsupported("only convolutions over height and width are supported");
  if (output.rank() != 4 || kit::OpenDimensions(output.dims().subspan(1)) > 0) {
    return kit::Unsupported("the result's height and width must be known");
  }
  KIT_ASSIGN_OR_RETURN(Window window, ReadWindow(node, {weights.dims()[2], weights.dims()[3]}));
  if (window.axes[0].dilation != 1 || window.axes[1].dilation != 1) {
    return kit::Unsupported("dilations are not supported");
  }
  // Seen from the convolution whose gradient this is, input and output change places.
  for (size_t i = 0; i < 2; ++i) window.axes[i].size = output.dims()[i + 2];
  const TF_Output input = t.values.Get(node.input(0), Order::kChannelsLast);
  const TF_Output shape = ResultShape(t, input, output.dims());
  const TF_Output kernel = WeightsChannelsLast(t, weights);
  Operation conv = t.builder.New("Conv2DBackpropInput", node.has_input(2) ? "conv" : "");
  conv.In(shape).In(kernel).In(input);
  DescribeWindow(window, conv);
  Finish(t, node, conv.Done(), false);
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"Conv", Conv}, {"ConvTranspose", ConvTranspose}};

}  // namespace

std::span<const HandlerEntry> ConvolutionHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
