// What is said where outputs and the description of how to read them disagree. Private to the room.
#pragma once

#include <string>
#include <utility>

#include "src/base/result.h"

namespace sightline::postprocess {

inline Error Misfit(std::string sentence) {
  return Error(ErrorKind::kInvalidArgument, std::move(sentence));
}

}  // namespace sightline::postprocess
