// Operators that work element by element and have one LibTorch operator: of one input, or of several that
// broadcast, which ONNX and PyTorch do alike.
#include <vector>

#include "backends/kit/info.h"
#include "backends/torch/translation.h"

namespace sightline::torch_backend {
namespace {

constexpr kit::OperatorName kUnary[] = {{"Abs", "abs"},
                                        {"Acos", "acos"},
                                        {"Acosh", "acosh"},
                                        {"Asin", "asin"},
                                        {"Asinh", "asinh"},
                                        {"Atan", "atan"},
                                        {"Atanh", "atanh"},
                                        {"Ceil", "ceil"},
                                        {"Cos", "cos"},
                                        {"Cosh", "cosh"},
                                        {"Erf", "erf"},
                                        {"Exp", "exp"},
                                        {"Floor", "floor"},
                                        {"IsNaN", "isnan"},
                                        {"Log", "log"},
                                        {"Mish", "mish"},
                                        {"Neg", "neg"},
                                        {"Not", "logical_not"},
                                        {"Reciprocal", "reciprocal"},
                                        {"Relu", "relu"},
                                        {"Round", "round"},
                                        {"Sigmoid", "sigmoid"},
                                        {"Sign", "sign"},
                                        {"Sin", "sin"},
                                        {"Sinh", "sinh"},
                                        {"Softplus", "softplus"},
                                        {"Sqrt", "sqrt"},
                                        {"Tan", "tan"},
                                        {"Tanh", "tanh"}};

constexpr kit::OperatorName kBroadcasting[] = {
    {"Add", "add"},       {"And", "logical_and"},   {"Div", "div"},     {"Equal", "eq"},
    {"Greater", "gt"},    {"GreaterOrEqual", "ge"}, {"Less", "lt"},     {"LessOrEqual", "le"},
    {"Max", "maximum"},   {"Mean", "add"},          {"Min", "minimum"}, {"Mul", "mul"},
    {"Or", "logical_or"}, {"Sub", "sub"},           {"Sum", "add"},     {"Xor", "logical_xor"}};

kit::Status Unary(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch(kit::NameIn(kUnary, node.op_type()), In(t, node)));
  return kit::Ok();
}

// Nothing is computed: the result is the input.
kit::Status Same(Translation& t, const kit::GraphNode& node) {
  t.builder.Alias(node.output(), In(t, node));
  return kit::Ok();
}

kit::Status Dropout(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(kit::CheckDropout(node));
  return Same(t, node);
}

// Inputs beyond two (Max, Mean, Min, Sum) are joined one after the other.
kit::Status Broadcasting(Translation& t, const kit::GraphNode& node) {
  const char* function = kit::NameIn(kBroadcasting, node.op_type());
  // Whole numbers divide towards zero in ONNX.
  const bool truncates = node.op_type() == "Div" && kit::IsWhole(node.input(0).type());
  std::string result = In(t, node);
  for (int i = 1; i < node.input_count(); ++i) {
    result = truncates ? Torch(function, result, In(t, node, i), "rounding_mode=\"trunc\"")
                       : Torch(function, result, In(t, node, i));
  }
  if (node.op_type() == "Mean") result = Torch("div", result, static_cast<double>(node.input_count()));
  if (node.input_count() == 1) return Same(t, node);
  t.builder.Set(node.output(), result);
  return kit::Ok();
}

// ONNX lets the exponent have another type than the base, which the result's is.
kit::Status Pow(Translation& t, const kit::GraphNode& node) {
  const SlDataType base = node.input(0).type();
  const SlDataType exponent = node.input(1).type();
  std::string power = Torch("pow", In(t, node), In(t, node, 1));
  if (base != exponent) power = Torch("to", power, ScalarTypeCode(t.TypeOf(base)));
  t.builder.Set(node.output(), power);
  return kit::Ok();
}

// With fmod the sign is the dividend's, without it the divisor's.
kit::Status Mod(Translation& t, const kit::GraphNode& node) {
  const char* function = node.Int("fmod", 0) != 0 ? "fmod" : "remainder";
  t.builder.Set(node.output(), Torch(function, In(t, node), In(t, node, 1)));
  return kit::Ok();
}

kit::Status Where(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("where", In(t, node), In(t, node, 1), In(t, node, 2)));
  return kit::Ok();
}

kit::Status Cast(Translation& t, const kit::GraphNode& node) {
  t.builder.Set(node.output(), Torch("to", In(t, node), ScalarTypeCode(t.TypeOf(node.output().type()))));
  return kit::Ok();
}

std::vector<HandlerEntry> MakeTable() {
  std::vector<HandlerEntry> table;
  for (const kit::OperatorName& name : kUnary) table.push_back({name.onnx, Unary});
  for (const kit::OperatorName& name : kBroadcasting) table.push_back({name.onnx, Broadcasting});
  table.push_back({"Cast", Cast});
  table.push_back({"CastLike", Cast});
  table.push_back({"Dropout", Dropout});
  table.push_back({"Identity", Same});
  table.push_back({"Mod", Mod});
  table.push_back({"Pow", Pow});
  table.push_back({"Where", Where});
  return table;
}

}  // namespace

std::span<const HandlerEntry> ElementwiseHandlers() {
  static const std::vector<HandlerEntry> table = MakeTable();
  return table;
}

}  // namespace sightline::torch_backend
