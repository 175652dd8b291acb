#include "src/wire/infer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "src/wire/wrong.h"

namespace sightline::wire {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors travel as they lie in memory");

constexpr size_t kLengthBytes = sizeof(uint32_t);  // in front of each kBytes element

Status CheckLengths(int64_t elements, std::span<const std::byte> data) {
  for (int64_t i = 0; i < elements; ++i) {
    if (data.size() < kLengthBytes) {
      return Wrong(fmt::format("[{}]: 4 bytes of length expected, {} bytes are left", i, data.size()));
    }
    uint32_t length = 0;
    std::memcpy(&length, data.data(), kLengthBytes);
    data = data.subspan(kLengthBytes);
    if (data.size() < length) {
      return Wrong(fmt::format("[{}]: its length says {} bytes, {} are left", i, length, data.size()));
    }
    data = data.subspan(length);
  }
  if (data.empty()) return OkStatus();
  return Wrong(fmt::format("{} bytes are left over behind the {} elements", data.size(), elements));
}

Status CheckBools(std::span<const std::byte> data) {
  const auto wrong = std::ranges::find_if(data, [](std::byte b) { return b > std::byte{1}; });
  if (wrong == data.end()) return OkStatus();
  return Wrong(
      fmt::format("[{}]: a BOOL is 0 or 1, not {}", wrong - data.begin(), std::to_integer<int>(*wrong)));
}

}  // namespace

int64_t InferTensor::elements() const {
  if (std::ranges::count(shape, 0) > 0) return 0;  // whatever the others are
  int64_t product = 1;
  for (const int64_t dimension : shape) product *= dimension;
  return product;
}

Result<int64_t> CheckedElements(WireType type, std::span<const int64_t> shape, size_t most_bytes) {
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) return Wrong(fmt::format("[{}]: {} is negative", i, shape[i]));
  }
  if (std::ranges::count(shape, 0) > 0) return 0;
  const size_t element_bytes = type == WireType::kBytes ? kLengthBytes : WireTypeBytes(type);
  const auto most =
      static_cast<int64_t>(std::min<size_t>(most_bytes / element_bytes, std::numeric_limits<int64_t>::max()));
  // A product beyond `most` is not computed, so that none overflows.
  int64_t elements = 1;
  bool fits = elements <= most;
  for (const int64_t dimension : shape) {
    fits = fits && elements <= most / dimension;
    if (fits) elements *= dimension;
  }
  if (fits) return elements;
  return Wrong(fmt::format("[{}] of {} needs more than the {} bytes allowed for a tensor",
                           fmt::join(shape, ", "), WireTypeName(type), most_bytes));
}

Status CheckData(WireType type, int64_t elements, std::span<const std::byte> data) {
  if (type == WireType::kBytes) return CheckLengths(elements, data);
  const size_t needed = static_cast<size_t>(elements) * WireTypeBytes(type);
  if (data.size() != needed) {
    return Wrong(fmt::format("{} bytes, where {} elements of {} need {}", data.size(), elements,
                             WireTypeName(type), needed));
  }
  return type == WireType::kBool ? CheckBools(data) : OkStatus();
}

}  // namespace sightline::wire
