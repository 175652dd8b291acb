// What a network said of a picture, drawn on it: boxes with labels, or the best classes in a corner.
#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "src/flow/classification.h"
#include "src/flow/detection.h"
#include "src/flow/image.h"

namespace sightline::cli {

// How many detections are drawn: beyond, they hide the picture and each other.
constexpr int kDetectionsDrawn = 20;

// A copy in OpenCV's order of channels.
cv::Mat ToBgr(const ImageView& image);

// The best kDetectionsDrawn of `detections`, which come best first; each class has a colour of its own. With
// more, a line in the corner says how many there are. `labels`: names of the classes, empty where none are
// known.
void DrawDetections(std::span<const Detection> detections, std::span<const std::string> labels,
                    cv::Mat& picture);

// The classes with their scores, best first; entries without a class are left out.
void DrawClasses(std::span<const ClassScore> best, std::span<const std::string> labels, cv::Mat& picture);

}  // namespace sightline::cli
