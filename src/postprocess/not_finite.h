// What is said of outputs that hold NaN or infinities.
#pragma once

#include <cstddef>
#include <string>

#include "src/base/result.h"

namespace sightline::postprocess {

// The index of the first of `count` values that is NaN or infinite; `count`: none is.
size_t FirstNotFinite(const float* values, size_t count);

// kInternal; `place` in words: "the scores of anchor 7, column 3".
Error NotFinite(const std::string& place);

// The same for a table of `rows` x `columns` values of which one is not finite; `row` in words: "the scores
// of anchor".
Error NotFiniteInTable(const float* values, size_t rows, size_t columns, const char* row);

}  // namespace sightline::postprocess
