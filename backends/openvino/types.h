// Element types and precisions between the ABI and OpenVINO.
#pragma once

#include <openvino/core/type/element_type.hpp>
#include <optional>
#include <string>

#include "include/sightline/backend_abi.h"

namespace sightline::openvino_backend {

std::optional<SlDataType> FromOpenVino(const ov::element::Type& type);
ov::element::Type ToOpenVino(SlDataType type);

}  // namespace sightline::openvino_backend
