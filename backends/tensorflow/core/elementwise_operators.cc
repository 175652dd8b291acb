// Operators that work element by element and have one TensorFlow operation: of one input, or of several that
// broadcast.
#include <cstddef>
#include <vector>

#include "backends/kit/info.h"
#include "backends/tensorflow/core/broadcast.h"
#include "backends/tensorflow/core/translation.h"

namespace sightline::tensorflow {
namespace {

constexpr kit::OperatorName kUnary[] = {{"Abs", "Abs"},
                                        {"Acos", "Acos"},
                                        {"Asin", "Asin"},
                                        {"Atan", "Atan"},
                                        {"Ceil", "Ceil"},
                                        {"Cos", "Cos"},
                                        {"Erf", "Erf"},
                                        {"Exp", "Exp"},
                                        {"Floor", "Floor"},
                                        {"Log", "Log"},
                                        {"Neg", "Neg"},
                                        {"Not", "LogicalNot"},
                                        {"Reciprocal", "Reciprocal"},
                                        {"Relu", "Relu"},
                                        {"Round", "Round"},
                                        {"Sigmoid", "Sigmoid"},
                                        {"Sign", "Sign"},
                                        {"Sin", "Sin"},
                                        {"Softplus", "Softplus"},
                                        {"Softsign", "Softsign"},
                                        {"Sqrt", "Sqrt"},
                                        {"Tan", "Tan"},
                                        {"Tanh", "Tanh"},
                                        {"Identity", "Identity"}};

constexpr kit::OperatorName kBroadcasting[] = {
    {"Add", "AddV2"}, {"Div", "RealDiv"}, {"Equal", "Equal"},    {"Greater", "Greater"},
    {"Less", "Less"}, {"Max", "Maximum"}, {"Min", "Minimum"},    {"Mul", "Mul"},
    {"Sub", "Sub"},   {"Sum", "AddV2"},   {"And", "LogicalAnd"}, {"Or", "LogicalOr"}};

// The order makes no difference, so whatever order the input is in is kept.
kit::Status Unary(Translation& t, const kit::GraphNode& node) {
  const char* type = kit::NameIn(kUnary, node.op_type());
  const kit::GraphValue input = node.input(0);
  if (t.values.Has(input, Order::kFlat)) {
    t.values.SetFlat(node.output(), t.builder.Unary(type, t.values.Get(input, Order::kFlat)),
                     t.values.Picture(input));
    return kit::Ok();
  }
  const Order order = OrderOf(t, node);
  t.values.Set(node.output(), order, t.builder.Unary(type, t.values.Get(input, order)));
  return kit::Ok();
}

// Whole numbers divide towards zero in ONNX; RealDiv is for floats only.
const char* BroadcastingType(const kit::GraphNode& node) {
  if (node.op_type() == "Div" && kit::IsWhole(node.input(0).type())) return "TruncateDiv";
  return kit::NameIn(kBroadcasting, node.op_type());
}

// Inputs beyond two (Max, Min, Sum) are joined one after the other.
kit::Status Broadcasting(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(const Operands operands, AlignOperands(t, node));
  const char* type = BroadcastingType(node);
  TF_Output result = operands.outputs[0];
  for (size_t i = 1; i < operands.outputs.size(); ++i) {
    const bool last = i + 1 == operands.outputs.size();
    result = t.builder.Binary(type, result, operands.outputs[i], last ? "" : "partial");
  }
  t.values.Set(node.output(), operands.order, result);
  return kit::Ok();
}

// ONNX lets the exponent have another type than the base, which the result's is.
kit::Status Pow(Translation& t, const kit::GraphNode& node) {
  KIT_ASSIGN_OR_RETURN(Operands operands, AlignOperands(t, node));
  const SlDataType base = node.input(0).type();
  const SlDataType exponent = node.input(1).type();
  const bool castable = base == SL_F32 && kit::IsWhole(exponent);
  if (base != exponent && !castable) {
    return kit::Unsupported("a base of ", kit::DataTypeName(base), " with an exponent of ",
                            kit::DataTypeName(exponent), " is not supported");
  }
  TF_Output power = operands.outputs[1];
  if (base != exponent) power = t.builder.New("Cast", "exponent").In(power).Type("DstT", TF_FLOAT).Done();
  t.values.Set(node.output(), operands.order, t.builder.Binary("Pow", operands.outputs[0], power));
  return kit::Ok();
}

kit::Status Cast(Translation& t, const kit::GraphNode& node) {
  const Order order = OrderOf(t, node);
  const std::optional<TF_DataType> type = ToTensorFlow(node.output().type());
  if (!type) return kit::Unsupported("the result's type is not supported");
  t.values.Set(node.output(), order,
               t.builder.New("Cast").In(t.values.Get(node.input(0), order)).Type("DstT", *type).Done());
  return kit::Ok();
}

kit::Status Dropout(Translation& t, const kit::GraphNode& node) {
  KIT_RETURN_IF_ERROR(kit::CheckDropout(node));
  const Order order = OrderOf(t, node);
  t.values.Set(node.output(), order, t.values.Get(node.input(0), order));
  return kit::Ok();
}

std::vector<HandlerEntry> MakeTable() {
  std::vector<HandlerEntry> table;
  for (const kit::OperatorName& name : kUnary) table.push_back({name.onnx, Unary});
  for (const kit::OperatorName& name : kBroadcasting) table.push_back({name.onnx, Broadcasting});
  table.push_back({"Dropout", Dropout});
  table.push_back({"Cast", Cast});
  table.push_back({"Pow", Pow});
  return table;
}

}  // namespace

std::span<const HandlerEntry> ElementwiseHandlers() {
  static const std::vector<HandlerEntry> table = MakeTable();
  return table;
}

}  // namespace sightline::tensorflow
