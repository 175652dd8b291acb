// The ranges of tensors over several pictures, for quantization.
//
// Method: of each picture the 0.01 % smallest and largest values of a tensor are left out, and what remains
// is averaged over the pictures. A few values far out would else take the steps from all others (Wu, Judd,
// Zhang, Isaev and Micikevicius, "Integer quantization for deep learning inference", arXiv 2004.09602,
// compare 99.9 to 99.9999 % with the largest value and with entropy: for convolutional networks 99.99 % costs
// no accuracy to speak of, and never fails as the largest value does). Averaging keeps one odd picture from
// deciding. Tensors of fewer than 10,000 values keep all of them.
#pragma once

#include <span>
#include <string>

#include "src/network/quantize.h"

namespace sightline::network {

class RangeCollector {
 public:
  // The values of one tensor for one picture, at least one. A value that is not finite makes the range so.
  void Add(const std::string& tensor, std::span<const float> values);
  ValueRanges Ranges() const;

 private:
  struct Sum {
    double low = 0;
    double high = 0;
    int count = 0;
  };
  std::map<std::string, Sum> sums_;
};

}  // namespace sightline::network
