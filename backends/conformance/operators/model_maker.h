// Small ONNX models for tests, node by node.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sightline::conformance {

using Dims = std::vector<int64_t>;

// One attribute: MakeInts("pads", {1, 1, 1, 1}).
onnx::AttributeProto MakeInt(const std::string& name, int64_t value);
onnx::AttributeProto MakeFloat(const std::string& name, float value);
onnx::AttributeProto MakeText(const std::string& name, const std::string& value);
onnx::AttributeProto MakeInts(const std::string& name, const Dims& values);

class ModelMaker {
 public:
  explicit ModelMaker(int opset = 10);

  // -1 in dims[0]: an open batch.
  ModelMaker& Input(const std::string& name, const Dims& dims);
  // Values of about unit size, seeded by the name.
  ModelMaker& Weights(const std::string& name, const Dims& dims);
  // All positive, for variances.
  ModelMaker& PositiveWeights(const std::string& name, const Dims& dims);
  ModelMaker& Ints(const std::string& name, const Dims& values);
  // A node called "<output>_node".
  ModelMaker& Node(const std::string& op_type, const std::vector<std::string>& inputs,
                   const std::string& output, const std::vector<onnx::AttributeProto>& attributes = {});
  ModelMaker& Output(const std::string& name);

  std::unique_ptr<onnx::ModelProto> Make() const { return std::make_unique<onnx::ModelProto>(model_); }

 private:
  void AddWeights(const std::string& name, const Dims& dims, double low);
  onnx::ModelProto model_;
};

}  // namespace sightline::conformance
