#include "src/postprocess/candidates.h"

#include <algorithm>

namespace sightline::postprocess {
namespace {

void MapAxis(std::vector<float>& values, float scale, float offset) {
  for (float& value : values) value = std::clamp(value * scale + offset, 0.0F, 1.0F);
}

}  // namespace

void CandidateSet::MapToPicture(const PictureMap& map) {
  MapAxis(left_, map.scale_x, map.offset_x);
  MapAxis(right_, map.scale_x, map.offset_x);
  MapAxis(top_, map.scale_y, map.offset_y);
  MapAxis(bottom_, map.scale_y, map.offset_y);
  size_t left_over = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const auto place = static_cast<size_t>(candidates_[i].place);
    if (left_[place] >= right_[place] || top_[place] >= bottom_[place]) continue;
    candidates_[left_over] = candidates_[i];
    scores_[left_over] = scores_[i];
    ++left_over;
  }
  candidates_.resize(left_over);
  scores_.resize(left_over);
}

}  // namespace sightline::postprocess
