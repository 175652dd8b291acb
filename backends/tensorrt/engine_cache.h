// Built engines and timing caches on disk. Building takes minutes and gives what holds for one model on one
// kind of GPU with one set of versions and options only, so a file says all of that and is used for nothing
// else.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/kit/status.h"

namespace sightline::tensorrt {

// Everything a built engine depends on, as name and value in a fixed order: "model" (the hash of its bytes),
// "tensorrt", "device" and so on. Values are one line each.
using Facts = std::vector<std::pair<std::string, std::string>>;

// What a file begins with: a line with the format's version, one per fact, and an empty one. A line break
// inside a value becomes a space.
std::string Header(const Facts& facts);

// Files in `folder`, named after the hash of their facts. Thread-safe, and safe beside other processes: a
// file appears whole or not at all.
class EngineCache {
 public:
  // An empty `folder`: nothing is kept and nothing found.
  explicit EngineCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  bool on() const { return !folder_.empty(); }
  // What was stored with the same kind and facts; nothing if there is none or the file is damaged.
  std::optional<std::vector<std::byte>> Find(const std::string& kind, const Facts& facts) const;
  // The error says why it could not be written; whoever built the engine can go on with it.
  kit::Status Store(const std::string& kind, const Facts& facts, std::span<const std::byte> payload) const;
  // FOLDER/HASH.KIND
  std::filesystem::path PathOf(const std::string& kind, const Facts& facts) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace sightline::tensorrt
