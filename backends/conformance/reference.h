// A naive evaluator of ONNX in double precision, written from the operator specification (onnx.ai, opset 10)
// and independent of the network room and of every framework: what the suite holds backends to.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sightline::conformance {

struct Array {
  std::vector<int64_t> dims;  // row-major; pictures in NCHW
  std::vector<double> values;
};

// Computes every value of `model` from `inputs` (by name). Knows the operators of test_network.h; another one
// ends the program, since a test without its reference proves nothing.
std::map<std::string, Array> Evaluate(const onnx::ModelProto& model, std::map<std::string, Array> inputs);

}  // namespace sightline::conformance
