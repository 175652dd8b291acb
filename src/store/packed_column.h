// Columns of whole numbers on the way to a compressor: each value less what was to be expected, in as few
// bytes as the widest of the column takes, first all lowest bytes, then all second-lowest and so on, so that
// the noise of the low bytes doesn't hide the repetition of the high ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "src/store/record_columns.h"

namespace sightline::store {

// Appends the column to `out`. `values` is used as scratch.
void PackColumn(std::span<int64_t> values, Prediction prediction, std::string& out);

// Reads a column front to back, piece by piece.
class ColumnReader {
 public:
  // Takes a column of `count` values from the front of `bytes`, which has to outlive the reader. False: it is
  // damaged.
  bool Open(std::string_view& bytes, size_t count);

  // The next out.size() values; no more than there are.
  void Read(std::span<int64_t> out);

 private:
  const uint8_t* planes_ = nullptr;
  size_t count_ = 0;
  size_t position_ = 0;
  int width_ = 0;
  bool delta_ = false;
  int64_t base_ = 0;
  int64_t previous_ = 0;
};

}  // namespace sightline::store
