// OpenCV's messages as one sentence for the user.
#pragma once

#include <string>

namespace sightline::opencv_backend {

// On one line, without the quoting marks ("> ... >") and the places in OpenCV's own sources
// ("OpenCV(4.6.0) ./modules/dnn/src/net.cpp:12: error: ") that its nested exceptions carry.
std::string OneLine(const std::string& text);

}  // namespace sightline::opencv_backend
