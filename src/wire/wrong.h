// What is said of a message that is not as it should be. Private to the room.
#pragma once

#include <string>
#include <utility>

#include "src/base/result.h"

namespace sightline::wire {

inline Error Wrong(std::string sentence) {
  return {ErrorKind::kInvalidArgument, std::move(sentence)};
}

}  // namespace sightline::wire
