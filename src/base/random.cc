#include "src/base/random.h"

namespace sightline {

uint64_t SeedFor(uint64_t root_seed, std::string_view stream) {
  uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a 64: offset basis and prime as published by Fowler, Noll, Vo
  for (const char c : stream) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3u;
  }
  return SplitMix64(root_seed ^ hash).Next();
}

}  // namespace sightline
