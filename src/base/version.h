// Which build this is.
#pragma once

#include <string>

namespace sightline {

std::string VersionText();  // "sightline 0.1.0 (abc1234)"
std::string BuildText();    // "g++ 12.2.0, Release, abc1234"

}  // namespace sightline
