// How places in the network's input become places in the picture.
#pragma once

namespace sightline::postprocess {

// Fraction of the picture = fraction of the input * scale + offset, for each axis by itself. As it stands:
// the whole picture fills the whole input, whatever its aspect.
struct PictureMap {
  float scale_x = 1;
  float offset_x = 0;
  float scale_y = 1;
  float offset_y = 0;
  friend bool operator==(const PictureMap&, const PictureMap&) = default;
};

}  // namespace sightline::postprocess
