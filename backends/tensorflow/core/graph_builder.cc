#include "backends/tensorflow/core/graph_builder.h"

#include <cctype>
#include <cstring>

namespace sightline::tensorflow {
namespace {

// TensorFlow's rule for names: [A-Za-z0-9.][A-Za-z0-9_.\-/]*
std::string CleanName(std::string_view name) {
  std::string clean;
  clean.reserve(name.size());
  for (const char c : name) {
    const bool first = clean.empty();
    const bool fine = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' ||
                      (!first && (c == '_' || c == '-' || c == '/'));
    if (fine) {
      clean.push_back(c);
    } else {
      clean += first ? "layer_" : "_";
    }
  }
  return clean.empty() ? "layer" : clean;
}

std::vector<int32_t> Narrow(std::span<const int64_t> values) {
  std::vector<int32_t> narrow;
  narrow.reserve(values.size());
  for (const int64_t value : values) narrow.push_back(static_cast<int32_t>(value));
  return narrow;
}

}  // namespace

Operation& Operation::In(TF_Output input) {
  if (description_ != nullptr && input.oper != nullptr) TF_AddInput(description_, input);
  return *this;
}

Operation& Operation::In(std::span<const TF_Output> list) {
  if (description_ != nullptr) TF_AddInputList(description_, list.data(), static_cast<int>(list.size()));
  return *this;
}

Operation& Operation::Type(const char* attribute, TF_DataType value) {
  if (description_ != nullptr) TF_SetAttrType(description_, attribute, value);
  return *this;
}

Operation& Operation::Int(const char* attribute, int64_t value) {
  if (description_ != nullptr) TF_SetAttrInt(description_, attribute, value);
  return *this;
}

Operation& Operation::Float(const char* attribute, float value) {
  if (description_ != nullptr) TF_SetAttrFloat(description_, attribute, value);
  return *this;
}

Operation& Operation::Bool(const char* attribute, bool value) {
  if (description_ != nullptr) TF_SetAttrBool(description_, attribute, value ? 1 : 0);
  return *this;
}

Operation& Operation::String(const char* attribute, std::string_view value) {
  if (description_ != nullptr) TF_SetAttrString(description_, attribute, value.data(), value.size());
  return *this;
}

Operation& Operation::Ints(const char* attribute, std::span<const int64_t> values) {
  if (description_ != nullptr) {
    TF_SetAttrIntList(description_, attribute, values.data(), static_cast<int>(values.size()));
  }
  return *this;
}

Operation& Operation::Dims(const char* attribute, std::span<const int64_t> dims) {
  if (description_ != nullptr) {
    TF_SetAttrShape(description_, attribute, dims.data(), static_cast<int>(dims.size()));
  }
  return *this;
}

TF_Output Operation::Done() {
  if (description_ == nullptr) return {nullptr, 0};
  TF_Operation* finished = TF_FinishOperation(description_, builder_.tf_status_.get());
  description_ = nullptr;
  builder_.CheckStep("");
  return {builder_.status_.ok() ? finished : nullptr, 0};
}

void GraphBuilder::EnterLayer(std::string_view name) {
  layer_ = CleanName(name);
}

std::string GraphBuilder::UniqueName(std::string_view name) {
  std::string wanted = layer_;
  if (!name.empty()) (wanted += '/') += name;
  std::string unique = wanted;
  for (int n = 1; !names_.insert(unique).second; ++n) unique = wanted + '_' + std::to_string(n);
  return unique;
}

void GraphBuilder::CheckStep(std::string_view what) {
  if (!status_.ok() || TF_GetCode(tf_status_.get()) == TF_OK) return;
  status_ = FromTensorFlow(*tf_status_);
  if (!what.empty()) status_ = status_.WithContext(what);
}

Operation GraphBuilder::New(const char* type, std::string_view name) {
  if (!status_.ok()) return {*this, nullptr};
  return {*this, TF_NewOperation(graph_, type, UniqueName(name).c_str())};
}

TF_Output GraphBuilder::Constant(std::string_view name, TF_DataType type, std::span<const int64_t> dims,
                                 const void* data, size_t bytes) {
  if (!status_.ok()) return {nullptr, 0};
  const TensorPtr tensor(TF_AllocateTensor(type, dims.data(), static_cast<int>(dims.size()), bytes));
  if (tensor == nullptr) {
    status_ = {SL_RESOURCE_EXHAUSTED, kit::Text("no memory for a constant of ", bytes, " bytes")};
    return {nullptr, 0};
  }
  if (bytes > 0) std::memcpy(TF_TensorData(tensor.get()), data, bytes);
  Operation constant = New("Const", name);
  TF_SetAttrTensor(constant.description_, "value", tensor.get(), tf_status_.get());
  CheckStep("constant");
  return constant.Type("dtype", type).Done();
}

TF_Output GraphBuilder::Floats(std::string_view name, std::span<const int64_t> dims,
                               std::span<const float> values) {
  return Constant(name, TF_FLOAT, dims, values.data(), values.size_bytes());
}

TF_Output GraphBuilder::Scalar(std::string_view name, float value) {
  return Floats(name, {}, {&value, 1});
}

TF_Output GraphBuilder::Ints(std::string_view name, std::span<const int64_t> values) {
  const std::vector<int32_t> narrow = Narrow(values);
  const auto count = static_cast<int64_t>(narrow.size());
  return Constant(name, TF_INT32, {&count, 1}, narrow.data(), narrow.size() * sizeof(int32_t));
}

TF_Output GraphBuilder::Int(std::string_view name, int64_t value) {
  const auto narrow = static_cast<int32_t>(value);
  return Constant(name, TF_INT32, {}, &narrow, sizeof narrow);
}

TF_Output GraphBuilder::Unary(const char* type, TF_Output input, std::string_view name) {
  return New(type, name).In(input).Done();
}

TF_Output GraphBuilder::Binary(const char* type, TF_Output a, TF_Output b, std::string_view name) {
  return New(type, name).In(a).In(b).Done();
}

TF_Output GraphBuilder::Reshape(TF_Output input, std::span<const int64_t> dims, std::string_view name) {
  const TF_Output shape = Ints("shape", dims);
  return New("Reshape", name).In(input).In(shape).Done();
}

TF_Output GraphBuilder::Transpose(TF_Output input, std::span<const int64_t> permutation,
                                  std::string_view name) {
  const TF_Output order = Ints("permutation", permutation);
  return New("Transpose", name).In(input).In(order).Done();
}

}  // namespace sightline::tensorflow
