#include "backends/conformance/operators/windows.h"

namespace sightline::conformance {

std::vector<onnx::AttributeProto> WindowAttributes(const WindowCase& window) {
  return {MakeInts("kernel_shape", {window.kernel, window.kernel}),
          MakeInts("strides", {window.stride, window.stride}), MakeInts("pads", window.pads)};
}

onnx::ModelProto ConvModel(const WindowCase& window, int64_t channels, int64_t filters, int64_t group) {
  ModelMaker maker;
  auto attributes = WindowAttributes(window);
  attributes.push_back(MakeInt("group", group));
  attributes.push_back(MakeInts("dilations", {window.dilation, window.dilation}));
  maker.Input("x", {-1, channels, window.size, window.size + 1})
      .Weights("w", {filters, channels / group, window.kernel, window.kernel})
      .Weights("w2", {filters, channels / group, window.kernel, window.kernel})
      .Weights("b", {filters})
      .Weights("scale", {filters})
      .Weights("shift", {filters})
      .Weights("mean", {filters})
      .PositiveWeights("variance", {filters})
      .Node("Conv", {"x", "w", "b"}, "biased", attributes)
      .Node("Relu", {"biased"}, "rectified")
      .Node("Conv", {"x", "w2"}, "plain", attributes)
      .Node("BatchNormalization", {"plain", "scale", "shift", "mean", "variance"}, "normal",
            {MakeFloat("epsilon", 1e-3f)})
      .Node("Clip", {"normal"}, "clipped", {MakeFloat("min", 0), MakeFloat("max", 6)})
      .Output("rectified")
      .Output("clipped");
  return *maker.Make();
}

}  // namespace sightline::conformance
