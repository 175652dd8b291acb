#include "backends/tensorflow/core/transpose.h"

#include <cstring>

namespace sightline::tensorflow {
namespace {

// Elements of the source to step over for one step along each axis of the result.
std::vector<size_t> SourceStrides(std::span<const int64_t> dims, std::span<const int64_t> permutation) {
  std::vector<size_t> of_source(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) of_source[i - 1] = of_source[i] * static_cast<size_t>(dims[i]);
  std::vector<size_t> strides;
  for (const int64_t axis : permutation) strides.push_back(of_source[static_cast<size_t>(axis)]);
  return strides;
}

// Calls copy(result index, source index) for every element, in the result's order.
template <typename CopyFn>
void Walk(std::span<const int64_t> dims, std::span<const int64_t> permutation, CopyFn copy) {
  const std::vector<size_t> strides = SourceStrides(dims, permutation);
  size_t count = 1;
  for (const int64_t dim : dims) count *= static_cast<size_t>(dim);
  std::vector<int64_t> position(dims.size(), 0);
  size_t source = 0;
  for (size_t result = 0; result < count; ++result) {
    copy(result, source);
    for (size_t axis = dims.size(); axis-- > 0;) {
      source += strides[axis];
      if (++position[axis] < dims[static_cast<size_t>(permutation[axis])]) break;
      source -= strides[axis] * static_cast<size_t>(position[axis]);
      position[axis] = 0;
    }
  }
}

}  // namespace

std::vector<std::byte> TransposeBytes(const void* data, size_t element_bytes, std::span<const int64_t> dims,
                                      std::span<const int64_t> permutation) {
  const auto* from = static_cast<const std::byte*>(data);
  size_t bytes = element_bytes;
  for (const int64_t dim : dims) bytes *= static_cast<size_t>(dim);
  std::vector<std::byte> turned(bytes);
  Walk(dims, permutation, [&](size_t result, size_t source) {
    std::memcpy(turned.data() + result * element_bytes, from + source * element_bytes, element_bytes);
  });
  return turned;
}

std::vector<float> Transpose(std::span<const float> data, std::span<const int64_t> dims,
                             std::span<const int64_t> permutation) {
  std::vector<float> turned(data.size());
  Walk(dims, permutation, [&](size_t result, size_t source) { turned[result] = data[source]; });
  return turned;
}

}  // namespace sightline::tensorflow
