// Batch normalization as part of the convolution before it.
#pragma once

#include "src/base/result.h"
#include "src/network/draft.h"

namespace sightline::network {

// Folds every BatchNormalization of constants that alone reads the result of a Conv with constant fp32
// weights: w' = w * factor, b' = b * factor + offset, per output channel, with factor = scale / sqrt(variance
// + epsilon) and offset = bias - mean * factor. Others stay.
void FoldBatchNormalizations(Draft& draft);

}  // namespace sightline::network
