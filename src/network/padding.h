// Windows said in full: `auto_pad` and `output_shape` turned into explicit `pads`, and a `kernel_shape` left
// to the weights written down.
#pragma once

#include "src/network/draft.h"
#include "src/network/shape_inference.h"

namespace sightline::network {

// For Conv, ConvTranspose, MaxPool, AveragePool and LpPool. Pads need an input of known height and width, and
// weights of a known kernel; others keep what they have.
void MakeWindowsExplicit(Draft& draft, const ShapeInference& shapes);

}  // namespace sightline::network
