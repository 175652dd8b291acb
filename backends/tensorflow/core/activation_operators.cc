// Activations that take parameters. Relu, Sigmoid, Tanh and the like are in elementwise_operators.cc.
#include <limits>

#include "backends/tensorflow/core/broadcast.h"
#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

// Builds y from x in whatever order x is in.
template <typename Build>
kit::Status InPlaceOf(Translation& t, const kit::GraphNode& node, Build build) {
  const Order order = OrderOf(t, node);
  t.values.Set(node.output(), order, build(t.values.Get(node.input(0), order)));
  return kit::Ok();
}

// Opset 11 turned the attributes into inputs.
kit::Result<float> Bound(const kit::GraphNode& node, const char* name, int input, float fallback) {
  if (!node.has_input(input)) return node.Float(name, fallback);
  KIT_RETURN_IF_ERROR(NeedsConstant(node, input));
  if (node.input(input).floats().size() != 1) return kit::InvalidArgument("'", name, "' must be one number");
  return node.input(input).floats()[0];
}

kit::Status Clip(Translation& t, const kit::GraphNode& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  // Opset 6 says "no bound" by the largest float, later ones by leaving it out.
  constexpr float kLargest = std::numeric_limits<float>::max();
  KIT_ASSIGN_OR_RETURN(const float low, Bound(node, "min", 1, -kInfinity));
  KIT_ASSIGN_OR_RETURN(const float high, Bound(node, "max", 2, kInfinity));
  const bool has_low = low > -kLargest;
  const bool has_high = high < kLargest;
  return InPlaceOf(t, node, [&](TF_Output x) {
    if (low == 0.0f && high == 6.0f) return t.builder.Unary("Relu6", x);
    if (low == 0.0f && !has_high) return t.builder.Unary("Relu", x);
    if (!has_low && !has_high) return t.builder.Unary("Identity", x);
    if (has_low) x = t.builder.Binary("Maximum", x, t.builder.Scalar("min", low), has_high ? "raise" : "");
    if (has_high) x = t.builder.Binary("Minimum", x, t.builder.Scalar("max", high));
    return x;
  });
}

kit::Status LeakyRelu(Translation& t, const kit::GraphNode& node) {
  return InPlaceOf(t, node, [&](TF_Output x) {
    return t.builder.New("LeakyRelu").In(x).Float("alpha", node.Float("alpha", 0.01f)).Done();
  });
}

// alpha * (exp(x) - 1) below zero; TensorFlow's own has alpha 1.
kit::Status Elu(Translation& t, const kit::GraphNode& node) {
  const float alpha = node.Float("alpha", 1.0f);
  return InPlaceOf(t, node, [&](TF_Output x) {
    if (alpha == 1.0f) return t.builder.Unary("Elu", x);
    const TF_Output negative = t.builder.Binary("Minimum", x, t.builder.Scalar("zero", 0), "negative");
    const TF_Output scaled = t.builder.Binary("Mul", t.builder.Unary("Expm1", negative, "expm1"),
                                              t.builder.Scalar("alpha", alpha), "scale");
    return t.builder.Binary("AddV2", t.builder.Unary("Relu", x, "positive"), scaled);
  });
}

// max(x, 0) + slope * min(x, 0)
kit::Status PRelu(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const Operands operands, AlignOperands(t, node));
  const TF_Output x = operands.outputs[0];
  const TF_Output negative = t.builder.Binary("Minimum", x, t.builder.Scalar("zero", 0), "negative");
  const TF_Output sloped = t.builder.Binary("Mul", negative, operands.outputs[1], "slope");
  t.values.Set(node.output(), operands.order,
               t.builder.Binary("AddV2", t.builder.Unary("Relu", x, "positive"), sloped));
  return kit::Ok();
}

// max(0, min(1, alpha * x + beta))
TF_Output BuildHardSigmoid(Translation& t, TF_Output x, float alpha, float beta, std::string_view name) {
  GraphBuilder& builder = t.builder;
  const TF_Output scaled = builder.Binary("Mul", x, builder.Scalar("alpha", alpha), "scale");
  const TF_Output shifted = builder.Binary("AddV2", scaled, builder.Scalar("beta", beta), "shift");
  const TF_Output lowered = builder.Binary("Minimum", shifted, builder.Scalar("one", 1), "lower");
  return builder.Binary("Maximum", lowered, builder.Scalar("zero", 0), name);
}

kit::Status HardSigmoid(Translation& t, const kit::GraphNode& node) {
  return InPlaceOf(t, node, [&](TF_Output x) {
    return BuildHardSigmoid(t, x, node.Float("alpha", 0.2f), node.Float("beta", 0.5f), "");
  });
}

// x * relu6(x + 3) / 6, as MobileNetV3 writes it.
kit::Status HardSwish(Translation& t, const kit::GraphNode& node) {
  return InPlaceOf(t, node, [&](TF_Output x) {
    GraphBuilder& builder = t.builder;
    const TF_Output shifted = builder.Binary("AddV2", x, builder.Scalar("three", 3), "shift");
    const TF_Output gate = builder.Binary("Mul", builder.Unary("Relu6", shifted, "relu6"),
                                          builder.Scalar("sixth", 1.0f / 6.0f), "gate");
    return builder.Binary("Mul", x, gate);
  });
}

constexpr HandlerEntry kHandlers[] = {
    {"Clip", Clip},           {"Elu", Elu},    {"HardSigmoid", HardSigmoid}, {"HardSwish", HardSwish},
    {"LeakyRelu", LeakyRelu}, {"PRelu", PRelu}};

}  // namespace

std::span<const HandlerEntry> ActivationHandlers() {
  return kHandlers;
}

}  // namespace sightline::tensorflow
