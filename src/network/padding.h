// `auto_pad` and `output_shape` turned into explicit `pads`.
#pragma once

#include "src/network/draft.h"
#include "src/network/shape_inference.h"

namespace sightline::network {

// For Conv, ConvTranspose, MaxPool, AveragePool and LpPool whose input has known height and width (and
// weights a known kernel); others keep what they have.
void MakePadsExplicit(Draft& draft, const ShapeInference& shapes);

}  // namespace sightline::network
