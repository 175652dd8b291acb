// The lines of OpenCV's build report that decide its speed, in one.
#pragma once

#include <string>

namespace sightline::opencv_backend {

// "Release; baseline SSE SSE2; dispatched ...; parallel TBB (...); ..." out of what cv::getBuildInformation
// gives.
std::string CondenseBuildInformation(const std::string& report);

}  // namespace sightline::opencv_backend
