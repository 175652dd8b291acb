// A detector in words.
#pragma once

#include <string>

#include "src/flow/task.h"

namespace sightline::postprocess {

// "SSD, 1917 anchors, 91 classes (0 is background), sigmoid; score above 0.3, NMS for each class at IoU 0.6,
// 100 boxes a class, 100 in all". `task.detection` is there.
std::string DescribeDetector(const TaskSpec& task);

// "SSD", "YOLO", "two stages" or "finished boxes".
const char* DecoderName(const DetectionSpec& spec);

}  // namespace sightline::postprocess
