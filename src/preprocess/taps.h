// Which source pixels make an output pixel along one axis, and with what weights.
#pragma once

#include <vector>

#include "src/flow/task.h"
#include "src/preprocess/geometry.h"

namespace sightline::preprocess {

// Output pixel i is the sum over k in [0, taps) of weights[i * taps + k] * pixel[first[i] + k]; pixels count
// from the picture's edge. All of [first[i], first[i] + taps) lie inside the crop, `first` never falls, and
// the weights of an output pixel add up to 1.
struct TapTable {
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weights;
};

// Fills `table`, which keeps its memory, for the target pixels of `axis`. With pixel centres at i + 0.5 and
// scale = source / resized:
//   kBilinear           reads at (i + 0.5) * scale - 0.5 (OpenCV INTER_LINEAR, TF 2 without antialias)
//   kBilinearTf1        reads at i * scale (tf.compat.v1.image.resize_bilinear, align_corners=False)
//   kBilinearAntialias  a triangle of half-width max(scale, 1) around (i + 0.5) * scale over whole pixels,
//   cut at the
//                       edges and normalized (PIL's Image.BILINEAR, torchvision antialias=True)
void FillTaps(const AxisGeometry& axis, ResizeKernel kernel, TapTable& table);

}  // namespace sightline::preprocess
