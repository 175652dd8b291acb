// What TensorRT can do from which version on; needs none of its headers.
#pragma once

#include <cstdint>
#include <string>

#include "backends/kit/status.h"

namespace sightline::tensorrt {

struct Version {
  int major = 0;
  int minor = 0;
  int patch = 0;

  std::string Text() const;  // "10.13.3"
};

// Of the number a library gives: major * 1000 + minor * 100 + patch up to TensorRT 9, major * 10000 + ...
// from 10 on.
Version VersionOf(int32_t number);

// Whether a plugin built with the headers of `built` can use the library `found`: the same major version, not
// older, and within 8.6 to 11. The error says what to do.
kit::Status CheckLibrary(const Version& built, const Version& found);

// From 11 on every network is strongly typed: the builder has no flags for fp16 and int8, a network computes
// in the types it is written in.
bool HasPrecisionFlags(const Version& version);

}  // namespace sightline::tensorrt
