#include "src/analyze/box_overlap.h"

#include <algorithm>

namespace sightline::analyze {

double Area(const Box& box) {
  return std::max(0.0, static_cast<double>(box.right) - box.left) *
         std::max(0.0, static_cast<double>(box.bottom) - box.top);
}

double CommonArea(const Box& a, const Box& b) {
  return Area({std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
               std::min(a.bottom, b.bottom)});
}

double Iou(const Box& a, const Box& b) {
  const double both = CommonArea(a, b);
  const double either = Area(a) + Area(b) - both;
  return either > 0 ? both / either : 0;
}

}  // namespace sightline::analyze
