#include "src/zoo/window.h"

#include <algorithm>

#include "src/base/check.h"

namespace sightline::zoo {
namespace {

int CeilDiv(int a, int b) {
  return (a + b - 1) / b;
}

}  // namespace

Extent Slide(int size, int kernel, int stride, Padding padding) {
  Extent extent;
  switch (padding) {
    case Padding::kSame: {
      const int total = std::max((CeilDiv(size, stride) - 1) * stride + kernel - size, 0);
      extent.before = total / 2;
      extent.after = total - total / 2;
      break;
    }
    case Padding::kValid:
      break;
    case Padding::kSymmetric:
      extent.before = extent.after = (kernel - 1) / 2;
      break;
    case Padding::kCeil:
      extent.after = CeilDiv(size - kernel, stride) * stride + kernel - size;
      break;
  }
  const int padded = size + extent.before + extent.after;
  SIGHTLINE_CHECK(padded >= kernel);
  extent.positions = (padded - kernel) / stride + 1;
  return extent;
}

}  // namespace sightline::zoo
