// Where the network's input lies in the picture: the inverse of preprocessing's geometry.
#pragma once

#include "src/flow/image.h"
#include "src/flow/task.h"
#include "src/postprocess/picture_map.h"

namespace sightline::pipeline {

// For a picture of that size, as decoded; one of 0 x 0 is not known, and the input stands for it.
postprocess::PictureMap MapOf(const PreprocessSpec& spec, PictureSize picture);

}  // namespace sightline::pipeline
