// What the arithmetic of a model really is.
#pragma once

#include <string>

#include "backends/kit/kit.h"

namespace sightline::onnxruntime {

// What decides it besides the model.
struct PrecisionFactors {
  bool gpu = false;
  std::string tensorrt = "off";
  bool fuses_quantization = true;  // graph optimization at the level that turns QDQ into 8-bit operators
  bool tf32_possible = false;      // the GPU may round to TF32 and can't be told not to
};

struct Precision {
  SlDataType run = SL_F32;
  std::string note;
};

// Of `graph`; of null (a file that only ONNX Runtime reads) it says so.
Precision PrecisionOf(const SlGraph* graph, const PrecisionFactors& factors);

}  // namespace sightline::onnxruntime
