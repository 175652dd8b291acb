// OpenVINO's messages as one sentence for the user.
#pragma once

#include <string>
#include <vector>

namespace sightline::openvino_backend {

// On one line, without the places in OpenVINO's own sources that its nested exceptions carry: "Exception from
// src/inference/src/cpp/core.cpp:96:" and "Check 'CONDITION' failed at src/FILE.cc:12:". "no reason given"
// where nothing is left.
std::string OneLine(const std::string& text);

// The operators that OpenVINO's ONNX reader says it does not have, by their types and without their domains;
// empty when `text`, as it was thrown, says nothing of the kind.
std::vector<std::string> MissingOperators(const std::string& text);

}  // namespace sightline::openvino_backend
