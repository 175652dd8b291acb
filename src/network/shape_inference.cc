#include "src/network/shape_inference.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "fmt/format.h"
#include "src/network/preconditions.h"
#include "src/network/tensor_data.h"

namespace sightline::network {
namespace {

// Sizes an open batch is tried with.
constexpr int64_t kTrialBatches[] = {1009, 1013};

onnx::TypeProto TensorType(const onnx::TensorProto& tensor) {
  onnx::TypeProto type;
  type.mutable_tensor_type()->set_elem_type(tensor.data_type());
  auto& shape = *type.mutable_tensor_type()->mutable_shape();
  for (const int64_t dim : tensor.dims()) shape.add_dim()->set_dim_value(dim);
  return type;
}

// The declared type with the batch symbol replaced by a size.
onnx::TypeProto AtBatch(const onnx::TypeProto& declared, int64_t batch) {
  onnx::TypeProto type = declared;
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return type;
  for (auto& dim : *type.mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    if (dim.dim_param() == kBatchSymbol) dim.set_dim_value(batch);
  }
  return type;
}

Dim Combine(const onnx::TensorShapeProto::Dimension& first, int64_t first_batch,
            const onnx::TensorShapeProto::Dimension& last, int64_t last_batch) {
  if (!first.has_dim_value() || !last.has_dim_value()) return {};
  const int64_t a = first.dim_value();
  const int64_t b = last.dim_value();
  if (a == b) return {Dim::Kind::kKnown, a};
  if (a % first_batch == 0 && b % last_batch == 0 && a / first_batch == b / last_batch) {
    return {Dim::Kind::kPerBatch, a / first_batch};
  }
  return {};
}

std::string FirstLine(const char* what) {
  std::string line = what;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool AnyInputUntyped(const onnx::NodeProto& node,
                     const std::unordered_map<std::string, onnx::TypeProto>& types) {
  return std::any_of(node.input().begin(), node.input().end(),
                     [&types](const std::string& input) { return !input.empty() && !types.contains(input); });
}

// Small known tensors of the node's inputs as ONNX tensors, for one size of the batch.
std::unordered_map<std::string, onnx::TensorProto> KnownInputs(const onnx::NodeProto& node,
                                                               const KnownTensors& known, int64_t batch) {
  std::unordered_map<std::string, onnx::TensorProto> tensors;
  for (const std::string& input : node.input()) {
    const auto found = known.find(input);
    if (found == known.end()) continue;
    if (auto tensor = ToConstant(found->second, input, batch)) tensors.emplace(input, *std::move(tensor));
  }
  return tensors;
}

// Operators that are not inferred: control flow, because nobody checks the nodes inside before ONNX infers
// them, and two of signal processing, whose inference reads dimensions that need not be there.
bool IsInferable(const onnx::NodeProto& node) {
  return !HasSubgraph(node) && node.op_type() != "STFT" && node.op_type() != "DFT";
}

// Which definition of its operator a node is written for. The rewrite axes_attributes leaves nodes that say
// their axes the way opset 12 does.
int OpsetOf(const onnx::NodeProto& node, int opset) {
  constexpr int kLastWithAttribute = 12;
  constexpr std::string_view kOperators[] = {"ReduceSum", "Squeeze", "Unsqueeze"};
  const bool moved =
      std::find(std::begin(kOperators), std::end(kOperators), node.op_type()) != std::end(kOperators);
  return moved && FindAttribute(node, "axes") != nullptr ? std::min(opset, kLastWithAttribute) : opset;
}

std::string SizesToString(const onnx::TensorShapeProto& shape) {
  std::string text;
  for (const auto& dim : shape.dim()) {
    text += text.empty() ? "" : "x";
    text += dim.has_dim_value() ? std::to_string(dim.dim_value()) : "?";
  }
  return text;
}

// Whether a tensor of this size can be. A window or a resizing that leaves nothing of the picture is a fault;
// elsewhere a dimension of 0 may be meant.
bool IsPossible(const onnx::TensorShapeProto& shape, const std::string& op_type) {
  const bool makes_picture = SlidesWindow(op_type) || op_type == "Resize" || op_type == "Upsample";
  int64_t count = 1;
  for (int i = 0; i < shape.dim_size(); ++i) {
    if (!shape.dim(i).has_dim_value()) continue;
    const int64_t dim = shape.dim(i).dim_value();
    if (dim < (makes_picture && i >= 2 ? 1 : 0)) return false;
    if (__builtin_mul_overflow(count, std::max<int64_t>(dim, 1), &count) || count > kLargestElementCount) {
      return false;
    }
  }
  return true;
}

Status CheckOutputsArePossible(const onnx::NodeProto& node,
                               const std::unordered_map<std::string, onnx::TypeProto>& types) {
  for (const std::string& output : node.output()) {
    const auto type = types.find(output);
    if (type == types.end() || !type->second.has_tensor_type()) continue;
    const onnx::TensorShapeProto& shape = type->second.tensor_type().shape();
    if (IsPossible(shape, node.op_type())) continue;
    return Error(
        ErrorKind::kInvalidArgument,
        fmt::format("{}: its output '{}' would have the shape {}, which can't be: check the sizes of "
                    "its input and attributes",
                    NodeLabel(node), output, SizesToString(shape)));
  }
  return OkStatus();
}

}  // namespace

std::string DimsToString(const std::vector<Dim>& dims) {
  std::string text;
  for (const Dim& dim : dims) {
    if (!text.empty()) text += 'x';
    if (dim.known()) {
      text += std::to_string(dim.value);
    } else if (dim.per_batch()) {
      text += dim.value == 1 ? kBatchSymbol : fmt::format("{}{}", dim.value, kBatchSymbol);
    } else {
      text += '?';
    }
  }
  return text;
}

Dim Product(const std::vector<Dim>& dims) {
  Dim product{Dim::Kind::kKnown, 1};
  for (const Dim& dim : dims) {
    if (dim.kind == Dim::Kind::kUnknown || (dim.per_batch() && product.per_batch())) return {};
    if (__builtin_mul_overflow(product.value, dim.value, &product.value)) return {};
    if (dim.per_batch()) product.kind = Dim::Kind::kPerBatch;
  }
  return product;
}

ShapeInference::ShapeInference(const Draft& draft) : draft_(draft) {
  for (const auto& import : draft.model.opset_import()) {
    opsets_[import.domain() == "ai.onnx" ? "" : import.domain()] = static_cast<int>(import.version());
  }
  for (const auto& info : draft.graph().value_info()) declared_[info.name()] = &info.type();
  for (const auto& info : draft.graph().output()) declared_[info.name()] = &info.type();
  if (const std::optional<int64_t> batch = BatchOf(draft)) {
    worlds_.push_back({std::max<int64_t>(*batch, 1), {}});
  } else {
    for (const int64_t trial : kTrialBatches) worlds_.push_back({trial, {}});
  }
  for (World& world : worlds_) {
    for (const auto& input : draft.graph().input())
      world.types[input.name()] = AtBatch(input.type(), world.batch);
  }
}

Status ShapeInference::Infer(const onnx::NodeProto& node, const KnownTensors& known) {
  for (World& world : worlds_) {
    for (const std::string& input : node.input()) {
      if (const auto* constant = draft_.FindConstant(input))
        world.types.try_emplace(input, TensorType(*constant));
    }
  }
  SIGHTLINE_RETURN_IF_ERROR(CheckPreconditions(node, *this));
  for (World& world : worlds_) {
    std::string problem;
    if (!InferIn(world, node, known, problem)) {
      return Error(ErrorKind::kInvalidArgument,
                   fmt::format("{}: its inputs do not fit together{}: {}", NodeLabel(node),
                               worlds_.size() > 1 ? " for every batch" : "", problem));
    }
    TakeDeclared(world, node);
    SIGHTLINE_RETURN_IF_ERROR(CheckOutputsArePossible(node, world.types));
  }
  return OkStatus();
}

bool ShapeInference::InferIn(World& world, const onnx::NodeProto& node, const KnownTensors& known,
                             std::string& problem) {
  const std::string domain = IsDefaultDomain(node) ? "" : node.domain();
  const auto opset = opsets_.find(domain);
  const onnx::OpSchema* schema =
      opset == opsets_.end()
          ? nullptr
          : onnx::OpSchemaRegistry::Schema(node.op_type(), OpsetOf(node, opset->second), domain);
  if (schema == nullptr || !IsInferable(node)) return true;

  onnx::NodeProto copy = node;  // the context wants to write to it
  std::unordered_map<std::string, onnx::TensorProto> known_inputs = KnownInputs(node, known, world.batch);
  std::unordered_map<std::string, const onnx::TensorProto*> data;
  std::unordered_map<std::string, onnx::TypeProto*> types;
  for (const std::string& input : node.input()) {
    if (const auto type = world.types.find(input); type != world.types.end()) types[input] = &type->second;
    if (const auto* constant = draft_.FindConstant(input)) data[input] = constant;
    if (const auto tensor = known_inputs.find(input); tensor != known_inputs.end())
      data[input] = &tensor->second;
  }
  const onnx::shape_inference::ModelLocalFunctionsMap no_functions;
  onnx::shape_inference::SymbolTableImpl symbols;
  onnx::shape_inference::InferenceContextImpl context(copy, types, data, {});
  try {
    if (schema->has_type_and_shape_inference_function()) {
      schema->GetTypeAndShapeInferenceFunction()(context);
    } else if (schema->HasFunction()) {
      onnx::shape_inference::InferShapeForFunctionNode(
          *schema->GetFunction(), onnx::OpSchemaRegistry::Instance(), context, {}, no_functions, &symbols);
    }
  } catch (const std::exception& failure) {  // InferenceError, and what the code under it throws
    problem = FirstLine(failure.what());
    // Inference functions also complain of inputs whose type nobody knows, which is no fault of the model.
    return AnyInputUntyped(node, world.types);
  }
  for (int i = 0; i < node.output_size(); ++i) {
    onnx::TypeProto& type = context.allOutputTypes_[static_cast<size_t>(i)];
    if (!node.output(i).empty() && type.value_case() != onnx::TypeProto::VALUE_NOT_SET) {
      world.types[node.output(i)] = std::move(type);
    }
  }
  return true;
}

void ShapeInference::TakeDeclared(World& world, const onnx::NodeProto& node) const {
  for (const std::string& output : node.output()) {
    const auto declared = declared_.find(output);
    if (declared == declared_.end()) continue;
    const auto inferred = world.types.find(output);
    const bool shapeless = inferred == world.types.end() || (inferred->second.has_tensor_type() &&
                                                             !inferred->second.tensor_type().has_shape());
    if (shapeless) world.types[output] = AtBatch(*declared->second, world.batch);
  }
}

ValueType ShapeInference::Find(const std::string& value) const {
  const auto first = worlds_.front().types.find(value);
  const auto last = worlds_.back().types.find(value);
  ValueType found;
  if (first == worlds_.front().types.end() || last == worlds_.back().types.end()) {
    if (const auto* constant = draft_.FindConstant(value)) {
      found.element_type = constant->data_type();
      found.dims.emplace();
      for (const int64_t dim : constant->dims()) found.dims->push_back({Dim::Kind::kKnown, dim});
    }
    return found;
  }
  found.is_tensor = first->second.has_tensor_type();
  if (!found.is_tensor) return found;
  const auto& a = first->second.tensor_type();
  const auto& b = last->second.tensor_type();
  found.element_type = a.elem_type();
  if (!a.has_shape() || !b.has_shape() || a.shape().dim_size() != b.shape().dim_size()) return found;
  found.dims.emplace();
  for (int i = 0; i < a.shape().dim_size(); ++i) {
    found.dims->push_back(
        Combine(a.shape().dim(i), worlds_.front().batch, b.shape().dim(i), worlds_.back().batch));
  }
  return found;
}

}  // namespace sightline::network
