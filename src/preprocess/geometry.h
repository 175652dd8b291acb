// Which part of the picture becomes which part of the input, in whole pixels.
#pragma once

#include <cstdint>

#include "src/flow/image.h"
#include "src/flow/task.h"

namespace sightline::preprocess {

// One axis. Pixels [source_begin, +source_size) of the picture are resized to resized_size pixels, of which
// [window_begin, +target_size) land at target_begin of the input. What they leave of the input is padding.
struct AxisGeometry {
  int source_begin = 0;
  int source_size = 0;
  int64_t resized_size = 0;
  int64_t window_begin = 0;
  int target_begin = 0;
  int target_size = 0;
  friend bool operator==(const AxisGeometry&, const AxisGeometry&) = default;
};

struct Geometry {
  AxisGeometry x;
  AxisGeometry y;
};

// For a picture of at least 1 x 1 and a spec that Preprocessor::Create has accepted. Where a rule comes from
// is said in preprocess.h.
Geometry ComputeGeometry(const PreprocessSpec& spec, PictureSize picture);

}  // namespace sightline::preprocess
