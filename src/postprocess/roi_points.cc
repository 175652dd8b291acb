#include "src/postprocess/roi_points.h"

#include <algorithm>

namespace sightline::postprocess {

void PlaceRoiPoints(float from, float to, int cells, int count, RoiPoints& points) {
  const auto last = static_cast<float>(cells - 1);
  const float step = count > 1 ? (to - from) * last / static_cast<float>(count - 1) : 0;
  const float begin = count > 1 ? from * last : (from + to) / 2 * last;
  for (int i = 0; i < count; ++i) {
    const float at = std::clamp(begin + static_cast<float>(i) * step, 0.0F, last);
    const int low = static_cast<int>(at);
    points[static_cast<size_t>(i)] = {low, std::min(low + 1, cells - 1), at - static_cast<float>(low)};
  }
}

}  // namespace sightline::postprocess
