// What a value of the network will look like on a photograph, foreseen while the graph is built: mean and
// variance over channels and positions, in expectation over the seed. From them the builder chooses the scale
// of each layer's weights, so that no layer's output grows or fades with depth (He et al., "Delving deep into
// rectifiers", 2015, section 2.2, extended to the operators below). zoo_scale_test.cc looks at what a
// framework then computes.
//
// Only + - * / and sqrt are used: IEEE 754 rounds these exactly, so the weights have the same bits
// everywhere.
#pragma once

#include <span>

#include "src/flow/task.h"

namespace sightline::zoo {

struct Moments {
  double mean = 0;
  double variance = 1;

  double second() const { return variance + mean * mean; }  // E[x^2]
};

// Of a preprocessed photograph, whose pixels have mean 115 and standard deviation 60 (of 0..255), about what
// the photographs of opencv-doc and ImageNet have.
Moments PhotographMoments(const PreprocessSpec& spec);

// Of max(x, 0) for normal x.
Moments ReluMoments(const Moments& x);

// Of x where it is positive and slope * x elsewhere.
Moments LeakyReluMoments(const Moments& x, double slope);

// Of x * (x / 6 + 1 / 2), which is hard swish where |x| < 3: all but a few of normal x with variance 1.
Moments HardSwishMoments(const Moments& x);

// Of the largest of the `window` values under a pooling window, allowing for neighbours being alike.
Moments MaxPoolMoments(const Moments& x, int window);

// Of the mean of `window` neighbours.
Moments AveragePoolMoments(const Moments& x, int window);

Moments AddMoments(const Moments& a, const Moments& b);

// Of values joined, `weights[i]` channels like `parts[i]`.
Moments MixMoments(std::span<const Moments> parts, std::span<const int> weights);

}  // namespace sightline::zoo
