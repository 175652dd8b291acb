// What a classification network says about one picture.
#pragma once

namespace sightline {

// How many of the best classes are kept for each frame.
constexpr int kTopK = 5;

// `index` is -1 where a network has fewer classes than were asked for.
struct ClassScore {
  int index = -1;
  float score = 0;
  friend bool operator==(const ClassScore&, const ClassScore&) = default;
};

}  // namespace sightline
