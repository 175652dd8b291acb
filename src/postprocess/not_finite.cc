#include "src/postprocess/not_finite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sightline::postprocess {

size_t FirstNotFinite(const float* values, size_t count) {
  return static_cast<size_t>(
      std::find_if(values, values + count, [](float value) { return !std::isfinite(value); }) - values);
}

Error NotFinite(const std::string& place) {
  return Error(ErrorKind::kInternal, "the network's output is not a number or infinite, first in " + place +
                                         "; check the weights and the preprocessing");
}

Error NotFiniteInTable(const float* values, size_t rows, size_t columns, const char* row) {
  const size_t bad = FirstNotFinite(values, rows * columns);
  return NotFinite(fmt::format("{} {}, column {}", row, bad / columns, bad % columns));
}

}  // namespace sightline::postprocess
