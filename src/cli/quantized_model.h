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

// Whether `--precision int8` means for this backend a network that is quantized here (QDQ): it reads ONNX of
// opset 13 or later. Others are asked for int8 themselves.
bool IsQuantizedHere(const backend::BackendInfo& backend, const LoadedModel& model);

// Replaces the network, which the model has to have, by its quantized form. Ranges are those of the first
// pictures of the calibration, seen by running the network in fp32 on this backend with the tensors inside as
// its outputs. `options` are those the model will run with; an engine is then created for fp32, since the
// types stand in the network.
Status QuantizeModel(backend::Backend& backend, const backend::EngineOptions& options,
                     const Calibration& calibration, const Clock& clock, LoadedModel& model);

// What an engine of the model is to be created with for this trial. Where it asks for int8 and the network is
// quantized here, it has been afterwards, by pictures of the trial's calibration (its own input where it
// names no other); `progress`, which may be empty, is told before.
Result<backend::EngineOptions> QuantizeAsAsked(const TrialSpec& trial, backend::Backend& backend,
                                               const Clock& clock, LoadedModel& model,
                                               const std::function<void(const std::string&)>& progress = {});

}  // namespace sightline::cli
