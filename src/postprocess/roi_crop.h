// Cutting proposals out of a feature map, on the host: frameworks' own ROI operators don't agree with each
// other.
#pragma once

#include <span>

#include "src/flow/detection.h"
#include "src/flow/tensor.h"

namespace sightline::postprocess {

// As tf.image.crop_and_resize with bilinear sampling: point i of n along an axis of `size` cells lies at
// low * (size - 1) + i * (high - low) * (size - 1) / (n - 1), low and high being the box's sides as
// fractions. Boxes lie within the map (sides 0..1).
//   `features`: [1, C, H, W] fp32 in NCHW order, one picture's
//   `crops`:    [P, C, n, n] or, in NHWC layout, [P, n, n, C], fp32; P at least the number of boxes
// Crops behind the last box become zeros. Allocates nothing.
void CropRegions(const TensorView& features, std::span<const Detection> boxes, const TensorView& crops);

}  // namespace sightline::postprocess
