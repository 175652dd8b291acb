// What tests of the suite and of single plugins share.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/flow/tensor.h"
#include "src/network/test_models.h"

namespace sightline::conformance {

// The value, or the end of the test: GoogleTest makes a failure of what is thrown.
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(std::string(result.error().message()));
  return std::move(result).value();
}

inline Tensor Floats(const Shape& shape, const std::vector<float>& values) {
  Tensor tensor(SL_F32, SL_LAYOUT_PLAIN, shape);
  std::copy(values.begin(), values.end(), tensor.view().f32());
  return tensor;
}

inline std::vector<float> ValuesOf(const Tensor& tensor) {
  return {tensor.view().f32(), tensor.view().f32() + tensor.view().shape.elements()};
}

// `layers` products of 512x512 matrices, one after another: a run that takes time.
inline network::Network LongNetwork(int layers) {
  std::string text = "g (float[512,512] x0) => (float[512,512] x" + std::to_string(layers) +
                     ") { shape = Constant <value = int64[2] {512, 512}> ()\n"
                     "w = ConstantOfShape <value = float[1] {0.001953125}> (shape)\n";
  for (int i = 0; i < layers; ++i) {
    text += "x" + std::to_string(i + 1) + " = MatMul(x" + std::to_string(i) + ", w)\n";
  }
  return network::Load(text + "}");
}

}  // namespace sightline::conformance
