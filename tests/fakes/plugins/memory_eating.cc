// A backend that takes memory, 16 MiB every 5 ms, and keeps it: up to 4 GiB, so that a test that fails to
// stop it does not take the machine down.
#include <chrono>
#include <thread>
#include <vector>

#include "tests/fakes/plugins/faulty.h"

namespace {

struct Eat {
  static constexpr const char* kName = "memory_eating";
  static sightline::kit::Status Strike() {
    constexpr size_t kBite = size_t{16} << 20;
    constexpr size_t kMost = size_t{4} << 30;
    static std::vector<std::vector<char>> eaten;
    while (eaten.size() * kBite < kMost) {
      eaten.emplace_back(kBite, 'x');
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return sightline::kit::Ok();
  }
};

}  // namespace

SIGHTLINE_KIT_BACKEND(sightline::fakes::FaultyBackend<Eat>)
