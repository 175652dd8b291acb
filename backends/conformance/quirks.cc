#include "backends/conformance/quirks.h"

#include <algorithm>
#include <array>

namespace sightline::conformance {
namespace {

constexpr std::array<Quirks, 4> kQuirks = {{
    {.backend = "null",
     .computes = false,
     .knows_operators = false,
     .slow_option = "delay_us",
     .slow_value = "3600000000",
     .reason = "it is the harness's floor: it reads the network's inputs and outputs and computes nothing"},
    {.backend = "opencv",
     .fp32_only = true,
     .reason = "its networks compute on blobs of fp32; other types would be converted on the way"},
    {.backend = "tensorrt", .device = "cuda:0", .reason = "it computes on NVIDIA GPUs only"},
    {.backend = "openvino",
     .int8_by_model = true,
     .reason = "it computes in int8 what a model quantizes, and quantizes nothing itself"},
}};

}  // namespace

const Quirks& QuirksOf(std::string_view backend) {
  static constexpr Quirks kNone;
  const auto* found = std::find_if(kQuirks.begin(), kQuirks.end(),
                                   [&](const Quirks& quirks) { return quirks.backend == backend; });
  return found == kQuirks.end() ? kNone : *found;
}

}  // namespace sightline::conformance
