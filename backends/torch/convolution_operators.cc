// Conv and ConvTranspose, over one to three axes.
#include <algorithm>
#include <cstdlib>
#include <span>
#include <vector>

#include "backends/torch/translation.h"
#include "backends/torch/window.h"

namespace sightline::torch_backend {
namespace {

// Zeros that a kernel grows by on each side of each axis: all fronts, then all backs.
using Growth = Dims;

// Padding that differs between the ends of an axis is the same at both ends under a kernel that has grown by
// zeros at the end with less of it: as TensorFlow's SAME pads a stride of 2, that makes a kernel of 4 out of
// one of 3. It costs a few multiplications by zero, where padding the picture beforehand costs a copy of it,
// and with oneDNN two changes of its memory order.
// Makes `window` symmetric and returns the growth; an empty one leaves things as they are.
Growth GrowKernel(Window& window, bool constant_weights) {
  constexpr double kMostWork = 2;  // times as many multiplications, at most
  const size_t axes = window.kernel.size();
  Growth growth(2 * axes, 0);
  double work = 1;
  for (size_t axis = 0; axis < axes; ++axis) {
    const int64_t missing = window.end[axis] - window.begin[axis];
    if (missing % window.dilations[axis] != 0) return {};
    const int64_t zeros = std::abs(missing) / window.dilations[axis];
    growth[missing > 0 ? axis : axis + axes] = zeros;
    work *= static_cast<double>(window.kernel[axis] + zeros) / static_cast<double>(window.kernel[axis]);
  }
  if (window.symmetric() || !constant_weights || work > kMostWork) return {};
  for (size_t axis = 0; axis < axes; ++axis) {
    window.kernel[axis] += growth[axis] + growth[axis + axes];
    window.begin[axis] = window.end[axis] = std::max(window.begin[axis], window.end[axis]);
  }
  return growth;
}

// Where element `index` of a kernel lies in the grown one, both row-major.
int64_t GrownIndex(int64_t index, std::span<const int64_t> kernel, const Growth& growth) {
  int64_t grown = 0;
  int64_t stride = 1;
  for (size_t axis = kernel.size(); axis-- > 0;) {
    grown += (index % kernel[axis] + growth[axis]) * stride;
    stride *= kernel[axis] + growth[axis] + growth[axis + kernel.size()];
    index /= kernel[axis];
  }
  return grown;
}

std::string GrownWeights(Translation& t, std::span<const int64_t> dims, const std::vector<float>& weights,
                         const Growth& growth) {
  const auto kernel = dims.subspan(2);
  Dims grown_dims(dims.begin(), dims.end());
  int64_t size = 1;
  int64_t grown_size = 1;
  for (size_t axis = 0; axis < kernel.size(); ++axis) {
    grown_dims[axis + 2] += growth[axis] + growth[axis + kernel.size()];
    size *= kernel[axis];
    grown_size *= grown_dims[axis + 2];
  }
  std::vector<float> grown(weights.size() / static_cast<size_t>(size) * static_cast<size_t>(grown_size),
                           0.0f);
  for (size_t i = 0; i < weights.size(); ++i) {
    const auto plane = static_cast<int64_t>(i) / size;
    const int64_t at = plane * grown_size + GrownIndex(static_cast<int64_t>(i) % size, kernel, growth);
    grown[static_cast<size_t>(at)] = weights[i];
  }
  return t.builder.Floats(grown_dims, grown);
}

// The weights as they are, or grown, or with what a batch normalization multiplies each output channel by.
std::string Weights(Translation& t, const kit::GraphValue& weights, const FusedConvolution& fused,
                    const Growth& growth) {
  if (!fused.affine && growth.empty()) return t.builder.Get(weights);
  std::vector<float> values(weights.floats().begin(), weights.floats().end());
  const size_t per_filter = values.size() / static_cast<size_t>(weights.dims()[0]);
  for (size_t i = 0; fused.affine && i < values.size(); ++i) {
    values[i] = static_cast<float>(values[i] * fused.affine->factor[i / per_filter]);
  }
  if (!growth.empty()) return GrownWeights(t, weights.dims(), values, growth);
  return t.builder.Floats({weights.dims().begin(), weights.dims().end()}, values);
}

// "None" where there is none.
std::string Bias(Translation& t, const kit::GraphNode& node, const FusedConvolution& fused) {
  if (!fused.affine) return node.has_input(2) ? In(t, node, 2) : "None";
  std::vector<float> bias;
  for (size_t c = 0; c < fused.affine->offset.size(); ++c) {
    const double own = node.has_input(2) ? node.input(2).floats()[c] : 0;
    bias.push_back(static_cast<float>(own * fused.affine->factor[c] + fused.affine->offset[c]));
  }
  const auto channels = static_cast<int64_t>(bias.size());
  return t.builder.Floats({channels}, bias);
}

// LibTorch pads alike at both ends; zeros for anything else are put around the picture beforehand.
std::string PadBefore(Translation& t, const std::string& input, Window& window) {
  if (window.symmetric()) return input;
  std::string padded = t.builder.Let(Torch("constant_pad_nd", input, PadsFromTheBack(window.pads()), 0.0));
  for (Dims* pads : {&window.begin, &window.end}) std::fill(pads->begin(), pads->end(), 0);
  return padded;
}

// oneDNN has this one's types and axes.
bool FitsOneDnn(const Translation& t, const kit::GraphNode& node) {
  return t.settings.convolutions == ConvolutionForm::kOneDnn && node.input(0).rank() == 4 &&
         node.input(0).type() == SL_F32;
}

std::string Expression(Translation& t, const kit::GraphNode& node, Window window,
                       const FusedConvolution& fused) {
  const kit::GraphValue kernel = node.input(1);
  const Growth growth = GrowKernel(window, kernel.is_constant() && kernel.type() == SL_F32);
  const std::string input = PadBefore(t, In(t, node), window);
  const std::string weights = Weights(t, kernel, fused, growth);
  const std::string bias = Bias(t, node, fused);
  const int64_t group = node.Int("group", 1);
  if (FitsOneDnn(t, node)) {
    return Torch("mkldnn_convolution", input, weights, bias, window.begin, window.strides, window.dilations,
                 group);
  }
  return Torch("conv" + std::to_string(window.kernel.size()) + "d", input, weights, bias, window.strides,
               window.begin, window.dilations, group);
}

kit::Status Conv(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node));
  const kit::GraphValue weights = node.input(1);
  if (weights.rank() != node.input(0).rank() || kit::OpenDimensions(weights.dims()) > 0) {
    return kit::InvalidArgument("weights '", weights.name(), "' do not have the input's rank");
  }
  KIT_RETURN_IF_ERROR(kit::CheckGroups(node));
  const auto dims = weights.dims();
  KIT_ASSIGN_OR_RETURN(const Window window, ReadWindow(node, Dims(dims.begin() + 2, dims.end())));
  const auto planned = t.fused.find(node.output().index());
  const FusedConvolution fused = planned == t.fused.end() ? FusedConvolution{.last = node} : planned->second;
  t.builder.Set(fused.last.output(), Expression(t, node, window, fused));
  return kit::Ok();
}

// The part of a transposed convolution's unpadded result that the pads leave.
std::string WithoutPads(Translation& t, std::string result, const Dims& begin,
                        std::span<const int64_t> dims) {
  for (size_t axis = 0; axis < begin.size(); ++axis) {
    result =
        t.builder.Let(Torch("narrow", result, static_cast<int64_t>(axis) + 2, begin[axis], dims[axis + 2]));
  }
  return result;
}

kit::Status ConvTranspose(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(NeedsImage(node));
  const kit::GraphValue weights = node.input(1);
  const kit::GraphValue output = node.output();
  if (node.has_attribute("output_shape")) return kit::Unsupported("output_shape is not supported, only pads");
  if (weights.rank() != node.input(0).rank() || kit::OpenDimensions(weights.dims()) > 0) {
    return kit::InvalidArgument("weights '", weights.name(), "' do not have the input's rank");
  }
  const auto dims = weights.dims();
  KIT_ASSIGN_OR_RETURN(const Window window, ReadWindow(node, Dims(dims.begin() + 2, dims.end())));
  const size_t axes = window.kernel.size();
  const Dims extra = node.Ints("output_padding", Dims(axes, 0));
  const std::string function = "conv_transpose" + std::to_string(axes) + "d";
  const std::string bias = node.has_input(2) ? In(t, node, 2) : "None";
  const auto transposed = [&](const Dims& padding) {
    return Torch(function, In(t, node), In(t, node, 1), bias, window.strides, padding, extra,
                 node.Int("group", 1), window.dilations);
  };
  if (window.symmetric()) {
    t.builder.Set(output, transposed(window.begin));
    return kit::Ok();
  }
  if (!output.shape_known() || kit::OpenDimensions(output.dims().subspan(2)) > 0) {
    return kit::Unsupported("pads that differ need a known size of the result");
  }
  t.builder.Alias(output,
                  WithoutPads(t, t.builder.Let(transposed(Dims(axes, 0))), window.begin, output.dims()));
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"Conv", Conv}, {"ConvTranspose", ConvTranspose}};

}  // namespace

std::span<const HandlerEntry> ConvolutionHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
