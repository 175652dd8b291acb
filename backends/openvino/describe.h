// How a model's tensors look from outside.
#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <vector>

#include "backends/kit/kit.h"

namespace sightline::openvino_backend {

struct Description {
  kit::EngineInfo info;             // inputs and outputs only
  std::vector<size_t> input_ports;  // OpenVINO's number of each of info.inputs
  std::vector<size_t> output_ports;
  bool open_batch = false;  // some input has SL_DIM_BATCH
};

// Names, order and shapes are `graph`'s; of a file (`graph` null) they are the model's own, its pictures NHWC
// unless the model or its channels say otherwise, and an output's first dimension is the batch where it
// follows that of the inputs. Errors: an element type or rank the ABI does not have.
kit::Result<Description> Describe(const std::shared_ptr<ov::Model>& model, const SlGraph* graph);

// Gives every input whose first dimension is the batch `batch` in its place.
kit::Status FixBatch(ov::Model& model, const Description& description, int64_t batch);

}  // namespace sightline::openvino_backend
