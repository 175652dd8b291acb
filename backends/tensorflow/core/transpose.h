// Turning constants on the host while a graph is built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sightline::tensorflow {

// The dense tensor `data` of shape `dims` with its axes reordered: axis i of the result is axis
// permutation[i]. `element_bytes` is the size of one element.
std::vector<std::byte> TransposeBytes(const void* data, size_t element_bytes, std::span<const int64_t> dims,
                                      std::span<const int64_t> permutation);

// The same for floats.
std::vector<float> Transpose(std::span<const float> data, std::span<const int64_t> dims,
                             std::span<const int64_t> permutation);

}  // namespace sightline::tensorflow
