// Writes operations into a TF_Graph. Errors stick: after the first one nothing more is built and `status`
// tells it, so that code which builds reads as a list of operations.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "backends/kit/status.h"
#include "backends/tensorflow/core/c_api.h"

namespace sightline::tensorflow {

class GraphBuilder;

// One operation being described; finish it with Done.
class Operation {
 public:
  Operation& In(TF_Output input);
  Operation& In(std::span<const TF_Output> list);  // for operations that take a list
  Operation& Type(const char* attribute, TF_DataType value);
  Operation& Int(const char* attribute, int64_t value);
  Operation& Float(const char* attribute, float value);
  Operation& Bool(const char* attribute, bool value);
  Operation& String(const char* attribute, std::string_view value);
  Operation& Ints(const char* attribute, std::span<const int64_t> values);
  Operation& Dims(const char* attribute, std::span<const int64_t> dims);  // of type shape

  // Output 0; the others have the same `oper`.
  TF_Output Done();

 private:
  friend class GraphBuilder;
  Operation(GraphBuilder& builder, TF_OperationDescription* description)
      : builder_(builder), description_(description) {}

  GraphBuilder& builder_;
  TF_OperationDescription* description_;  // null after an error
};

// Not owner of the graph.
class GraphBuilder {
 public:
  explicit GraphBuilder(TF_Graph* graph) : graph_(graph), tf_status_(NewStatus()) {}

  // Operations from here on belong to the layer `name`: the one named "" gets the layer's name itself, so
  // that a profile shows it; the others get it as a prefix. Characters that TensorFlow doesn't take become
  // '_', and a name that is taken already gets a number.
  void EnterLayer(std::string_view name);

  Operation New(const char* type, std::string_view name = "");

  // Constants. `data` is copied.
  TF_Output Constant(std::string_view name, TF_DataType type, std::span<const int64_t> dims, const void* data,
                     size_t bytes);
  TF_Output Floats(std::string_view name, std::span<const int64_t> dims, std::span<const float> values);
  TF_Output Scalar(std::string_view name, float value);
  TF_Output Ints(std::string_view name,
                 std::span<const int64_t> values);      // rank 1, int32: shapes, axes, paddings
  TF_Output Int(std::string_view name, int64_t value);  // rank 0, int32

  // Operations of one and two inputs without attributes.
  TF_Output Unary(const char* type, TF_Output input, std::string_view name = "");
  TF_Output Binary(const char* type, TF_Output a, TF_Output b, std::string_view name = "");
  // One open dimension (-1) at most.
  TF_Output Reshape(TF_Output input, std::span<const int64_t> dims, std::string_view name);
  TF_Output Transpose(TF_Output input, std::span<const int64_t> permutation, std::string_view name);

  // The first error, with the operation it happened at.
  const kit::Status& status() const { return status_; }
  TF_Graph* graph() const { return graph_; }

 private:
  friend class Operation;
  std::string UniqueName(std::string_view name);
  void CheckStep(std::string_view what);

  TF_Graph* graph_;
  StatusPtr tf_status_;
  kit::Status status_;
  std::string layer_;
  std::unordered_set<std::string> names_;
};

}  // namespace sightline::tensorflow
