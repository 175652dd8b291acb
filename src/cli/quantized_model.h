// A model in int8, calibrated here.
#pragma once

#include <functional>
#include <string>

#include "src/backend/backend.h"
#include "src/base/clock.h"
#include "src/base/result.h"
#include "src/cli/model.h"
#include "src/flow/trial.h"

namespace sightline::cli {

// Where the ranges of the activations come from.
struct Calibration {
  std::string input;  // folder, glob or file of pictures, a video, or synthetic:WIDTHxHEIGHT
  int pictures = 0;
};

// Where `options` ask for int8 of a backend that reads ONNX of opset 13 or later: replaces the network by its
// quantized form (QDQ) and makes `options` ask for fp32, since the types stand in the network then. Other
// backends, and files in a framework's own format, are asked for int8 themselves, and nothing is done. Ranges
// are those of the first pictures of the calibration, seen by running the network in fp32 on this backend
// with the tensors inside as its outputs; `progress`, which may be empty, is told before.
Status QuantizeForInt8(backend::Backend& backend, const Calibration& calibration, const Clock& clock,
                       const std::function<void(const std::string&)>& progress, LoadedModel& model,
                       backend::EngineOptions& options);

// What an engine of the model is to be created with for this trial, whose calibration (its own input where it
// names no other) quantizes for int8.
Result<backend::EngineOptions> QuantizeAsAsked(const TrialSpec& trial, backend::Backend& backend,
                                               const Clock& clock, LoadedModel& model,
                                               const std::function<void(const std::string&)>& progress = {});

}  // namespace sightline::cli
