// Activations that take parameters. Relu, Sigmoid, Tanh and the like are in elementwise_operators.cc.
#include <limits>

#include "backends/kit/info.h"
#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

double Parameter(const kit::GraphNode& node, const char* name, float fallback) {
  return node.Float(name, fallback);
}

// A bound as the tensor's own kind of number; "None" where there is none.
std::string BoundText(const std::optional<double>& bound, SlDataType type) {
  // Opset 6 says "no bound" by the largest float, later ones by leaving it out.
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (!bound || (kit::IsFloat(type) && (*bound <= -kLargest || *bound >= kLargest))) return "None";
  return kit::IsFloat(type) ? Literal(*bound) : Literal(static_cast<int64_t>(*bound));
}

// hardtanh is clamp under the name that optimize_for_inference looks for.
kit::Status Clip(Translation& t, const kit::GraphNode& node) {
  const SlDataType type = node.input(0).type();
  KIT_ASSIGN_OR_RETURN(const std::optional<double> min, NumberOf(node, "min", 1));
  KIT_ASSIGN_OR_RETURN(const std::optional<double> max, NumberOf(node, "max", 2));
  const std::string low = BoundText(min, type);
  const std::string high = BoundText(max, type);
  if (low == "None" && high == "None") {
    t.builder.Alias(node.output(), In(t, node));
  } else if (kit::IsFloat(type) && min.value_or(-1) == 0 && high == "None") {
    t.builder.Set(node.output(), Torch("relu", In(t, node)));
  } else if (kit::IsFloat(type) && low != "None" && high != "None") {
    t.builder.Set(node.output(), Torch("hardtanh", In(t, node), low, high));
  } else {
    t.builder.Set(node.output(), Torch("clamp", In(t, node), low, high));
  }
  return kit::Ok();
}

kit::Status LeakyRelu(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("leaky_relu", In(t, node), Parameter(node, "alpha", 0.01f)));
  return kit::Ok();
}

kit::Status Elu(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("elu", In(t, node), Parameter(node, "alpha", 1.0f)));
  return kit::Ok();
}

kit::Status Selu(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("elu", In(t, node), Parameter(node, "alpha", 1.67326319217681884765625f),
                                     Parameter(node, "gamma", 1.05070102214813232421875f)));
  return kit::Ok();
}

kit::Status Celu(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("celu", In(t, node), Parameter(node, "alpha", 1.0f)));
  return kit::Ok();
}

kit::Status ThresholdedRelu(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("threshold", In(t, node), Parameter(node, "alpha", 1.0f), 0.0));
  return kit::Ok();
}

// max(x, 0) + slope * min(x, 0); the slope broadcasts.
kit::Status PRelu(Translation& t, const kit::GraphNode& node) {
  const std::string x = In(t, node);
  const std::string sloped = Torch("mul", Torch("clamp", x, "None", 0.0), In(t, node, 1));
  t.builder.Set(node.output(), Torch("add", Torch("relu", x), sloped));
  return kit::Ok();
}

// max(0, min(1, alpha * x + beta)); LibTorch has one with alpha 1/6 and beta 1/2.
kit::Status HardSigmoid(Translation& t, const kit::GraphNode& node) {
  const float alpha = node.Float("alpha", 0.2f);
  const float beta = node.Float("beta", 0.5f);
  if (alpha == 1.0f / 6.0f && beta == 0.5f) {
    t.builder.Set(node.output(), Torch("hardsigmoid", In(t, node)));
    return kit::Ok();
  }
  const std::string scaled = Torch("mul", In(t, node), static_cast<double>(alpha));
  t.builder.Set(node.output(), Torch("clamp", Torch("add", scaled, static_cast<double>(beta)), 0.0, 1.0));
  return kit::Ok();
}

kit::Status HardSwish(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("hardswish", In(t, node)));
  return kit::Ok();
}

kit::Status Softsign(Translation& t, const kit::GraphNode& node) {
  const std::string divisor = Torch("add", Torch("abs", In(t, node)), 1.0);
  t.builder.Set(node.output(), Torch("div", In(t, node), divisor));
  return kit::Ok();
}

constexpr HandlerEntry kHandlers[] = {{"Celu", Celu},
                                      {"Clip", Clip},
                                      {"Elu", Elu},
                                      {"HardSigmoid", HardSigmoid},
                                      {"HardSwish", HardSwish},
                                      {"LeakyRelu", LeakyRelu},
                                      {"PRelu", PRelu},
                                      {"Selu", Selu},
                                      {"Softsign", Softsign},
                                      {"ThresholdedRelu", ThresholdedRelu}};

}  // namespace

std::span<const HandlerEntry> ActivationHandlers() {
  return kHandlers;
}

}  // namespace sightline::torch_backend
