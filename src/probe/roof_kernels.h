// The inner loops that find what a core can do at most: multiply-adds in registers, and a triad over memory.
// Compiled for several widths of vectors; which of them a machine can run shows when the program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sightline::probe {

struct RoofKernels {
  std::string_view vectors;  // "AVX-512", "AVX2 with FMA", "SSE2", "as compiled"
  // Does at least `count` multiply-adds of fp32 on values that stay in registers, in enough independent
  // chains to fill the pipeline, and returns how many it did. Without fused instructions a multiplication and
  // an addition count as one.
  int64_t (*multiply_adds)(int64_t count);
  // a[i] = b[i] + factor * c[i] for n elements; the three don't overlap.
  void (*triad)(float* a, const float* b, const float* c, float factor, size_t n);
};

// All that this machine can run, the widest first; never empty. Any thread.
std::vector<RoofKernels> UsableRoofKernels();

}  // namespace sightline::probe
