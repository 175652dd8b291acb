// One input picture on its way into the pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "src/flow/image.h"

namespace sightline {

// Either encoded bytes (`encoded` not empty) or pixels (`pixels` not empty). A frame is reused from acquire
// to acquire and keeps its memory.
struct Frame {
  uint64_t id = 0;         // counts up from 0 in the order of acquisition, over all lanes
  uint64_t picture = 0;    // which picture of the source this is: repeats when the source starts over
  int64_t capture_ns = 0;  // when the frame came into being; 0: at acquire
  std::string_view name;   // file name or "frame 17"; owned by the source
  std::span<const uint8_t> encoded;  // owned by the source, or in `storage`
  std::vector<uint8_t> storage;      // where a source that keeps no copy of its pictures reads them
  Image pixels;
};

}  // namespace sightline
