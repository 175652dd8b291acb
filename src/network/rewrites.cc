#include "src/network/rewrites.h"
namespace sightline::network {
std::span<const Rewrite> Rewrites() {
  return {};
}
}  // namespace sightline::network
