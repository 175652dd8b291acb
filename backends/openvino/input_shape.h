// The shape of an input whose file does not say it.
#pragma once

#include <cstdint>
#include <openvino/core/model.hpp>
#include <optional>
#include <string>
#include <vector>

#include "backends/kit/status.h"

namespace sightline::openvino_backend {

// "224x224x3"; nothing if it is not of that form.
std::optional<std::vector<int64_t>> ParseShape(const std::string& text);

// Gives the only input of `model` the shape `text` with an open batch in front. Errors: text that is no
// shape, several inputs, a shape the model can't have.
kit::Status SetInputShape(ov::Model& model, const std::string& text);

}  // namespace sightline::openvino_backend
