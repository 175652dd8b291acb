#include "src/network/padding.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace sightline::network {
namespace {

using Ints = std::vector<int64_t>;

// The window of a node, one entry per spatial axis.
struct Window {
  Ints input, output;  // sizes
  Ints kernel, strides, dilations;
};

std::optional<Ints> SpatialSizes(const ValueType& type) {
  if (!type.dims || type.dims->size() < 3) return std::nullopt;
  Ints sizes;
  for (size_t i = 2; i < type.dims->size(); ++i) {
    if (!(*type.dims)[i].known()) return std::nullopt;
    sizes.push_back((*type.dims)[i].value);
  }
  return sizes;
}

std::optional<Window> FindWindow(const onnx::NodeProto& node, const ShapeInference& shapes) {
  const auto input = SpatialSizes(shapes.Find(node.input(0)));
  const auto output = SpatialSizes(shapes.Find(node.output(0)));
  if (!input || !output) return std::nullopt;
  Ints kernel = IntsAttribute(node, "kernel_shape");
  if (kernel.empty() && HasInput(node, 1)) kernel = SpatialSizes(shapes.Find(node.input(1))).value_or(Ints{});
  const size_t axes = input->size();
  Window window{*input, *output, std::move(kernel), IntsAttribute(node, "strides", Ints(axes, 1)),
                IntsAttribute(node, "dilations", Ints(axes, 1))};
  const bool complete = window.output.size() == axes && window.kernel.size() == axes &&
                        window.strides.size() == axes && window.dilations.size() == axes;
  return complete ? std::optional(window) : std::nullopt;
}

// Total padding of one axis. ONNX operator specification, Conv and ConvTranspose (`auto_pad`,
// `output_shape`).
int64_t TotalPadding(const onnx::NodeProto& node, const Window& window, size_t axis) {
  const int64_t extent = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
  if (node.op_type() == "ConvTranspose") {
    const Ints extra = IntsAttribute(node, "output_padding", Ints(window.input.size(), 0));
    const int64_t added = axis < extra.size() ? extra[axis] : 0;
    return window.strides[axis] * (window.input[axis] - 1) + added + extent - window.output[axis];
  }
  return (window.output[axis] - 1) * window.strides[axis] + extent - window.input[axis];
}

std::optional<Ints> ExplicitPads(const onnx::NodeProto& node, const Window& window, bool more_at_end) {
  const size_t axes = window.input.size();
  const bool transposed = node.op_type() == "ConvTranspose";
  Ints pads(2 * axes, 0);
  for (size_t axis = 0; axis < axes; ++axis) {
    int64_t total = TotalPadding(node, window, axis);
    if (total < 0 && transposed) return std::nullopt;  // would take output_padding
    total = std::max<int64_t>(total, 0);
    pads[axis] = more_at_end ? total / 2 : total - total / 2;
    pads[axes + axis] = total - pads[axis];
  }
  return pads;
}

bool HasWindow(const onnx::NodeProto& node) {
  constexpr std::string_view kOperators[] = {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool"};
  return IsDefaultDomain(node) &&
         std::find(std::begin(kOperators), std::end(kOperators), node.op_type()) != std::end(kOperators);
}

void MakePadsExplicit(onnx::NodeProto& node, const ShapeInference& shapes) {
  const std::string auto_pad = StringAttribute(node, "auto_pad", "NOTSET");
  const bool sized_by_output =
      node.op_type() == "ConvTranspose" && FindAttribute(node, "output_shape") != nullptr;
  if (auto_pad == "NOTSET" && !sized_by_output) {
    RemoveAttribute(node, "auto_pad");
    return;
  }
  if (auto_pad == "VALID" && !sized_by_output) {  // no padding at all
    RemoveAttribute(node, "auto_pad");
    RemoveAttribute(node, "pads");
    return;
  }
  const std::optional<Window> window = FindWindow(node, shapes);
  if (!window) return;
  const std::optional<Ints> pads = ExplicitPads(node, *window, auto_pad == "SAME_UPPER");
  if (!pads) return;
  RemoveAttribute(node, "auto_pad");
  RemoveAttribute(node, "output_shape");
  SetIntsAttribute(node, "pads", *pads);
}

// ONNX lets a convolution leave its window to its weights; some importers insist on being told.
void MakeKernelExplicit(onnx::NodeProto& node, const ShapeInference& shapes) {
  const bool convolves = node.op_type() == "Conv" || node.op_type() == "ConvTranspose";
  if (!convolves || !HasInput(node, 1) || FindAttribute(node, "kernel_shape") != nullptr) return;
  const std::optional<Ints> kernel = SpatialSizes(shapes.Find(node.input(1)));
  if (kernel) SetIntsAttribute(node, "kernel_shape", *kernel);
}

}  // namespace

void MakeWindowsExplicit(Draft& draft, const ShapeInference& shapes) {
  for (onnx::NodeProto& node : *draft.graph().mutable_node()) {
    if (!HasWindow(node)) continue;
    MakeKernelExplicit(node, shapes);
    MakePadsExplicit(node, shapes);
  }
}

}  // namespace sightline::network
