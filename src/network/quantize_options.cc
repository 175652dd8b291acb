#include "src/network/quantize_options.h"

#include <algorithm>
#include <string>

namespace sightline::network {
namespace {

constexpr int kWholeLimit = 127;
constexpr int kLimitWithoutVnni = 64;  // see QuantizeOptions::weight_limit

bool HasVnni(const MachineFacts& machine) {
  return std::any_of(
      machine.cpu_features.begin(), machine.cpu_features.end(),
      [](const std::string& feature) { return feature == "avx512_vnni" || feature == "avx_vnni"; });
}

}  // namespace

QuantizeOptions QuantizeOptionsFor(std::string_view backend, std::string_view device,
                                   const MachineFacts& machine) {
  const bool tensorrt = backend == "tensorrt";
  const bool saturates = device == "cpu" && machine.architecture == "x86_64" && !HasVnni(machine);
  return {.symmetric_activations = tensorrt,
          .quantize_biases = !tensorrt,
          .weight_limit = saturates ? kLimitWithoutVnni : kWholeLimit};
}

std::string_view WordsFor(const QuantizeOptions& options) {
  return options.weight_limit == kWholeLimit ? "quantized by Sightline, weights of 8 bits"
                                             : "quantized by Sightline, weights of 7 bits, since sums of two "
                                               "products of 8 bits are cut off on "
                                               "a processor without VNNI";
}

}  // namespace sightline::network
