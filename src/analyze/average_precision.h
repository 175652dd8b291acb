// How good a detector is on pictures whose objects are known: mean average precision as COCO defines it.
#pragma once

#include <span>
#include <vector>

#include "src/flow/detection.h"

namespace sightline::analyze {

// An object that is in a picture.
struct TrueBox {
  Box box;
  int class_index = 0;
  // A region of many objects: detections in it count neither for nor against (COCO's iscrowd).
  bool crowd = false;
};

struct LabelledPicture {
  std::vector<TrueBox> truth;
  std::vector<Detection> found;
};

// All 0..1; absent classes don't count.
struct AveragePrecision {
  double mean = 0;      // over classes and IoU 0.50, 0.55, ... 0.95: what is called mAP
  double at_50 = 0;     // over classes, IoU 0.50
  double at_75 = 0;     // over classes, IoU 0.75
  int classes = 0;      // that occur in the truth, crowds left out
  int64_t objects = 0;  // crowds left out
};

// The 100 best detections of each picture and class count. Precision is the largest at any recall as high,
// read at the 101 recalls 0, 0.01, ... 1 (cocodataset/cocoapi, PythonAPI/pycocotools/cocoeval.py, area
// "all"). Equal scores keep the order of pictures and detections. No objects: all 0.
AveragePrecision CocoAveragePrecision(std::span<const LabelledPicture> pictures);

}  // namespace sightline::analyze
