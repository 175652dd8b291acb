// Bytes and text as tests of messages compare them.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "src/wire/infer.h"

namespace sightline::wire {

inline std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Of no bytes in no region where the tensor is not in shared memory.
template <typename Tensor>
SharedMemoryPiece PieceOf(const Tensor& tensor) {
  return tensor.shared_memory.value_or(SharedMemoryPiece());
}

}  // namespace sightline::wire
