// Biases of a detector's head: how often each anchor and class is to answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/zoo/graph_builder.h"

namespace sightline::zoo {

// The value that a normal one stays below with this probability (0..1, both ends excluded; Abramowitz,
// Stegun, "Handbook of Mathematical Functions", 26.2.23: to 5e-4). Rounded to thousandths, so that no
// machine's logarithm shows in the weights.
double NormalQuantile(double probability);

// The n values that share a normal distribution out evenly: quantiles of (i + 1/2) / n.
std::vector<double> NormalStrata(size_t n);

// aims[c].mean, and in each block of `block` channels the strata of bias_deviation dealt out among those that
// have one. aims.size() is a multiple of `block`.
std::vector<float> DealtBiases(std::span<const ChannelAim> aims, size_t block, uint64_t seed);

}  // namespace sightline::zoo
